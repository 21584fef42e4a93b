import { createSignal, Show } from 'solid-js';
import { randomUuid } from '../../platform/session';
import { showToast } from '../../ui/toast';
import { api } from '../app';
import { moscowDay, wholeOf } from '../display';
import { w } from '../messages';
import { CommandDialog } from '../ui/Dialog';
import { Input, Reason, Segments } from '../ui/fields';

/** Something that needs a reason and no more. */
export function ReasonDialog(props: {
  title: string;
  text?: string;
  submit: string;
  danger?: boolean;
  onClose: () => void;
  run: (reason: string) => Promise<void>;
}) {
  const [reason, setReason] = createSignal('');
  return (
    <CommandDialog
      title={props.title}
      text={props.text ? <p>{props.text}</p> : undefined}
      submit={props.submit}
      danger={props.danger === true}
      onClose={props.onClose}
      check={() => ({ reason: reason().trim() === '' ? w().reasonMissing : undefined })}
      run={() => props.run(reason().trim())}
    >
      {(form) => <Reason value={reason()} onInput={setReason} form={form} />}
    </CommandDialog>
  );
}

const GIFTS = ['7', '30', '90'] as const;

/** Days given, taken back, or an end that is set. Its key is made with the dialog, so that it happens once. */
export function DaysDialog(props: {
  kind: 'gift' | 'extend' | 'revoke';
  id: string;
  name: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const words = () => w().driver;
  const key = randomUuid();
  const [days, setDays] = createSignal(props.kind === 'gift' ? '30' : '');
  const [until, setUntil] = createSignal('');
  const [reason, setReason] = createSignal('');
  const count = () => wholeOf(days(), 1, 3650);
  return (
    <CommandDialog
      title={words().daysTitle[props.kind](props.name)}
      submit={words()[props.kind]}
      danger={props.kind === 'revoke'}
      testId="days-dialog"
      onClose={props.onClose}
      check={() => ({
        days: props.kind !== 'extend' && count() === null ? words().daysWrong : undefined,
        until: props.kind === 'extend' && until() < moscowDay() ? words().untilWrong : undefined,
        reason: reason().trim() === '' ? w().reasonMissing : undefined,
      })}
      run={async () => {
        const said = reason().trim();
        const answer = await api.changeSubscription(
          props.id,
          props.kind === 'extend'
            ? { action: 'extend', until: until(), reason: said }
            : { action: props.kind, days: count() ?? 0, reason: said },
          key,
        );
        props.onDone();
        showToast('request' in answer ? words().daysAsked : words().daysDone[props.kind]);
      }}
    >
      {(form) => (
        <>
          <Show
            when={props.kind !== 'extend'}
            fallback={
              <Input
                label={words().extendUntil}
                name="until"
                type="date"
                value={until()}
                onInput={setUntil}
                form={form}
                hint={words().extendHint}
              />
            }
          >
            <Show when={props.kind === 'gift'}>
              <Segments
                label={words().days}
                value={days()}
                onChange={setDays}
                testId="gift-days"
                options={GIFTS.map((each) => [each as string, w().format.days(Number(each))] as const)}
              />
            </Show>
            <Input label={words().days} name="days" inputmode="numeric" value={days()} onInput={setDays} form={form} />
          </Show>
          <Reason value={reason()} onInput={setReason} form={form} />
        </>
      )}
    </CommandDialog>
  );
}

/** Deletes what is known of a driver; the id has to be typed, because nothing brings it back. */
export function EraseDialog(props: { id: string; name: string; onClose: () => void; onDone: () => void }) {
  const words = () => w().driver;
  const [typed, setTyped] = createSignal('');
  const [reason, setReason] = createSignal('');
  return (
    <CommandDialog
      title={words().eraseTitle(props.name)}
      text={
        <>
          <p>{words().eraseText}</p>
          <p class="small">{words().eraseKept}</p>
        </>
      }
      submit={words().eraseSubmit}
      danger
      testId="erase-dialog"
      onClose={props.onClose}
      check={() => ({
        confirm: typed().trim() === props.id ? undefined : words().eraseMismatch,
        reason: reason().trim() === '' ? w().reasonMissing : undefined,
      })}
      run={async () => {
        await api.deleteDriver(props.id, reason().trim());
        props.onDone();
        showToast(words().erased);
      }}
    >
      {(form) => (
        <>
          <Reason value={reason()} onInput={setReason} form={form} focus />
          <Input
            label={words().eraseConfirm(props.id)}
            name="confirm"
            inputmode="numeric"
            value={typed()}
            onInput={setTyped}
            form={form}
          />
        </>
      )}
    </CommandDialog>
  );
}
