import { type JSX, Show } from 'solid-js';

/** A fact with its name; nothing where it is not known. */
export function FactRow(props: { name: string; children: JSX.Element }) {
  return (
    <Show when={props.children}>
      <div>
        <dt>{props.name}</dt>
        <dd>{props.children}</dd>
      </div>
    </Show>
  );
}
