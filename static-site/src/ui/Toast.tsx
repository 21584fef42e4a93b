import { Show } from 'solid-js';
import { hideToast, toast } from './toast';

/** The place where short messages appear; always in the page, so that screen readers watch it. */
export function Toast() {
  return (
    <div class="toast" classList={{ 'toast-shown': toast().text !== '' }} role="status" data-testid="toast">
      {toast().text}
      <Show when={toast().action}>
        {(action) => (
          <button
            class="button"
            type="button"
            data-testid="toast-action"
            onClick={() => {
              const { press } = action();
              hideToast();
              press();
            }}
          >
            {action().text}
          </button>
        )}
      </Show>
    </div>
  );
}
