import { toast } from './toast';

/** The place where short messages appear; always in the page, so that screen readers watch it. */
export function Toast() {
  return (
    <div class="toast" classList={{ 'toast-shown': toast() !== '' }} role="status" data-testid="toast">
      {toast()}
    </div>
  );
}
