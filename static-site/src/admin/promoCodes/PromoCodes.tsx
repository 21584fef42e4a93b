import { createSignal, Show } from 'solid-js';
import type { PromoCode } from '../../api/admin';
import { ApiError, asApiError } from '../../api/error';
import { randomUuid } from '../../platform/session';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { moscowDay, wholeOf } from '../display';
import { w } from '../messages';
import { hrefOf } from '../route';
import { Badge, DriverLink, Facts, Id, Moment, Opens, Panel } from '../ui/bits';
import { type Column, DataList } from '../ui/DataList';
import { CommandDialog } from '../ui/Dialog';
import { Input, Segments, Switch } from '../ui/fields';
import { createList, createLoad } from '../ui/load';
import { ErrorPanel, errorText, Skeleton } from '../ui/States';

function actionText(code: PromoCode): string {
  return code.action === 'trial'
    ? w().promo.trialFor(w().format.days(code.days))
    : w().promo.extendBy(w().format.days(code.days));
}

/** Whether anybody can use the code now. */
function PromoState(props: { row: PromoCode }) {
  const tones = { works: 'good', off: 'plain', early: 'warn', ended: 'bad', used_up: 'bad' } as const;
  return (
    <Badge tone={tones[props.row.state]} testId={`promo-state-${props.row.code}`}>
      {w().promo.states[props.row.state]}
    </Badge>
  );
}

/** Promo codes: made, switched, looked into. */
export function PromoCodesSection() {
  const words = () => w().promo;
  const list = createList<PromoCode>(
    () => 'promo-codes',
    () => ({}),
  );
  const [creating, setCreating] = createSignal(false);

  async function enable(code: PromoCode, enabled: boolean): Promise<void> {
    // At once, and back when the server says no.
    const shown = { ...code, enabled };
    list.change(code, shown);
    try {
      list.change(shown, { ...shown, ...(await api.enablePromoCode(code.code, enabled)) });
      showToast(enabled ? words().enabledNow : words().disabledNow);
    } catch (error) {
      list.change(shown, code);
      showToast(errorText(asApiError(error)));
    }
  }
  const columns = (): Column<PromoCode>[] => [
    { title: words().code, plain: true, cell: (row) => <b class="code">{row.code}</b> },
    { title: words().action, plain: true, cell: actionText },
    { title: words().uses, numeric: true, cell: (row) => words().usesOf(row.uses, row.max_uses) },
    { title: words().from, cell: (row) => <Moment at={row.valid_from} /> },
    { title: words().until, cell: (row) => <Moment at={row.valid_until} /> },
    {
      title: words().enabled,
      cell: (row) => (
        <span class="badges">
          <PromoState row={row} />
          <Show when={may('change_promo_codes') && row.state !== 'ended'}>
            <Switch
              label={words().enabledLabel(row.code)}
              checked={row.enabled}
              testId={`enabled-${row.code}`}
              onChange={(enabled) => void enable(row, enabled)}
            />
          </Show>
        </span>
      ),
    },
  ];
  const create = () => (
    <Show when={may('change_promo_codes')}>
      <button
        class="button button-main button-small"
        type="button"
        data-testid="promo-create"
        onClick={() => setCreating(true)}
      >
        {words().create}
      </button>
    </Show>
  );
  return (
    <>
      <div class="actions">{create()}</div>
      <DataList
        list={list}
        columns={columns()}
        label={w().sections['promo-codes']}
        href={(row) => hrefOf('promo-codes', row.code)}
        testId="promo-row"
        empty={words().empty}
        file="promo-codes"
      />
      <Show when={creating()}>
        <CreateDialog onClose={() => setCreating(false)} onDone={() => void list.reload()} />
      </Show>
    </>
  );
}

/** No letters or digits that look like others. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** A code that is hard to guess and easy to read out. */
function makeCode(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => LETTERS[byte % LETTERS.length]).join('');
}

/** `2026-12-31` in Moscow as the instant at its beginning, or at its end. */
function moscowInstant(day: string, end: boolean): string | null {
  if (day === '') return null;
  return new Date(`${day}T${end ? '23:59:59' : '00:00:00'}+03:00`).toISOString();
}

/** What is wrong with a last day; nothing when there is none. */
function untilWrong(from: string, until: string): string | undefined {
  if (until && from && until < from) return w().promo.orderWrong;
  return until && until < moscowDay() ? w().errors.fields.in_the_past : undefined;
}

/** Moves the end of a code, and changes how often it can be used. */
function ChangeDialog(props: { code: PromoCode; onClose: () => void; onDone: (code: PromoCode) => void }) {
  const words = () => w().promo;
  const day = (at: string | null) => (at ? moscowDay(0, Date.parse(at)) : '');
  const [uses, setUses] = createSignal(String(props.code.max_uses));
  const [until, setUntil] = createSignal(day(props.code.valid_until));
  const most = () => wholeOf(uses(), 1, 1_000_000);
  return (
    <CommandDialog
      title={words().changeTitle(props.code.code)}
      submit={w().save}
      testId="promo-change-dialog"
      onClose={props.onClose}
      check={() => ({
        max_uses:
          most() === null
            ? words().usesWrong
            : (most() ?? 0) < props.code.uses
              ? words().usesFew(props.code.uses)
              : undefined,
        valid_until: untilWrong(day(props.code.valid_from), until()),
      })}
      run={async () => {
        const change = { max_uses: most() ?? 0, valid_until: moscowInstant(until(), true) };
        props.onDone(await api.changePromoCode(props.code.code, change));
        showToast(words().changed);
      }}
    >
      {(form) => (
        <div class="form-grid">
          <Input
            label={words().maxUses}
            name="max_uses"
            inputmode="numeric"
            value={uses()}
            onInput={setUses}
            form={form}
          />
          <Input
            label={words().until}
            name="valid_until"
            type="date"
            value={until()}
            onInput={setUntil}
            form={form}
            hint={words().noEnd}
          />
        </div>
      )}
    </CommandDialog>
  );
}

