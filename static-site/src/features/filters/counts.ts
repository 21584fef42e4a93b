import { type Accessor, createEffect, createSignal, on, onCleanup } from 'solid-js';
import { api, list, online } from '../shell/app';
import { type Filters, parametersOf, withoutFilter } from './filters';

/** How long the driver has to rest before it is counted. */
const DELAY_MS = 300;

/** How many cargos filters find, and how many of them each truck type could take. */
export interface Counts {
  total: number;
  /** By the id of the type, whichever types are chosen. */
  truckTypes: ReadonlyMap<string, number>;
  /** How many need a part of a truck, and how many are round trips: none where CargoTech's list says of no cargo. */
  terms: { partial_load: number; round_trip: number };
  /** Whether they are of what was chosen before: what stands in the sheet now is no search yet. */
  old: boolean;
}

/**
 * Counts while the driver chooses. Null while that is not known: without a network and without the market.
 */
export function createCounts(search: () => Filters | null): Accessor<Counts | null> {
  const [counts, setCounts] = createSignal<Counts | null>(null);
  let running: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isRefused = list.market() === false;

  function stop(): void {
    clearTimeout(timer);
    running?.abort();
  }
  onCleanup(stop);

  async function count(filters: Filters): Promise<void> {
    running = new AbortController();
    const { signal } = running;
    const all = withoutFilter(filters, 'truck_types');
    const ask = (of: Filters) => api.facets(parametersOf(of).toString(), signal);
    try {
      const [chosen, types] = await Promise.all([ask(filters), filters.truck_types ? ask(all) : null]);
      if (signal.aborted) return;
      isRefused = chosen === null;
      const kinds = (types ?? chosen)?.truck_types ?? [];
      const truckTypes = new Map(kinds.map(({ id, count }) => [String(id), count]));
      setCounts(chosen && { total: chosen.total, truckTypes, terms: chosen, old: false });
    } catch {
      if (!signal.aborted) setCounts(null);
    }
  }

  // By what would be asked: a letter in a field that is no number yet changes nothing.
  const key = () => {
    const filters = search();
    return filters && parametersOf(filters).toString();
  };
  createEffect(
    on([key, online], ([asked, isOnline]) => {
      stop();
      const filters = search();
      if (!isOnline || isRefused) return void setCounts(null);
      if (asked === null || !filters) return void setCounts((before) => before && { ...before, old: true });
      timer = setTimeout(() => void count(filters), DELAY_MS);
    }),
  );
  return counts;
}
