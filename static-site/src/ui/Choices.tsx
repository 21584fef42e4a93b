import { For, type JSX, Show } from 'solid-js';
import { haptic } from '../platform/telegram';

interface Props<T> {
  options: T[];
  text: (option: T) => string;
  selected: (option: T) => boolean;
  onSelect: (option: T) => void;
  /** How many there are of it, where that is known. */
  count?: (option: T) => string | undefined;
  label: string;
  testId: string;
  /** What stands behind them. */
  children?: JSX.Element;
}

/** A row of chips of which any number, or by what `onSelect` does just one, is chosen. */
export function Choices<T>(props: Props<T>) {
  return (
    <div class="choices" role="group" aria-label={props.label} data-testid={props.testId}>
      <For each={props.options}>
        {(option) => (
          <button
            class="chip"
            type="button"
            aria-pressed={props.selected(option)}
            onClick={() => {
              haptic('selection');
              props.onSelect(option);
            }}
          >
            {props.text(option)}
            <Show when={props.count?.(option) !== undefined}>
              <small>{props.count?.(option)}</small>
            </Show>
          </button>
        )}
      </For>
      {props.children}
    </div>
  );
}
