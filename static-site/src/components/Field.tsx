import { createUniqueId, Show, type JSX } from 'solid-js';

interface Props {
  label: string;
  error?: string | undefined;
  hint?: JSX.Element;
  /** Gets the ids and states that tie the input to its label and its error. */
  children: (input: { id: string; 'aria-describedby': string; 'aria-invalid': boolean }) => JSX.Element;
}

/** A labelled input with its hint and its error. */
export function Field(props: Props) {
  const id = createUniqueId();
  return (
    <div class="field" classList={{ 'field-wrong': !!props.error }}>
      <label for={id}>{props.label}</label>
      {props.children({
        id,
        'aria-describedby': `${id}-about`,
        get 'aria-invalid'() {
          return !!props.error;
        },
      })}
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
