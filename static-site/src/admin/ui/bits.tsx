import { createSignal, For, type JSX, Show } from 'solid-js';
import { copyText } from '../../platform/clipboard';
import { showToast } from '../../ui/toast';
import { may } from '../app';
import { fullMoment, momentOf } from '../display';
import { w } from '../messages';
import { hrefOf } from '../route';

export type Tone = 'good' | 'bad' | 'warn' | 'plain';

/** A state in a word. */
export function Badge(props: { tone: Tone; children: JSX.Element; testId?: string }) {
  return (
    <span class="badge" data-tone={props.tone} data-testid={props.testId}>
      {props.children}
    </span>
  );
}

/** An instant, short, and in full for whoever asks. The end of a subscription names its year: it may be years away. */
export function Moment(props: { at: string | null | undefined; withYear?: boolean }) {
  return (
    <Show when={props.at} fallback="—">
      {(at) => (
        <time dateTime={at()} title={fullMoment(at())}>
          {momentOf(at(), props.withYear)}
        </time>
      )}
    </Show>
  );
}

export type Fact = [title: string, value: JSX.Element, testId?: string] | null | false;

/** What is known of a thing, by name. */
export function Facts(props: { facts: Fact[] }) {
  return (
    <dl class="facts">
      <For each={props.facts.filter((fact): fact is Exclude<Fact, null | false> => !!fact)}>
        {([title, value, testId]) => (
          <div>
            <dt>{title}</dt>
            <dd data-testid={testId}>{value}</dd>
          </div>
        )}
      </For>
    </dl>
  );
}

/** Something to be looked at as it is. */
export function Json(props: { title: string; value: unknown; open?: boolean }) {
  return (
    <details class="json disclosure" open={props.open === true}>
      <summary>{props.title}</summary>
      <pre tabindex="0">{JSON.stringify(props.value, null, 2)}</pre>
    </details>
  );
}

/** An id that can be copied with a tap. */
export function Id(props: { id: string; short?: boolean }) {
  return (
    <button
      class="id"
      type="button"
      title={w().copy}
      onClick={() => void copyText(props.id).then((copied) => showToast(copied ? w().copied : w().copyFailed))}
    >
      <code>{props.short && props.id.length > 13 ? `${props.id.slice(0, 8)}…` : props.id}</code>
    </button>
  );
}

/** The way to a driver, for whoever may see drivers: by name, with the id beside it. */
export function DriverLink(props: { id: number | string; name?: string | null | undefined }) {
  const name = () => props.name || null;
  return (
    <>
      <Show when={may('see_drivers')} fallback={name() ?? props.id}>
        <a class="inline-link" href={hrefOf('drivers', props.id)}>
          {name() ?? props.id}
        </a>
      </Show>
      <Show when={name()}>
        {' '}
        <span class="small person-id">{props.id}</span>
      </Show>
    </>
  );
}

/** A heading with what belongs to it. */
export function Panel(props: { title?: string; children: JSX.Element; actions?: JSX.Element; testId?: string }) {
  return (
    <section class="panel" data-testid={props.testId}>
      <Show when={props.title || props.actions}>
        <div class="panel-head">
          <h2>{props.title}</h2>
          <div class="actions">{props.actions}</div>
        </div>
      </Show>
      {props.children}
    </section>
  );
}

/** A button that opens a dialog, and the dialog. */
export function Opens(props: {
  text: string;
  testId: string;
  danger?: boolean;
  main?: boolean;
  dialog: (close: () => void) => JSX.Element;
}) {
  const [open, setOpen] = createSignal(false);
  return (
    <>
      <button
        class="button button-small"
        classList={{ 'button-danger': props.danger === true, 'button-main': props.main === true }}
        type="button"
        data-testid={props.testId}
        onClick={() => setOpen(true)}
      >
        {props.text}
      </button>
      <Show when={open()}>{props.dialog(() => setOpen(false))}</Show>
    </>
  );
}
