import { createSignal, onMount, Show } from 'solid-js';
import type { Cargo } from '../../api/driver';
import { fetchLostStyles } from '../shell/lazyScreen';

export interface WorthProps {
  cargo: Cargo;
  /** Opens a response with this price, where the driver can respond. */
  offer: ((price: number) => void) | null;
}

const [part, setPart] = createSignal<typeof import('./Worth') | null>(null);

function load(): void {
  fetchLostStyles()
    .then(() => import('./Worth'))
    .then(setPart, () => undefined);
}
// Behind the code of the cargo, which is there without it.
load();

/** What a cargo leaves its driver, once the code for that has come. */
export function WorthPart(props: WorthProps) {
  onMount(() => part() || load());
  return (
    <Show when={part()} keyed>
      {({ Worth }) => <Worth cargo={props.cargo} offer={props.offer} />}
    </Show>
  );
}
