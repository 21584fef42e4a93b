import { createSignal, For, Show } from 'solid-js';
import type { Flag, FlagsAnswer } from '../../api/admin';
import { ApiError, asApiError } from '../../api/error';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { w } from '../messages';
import { Badge, Panel } from '../ui/bits';
import { CommandDialog } from '../ui/Dialog';
import { Segments, TextArea } from '../ui/fields';
import { createLoad, type Load } from '../ui/load';
import { ErrorPanel, errorText, Skeleton } from '../ui/States';

/** What is switched on, for whom. A switch takes effect at once here and within half a minute for the drivers. */
export function FlagsSection() {
  const load = createLoad(
    () => 0,
    () => api.flags(),
  );
  return (
    <>
      <p class="lead small">{w().flags.lead}</p>
      <Show when={load.error()}>{(error) => <ErrorPanel error={error()} onRetry={() => void load.reload()} />}</Show>
      <Show when={load.loading() && !load.data()}>
        <Skeleton />
      </Show>
      <Show when={load.data()}>
        {(answer) => (
          <For each={answer().items.map(({ flag }) => flag)}>
            {(name) => <FlagPanel name={name} answer={answer()} load={load} />}
          </For>
        )}
      </Show>
    </>
  );
}

function FlagPanel(props: { name: string; answer: FlagsAnswer; load: Load<FlagsAnswer> }) {
  const words = () => w().flags;
  const flag = (): Flag =>
    props.answer.items.find(({ flag: name }) => name === props.name) ?? {
      flag: props.name,
      rule: 'off',
      drivers: [],
      default: 'off',
    };
  const known = () => (words().names as Record<string, readonly [string, string]>)[props.name];
  const [asking, setAsking] = createSignal(false);
  const isDefault = () => flag().default === flag().rule;

  async function set(rule: Flag['rule']): Promise<void> {
    if (rule === 'drivers') return void setAsking(true);
    const before = props.answer;
    const items = before.items.map((each) => (each.flag === props.name ? { ...each, rule } : each));
    props.load.set({ ...before, items });
    try {
      props.load.set(await api.setFlag(props.name, rule, [], before.version));
      showToast(words().changed);
    } catch (reason) {
      const error = asApiError(reason);
      props.load.set(before);
      showToast(error.code === 'settings_changed' ? words().conflict : errorText(error));
      if (error.code === 'settings_changed') void props.load.reload();
    }
  }
  return (
    <Panel testId={`flag-${props.name}`}>
      <div class="flag">
        <div class="flag-text">
          <h2>{known()?.[0] ?? props.name}</h2>
          <p class="small">{known()?.[1]}</p>
          <p class="small">
            <code>{props.name}</code> · {isDefault() ? words().isDefault : words().isChanged}
          </p>
        </div>
        <Show
          when={may('change_flags')}
          fallback={<Badge tone={flag().rule === 'off' ? 'plain' : 'good'}>{words().rules[flag().rule]}</Badge>}
        >
          <Segments
            label={props.name}
            value={flag().rule}
            onChange={(rule) => void set(rule)}
            testId={`rule-${props.name}`}
            options={[
              ['off', words().rules.off],
              ['drivers', words().rules.drivers],
              ['on', words().rules.on],
            ]}
          />
        </Show>
      </div>
      <Show when={flag().rule === 'drivers'}>
        <p class="flag-drivers">
          {words().driversOf(flag().drivers.length)}: {flag().drivers.join(', ')}{' '}
          <Show when={may('change_flags')}>
            <button class="button button-small" type="button" onClick={() => setAsking(true)}>
              {words().changeDrivers}
            </button>
          </Show>
        </p>
      </Show>
      <Show when={asking()}>
        <DriversDialog
          flag={flag()}
          version={props.answer.version}
          onClose={() => setAsking(false)}
          onDone={props.load.set}
          onConflict={() => void props.load.reload()}
        />
      </Show>
    </Panel>
  );
}

function DriversDialog(props: {
  flag: Flag;
  version: number;
  onClose: () => void;
  onDone: (answer: FlagsAnswer) => void;
  onConflict: () => void;
}) {
  const words = () => w().flags;
  const [text, setText] = createSignal(props.flag.drivers.join('\n'));
  const ids = () =>
    text()
      .split(/[\s,;]+/)
      .filter(Boolean);
  return (
    <CommandDialog
      title={words().driversTitle}
      submit={w().save}
      onClose={props.onClose}
      check={() => ({
        drivers: ids().length === 0 || ids().some((id) => !/^\d{1,15}$/.test(id)) ? words().driversWrong : undefined,
      })}
      run={async () => {
        try {
          props.onDone(await api.setFlag(props.flag.flag, 'drivers', ids().map(Number), props.version));
          showToast(words().changed);
        } catch (error) {
          if (error instanceof ApiError && error.code === 'settings_changed') props.onConflict();
          throw error;
        }
      }}
    >
      {(form) => (
        <TextArea
          label={words().driversLabel}
          name="drivers"
          rows={5}
          keepLines
          value={text()}
          onInput={setText}
          form={form}
          hint={words().driversHint}
        />
      )}
    </CommandDialog>
  );
}
