import { createSignal } from 'solid-js';

/** How many are remembered; a driver who has opened more does not miss the oldest. */
const MOST = 500;

/** The cargos that the driver has opened, the latest first. */
const [seen, setSeen] = createSignal<readonly string[]>([]);

export { seen, setSeen };

/** The same with one more. */
export function withSeen(id: string): string[] {
  return [id, ...seen().filter((each) => each !== id)].slice(0, MOST);
}
