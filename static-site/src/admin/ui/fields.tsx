import { For, type JSX } from 'solid-js';
import { Field } from '../../ui/Field';
import { w } from '../messages';
import type { FormState } from './Dialog';

interface InputProps {
  label: string;
  name: string;
  value: string;
  onInput: (value: string) => void;
  form?: FormState;
  error?: string | undefined;
  hint?: string | undefined;
  type?: 'text' | 'number' | 'date' | 'datetime-local' | 'password' | 'search';
  inputmode?: 'numeric' | 'decimal' | 'text';
  autocomplete?: string;
  maxlength?: number;
  focus?: boolean;
}

const small = (text: string | undefined): JSX.Element => (text ? <p class="small">{text}</p> : null);

/** A labelled input of one line. */
export function Input(props: InputProps) {
  return (
    <Field label={props.label} error={props.error ?? props.form?.wrong(props.name)} hint={small(props.hint)}>
      {(id, about) => (
        <input
          id={id}
          name={props.name}
          data-testid={props.name}
          aria-describedby={about}
          type={props.type ?? 'text'}
          inputmode={props.inputmode}
          autocomplete={props.autocomplete ?? 'off'}
          maxlength={props.maxlength}
          data-autofocus={props.focus ? '' : undefined}
          value={props.value}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** A labelled text of several lines. */
export function TextArea(props: InputProps & { rows?: number; keepLines?: boolean }) {
  return (
    <Field label={props.label} error={props.error ?? props.form?.wrong(props.name)} hint={small(props.hint)}>
      {(id, about) => (
        <textarea
          id={id}
          name={props.name}
          data-testid={props.name}
          aria-describedby={about}
          rows={props.rows ?? 2}
          maxlength={props.maxlength}
          data-autofocus={props.focus ? '' : undefined}
          value={props.value}
          onInput={(event) => props.onInput(event.currentTarget.value)}
          onKeyDown={(event) => {
            // A reason is one line: Enter sends it.
            if (event.key !== 'Enter' || event.isComposing || props.keepLines) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
      )}
    </Field>
  );
}

interface ReasonProps {
  value: string;
  onInput: (value: string) => void;
  form: FormState;
  label?: string;
  name?: string;
  focus?: boolean;
  hint?: string;
}

/** Why something is done; the audit log keeps it. */
export function Reason(props: ReasonProps) {
  return (
    <TextArea
      label={props.label ?? w().reason}
      name={props.name ?? 'reason'}
      maxlength={250}
      value={props.value}
      onInput={props.onInput}
      form={props.form}
      focus={props.focus ?? false}
      hint={props.hint ?? w().reasonHint}
    />
  );
}

interface SelectProps {
  label: string;
  name: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  onChange: (value: string) => void;
  error?: string | undefined;
  hint?: string;
}

/** A labelled choice of one. */
export function Select(props: SelectProps) {
  return (
    <Field label={props.label} error={props.error} hint={small(props.hint)}>
      {(id, about) => (
        <select
          id={id}
          name={props.name}
          data-testid={props.name}
          aria-describedby={about}
          value={props.value}
          onChange={(event) => props.onChange(event.currentTarget.value)}
        >
          <For each={props.options}>
            {([value, text]) => (
              <option value={value} selected={value === props.value}>
                {text}
              </option>
            )}
          </For>
        </select>
      )}
    </Field>
  );
}

/** On or off. */
export function Switch(props: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  testId?: string;
}) {
  return (
    <button
      class="switch"
      type="button"
      role="switch"
      aria-checked={props.checked}
      aria-label={props.label}
      disabled={props.disabled === true}
      data-testid={props.testId}
      onClick={() => props.onChange(!props.checked)}
    >
      <span class="switch-track" aria-hidden="true" />
    </button>
  );
}

/** One of a few, all of them in sight. */
export function Segments<T extends string>(props: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
  testId?: string;
  disabled?: boolean;
}) {
  return (
    <div class="segments" role="group" aria-label={props.label} data-testid={props.testId}>
      <For each={props.options}>
        {([value, text]) => (
          <button
            type="button"
            aria-pressed={props.value === value}
            disabled={props.disabled === true}
            data-value={value}
            onClick={() => props.value !== value && props.onChange(value)}
          >
            {text}
          </button>
        )}
      </For>
    </div>
  );
}
