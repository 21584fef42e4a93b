import { For } from 'solid-js';
import { t } from './messages';

/** The outline of a list while it loads. */
export function Skeletons() {
  return (
    <div data-testid="skeletons" role="status">
      <span class="visually-hidden">{t().loading}</span>
      <For each={[1, 2, 3, 4, 5]}>{() => <div class="skeleton-card" />}</For>
    </div>
  );
}