function CreateDialog(props: { onClose: () => void; onDone: () => void }) {
  const words = () => w().promo;
  const key = randomUuid();
  const [code, setCode] = createSignal('');
  const [action, setAction] = createSignal<'extend' | 'trial'>('extend');
  const [days, setDays] = createSignal('30');
  const [uses, setUses] = createSignal('100');
  const [from, setFrom] = createSignal('');
  const [until, setUntil] = createSignal('');
  let sent: string | null = null;

  async function run(): Promise<void> {
    // A code of our own making is the same for each repeat.
    const name = code().trim().toUpperCase() || (sent ?? makeCode());
    sent = name;
    const promo = {
      code: name,
      action: action(),
      days: wholeOf(days()) ?? 0,
      max_uses: wholeOf(uses()) ?? 0,
      valid_from: moscowInstant(from(), false),
      valid_until: moscowInstant(until(), true),
      enabled: true,
    };
    const made = await api.createPromoCode(promo, key);
    props.onDone();
    showToast(words().created(made.code));
  }
  return (
    <CommandDialog
      title={words().createTitle}
      submit={words().create}
      testId="promo-dialog"
      onClose={props.onClose}
      check={() => ({
        code: code().trim() === '' || /^[a-z0-9]{3,32}$/i.test(code().trim()) ? undefined : words().codeWrong,
        days: wholeOf(days(), 1, 3650) === null ? w().driver.daysWrong : undefined,
        max_uses: wholeOf(uses()) === null ? words().usesWrong : undefined,
        valid_until: untilWrong(from(), until()),
      })}
      run={async () => {
        try {
          await run();
        } catch (error) {
          if (error instanceof ApiError && error.code === 'promo_code_exists' && code().trim() === '') sent = null;
          throw error;
        }
      }}
    >
      {(form) => (
        <>
          <Input
            label={words().codeOptional}
            name="code"
            value={code()}
            onInput={setCode}
            form={form}
            hint={words().codeHint}
            maxlength={32}
          />
          <Segments
            label={words().action}
            value={action()}
            onChange={setAction}
            testId="promo-action"
            options={[
              ['extend', words().actions.extend],
              ['trial', words().actions.trial],
            ]}
          />
          <div class="form-grid">
            <Input
              label={w().driver.days}
              name="days"
              inputmode="numeric"
              value={days()}
              onInput={setDays}
              form={form}
            />
            <Input
              label={words().maxUses}
              name="max_uses"
              inputmode="numeric"
              value={uses()}
              onInput={setUses}
              form={form}
            />
            <Input label={words().from} name="valid_from" type="date" value={from()} onInput={setFrom} form={form} />
            <Input
              label={words().until}
              name="valid_until"
              type="date"
              value={until()}
              onInput={setUntil}
              form={form}
            />
          </div>
        </>
      )}
    </CommandDialog>
  );
}

/** A promo code and who used it. */
export function PromoCodeScreen(props: { id: string }) {
  const words = () => w().promo;
  const load = createLoad(() => props.id, api.promoCode);
  const list = createList<{ driver_id: number; driver_name: string | null; at: string }>(
    () => `promo-codes/${encodeURIComponent(props.id)}/uses`,
    () => ({}),
  );
  async function enable(enabled: boolean): Promise<void> {
    const before = load.data();
    if (!before) return;
    load.set({ ...before, enabled });
    try {
      load.set({ ...before, ...(await api.enablePromoCode(before.code, enabled)) });
    } catch (error) {
      load.set(before);
      showToast(errorText(asApiError(error)));
    }
  }
  return (
    <>
      <Show when={load.error()}>{(error) => <ErrorPanel error={error()} onRetry={() => void load.reload()} />}</Show>
      <Show when={load.loading() && !load.data()}>
        <Skeleton />
      </Show>
      <Show when={load.data()}>
        {(code) => (
          <Panel
            testId="promo-code"
            title={code().code}
            actions={
              <span class="badges">
                <PromoState row={code()} />
                <Show when={may('change_promo_codes')}>
                  <Switch
                    label={words().enabledLabel(code().code)}
                    checked={code().enabled}
                    onChange={(enabled) => void enable(enabled)}
                  />
                </Show>
              </span>
            }
          >
            <Facts
              facts={[
                [words().code, <Id id={code().code} />],
                [words().action, actionText(code())],
                [words().uses, words().usesOf(code().uses, code().max_uses), 'promo-uses'],
                [words().from, <Moment at={code().valid_from} />],
                [words().until, <Moment at={code().valid_until} />],
                !!code().created_by && [
                  words().createdBy,
                  <DriverLink id={code().created_by ?? ''} name={code().created_by_name} />,
                ],
                !!code().created_at && [words().createdAt, <Moment at={code().created_at} />],
              ]}
            />
            <Show when={may('change_promo_codes')}>
              <div class="actions">
                <Opens
                  text={words().change}
                  testId="promo-change"
                  dialog={(close) => <ChangeDialog code={code()} onClose={close} onDone={load.set} />}
                />
              </div>
            </Show>
          </Panel>
        )}
      </Show>
      <h2 class="section-title">{words().usedBy}</h2>
      <DataList
        list={list}
        columns={[
          {
            title: words().driver,
            plain: true,
            cell: (row) => <DriverLink id={row.driver_id} name={row.driver_name} />,
          },
          { title: words().usedAt, plain: true, cell: (row) => <Moment at={row.at} /> },
        ]}
        label={words().usedBy}
        testId="promo-use"
        empty={words().noUses}
      />
    </>
  );
}
