import { createUniqueId, type JSX, Show } from 'solid-js';

interface Props {
  label: string;
  error?: string | undefined;
  hint?: JSX.Element;
  /** Makes the input, with the ids that tie it to its label and to its hint or error. */
  children: (id: string, aboutId: string) => JSX.Element;
}

/** A labelled input with its hint and its error. */
export function Field(props: Props) {
  const id = createUniqueId();
  return (
    <div class="field" classList={{ 'field-wrong': !!props.error }}>
      <label for={id}>{props.label}</label>
      {props.children(id, `${id}-about`)}
      <div id={`${id}-about`}>
        <Show when={props.error} fallback={props.hint}>
          <p class="field-error" role="alert">
            {props.error}
          </p>
        </Show>
      </div>
    </div>
  );
}
