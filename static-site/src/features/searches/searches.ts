import { createEffect, createRoot, createSignal, on } from 'solid-js';
import { createAuthorised } from '../../api/client';
import { type ApiError, asApiError } from '../../api/error';
import { createSearchesApi, type NewSearch, type Search } from '../../api/searches';
import { SEARCHES_COPY } from '../../platform/personal';
import { session, sessionState, storage } from '../shell/app';
import { setNewInSearches } from './known';

/** The driver's saved searches, as the server last told them, or as the phone remembers them. */

interface Copy {
  at: number;
  items: Search[];
}

const api = createSearchesApi(createAuthorised(() => session));
const [copy, setCopy] = createSignal<Copy | null>(storage.get(SEARCHES_COPY) as Copy | null);
const [error, setError] = createSignal<ApiError | null>(null);
const [busy, setBusy] = createSignal(false);

export { busy, error };

export const searches = (): readonly Search[] => copy()?.items ?? [];
/** When the server told them; null before it has. */
export const toldAt = () => copy()?.at ?? null;

function show(next: Copy | null): void {
  setCopy(next);
  setNewInSearches(searches().reduce((sum, { new_count }) => sum + (new_count ?? 0), 0));
  if (next) storage.set(SEARCHES_COPY, next);
}

show(copy());

createRoot(() =>
  createEffect(
    on(
      () => sessionState().name,
      (name) => name !== 'active' && show(null),
      { defer: true },
    ),
  ),
);

/** Counts the changes: what was asked before one of them says nothing of it. */
let changes = 0;

/** Asks for them. */
export async function refreshSearches(): Promise<void> {
  if (busy()) return;
  const before = changes;
  setBusy(true);
  try {
    const items = await api.all();
    setError(null);
    if (changes === before) show({ at: Date.now(), items });
  } catch (reason) {
    setError(asApiError(reason));
  } finally {
    setBusy(false);
  }
}

function change(of: (items: readonly Search[]) => Search[]): void {
  changes += 1;
  show({ at: toldAt() ?? Date.now(), items: of(searches()) });
}

const replaced = (next: Search) => (items: readonly Search[]) =>
  items.map((each) => (each.id === next.id ? next : each));

/** Saves a search; `key` is the same for every repeat of one attempt. */
export async function saveSearch(wanted: NewSearch, key: string): Promise<void> {
  let saved = await api.save(wanted, key);
  // The first attempt came through without its answer, and the driver has thought of another name since.
  if (saved.name !== wanted.name) saved = await api.change(saved.id, wanted);
  change((items) => [...items.filter(({ id }) => id !== saved.id), saved]);
}

export async function changeSearch(id: string, wanted: NewSearch): Promise<void> {
  const changed = await api.change(id, wanted);
  change(replaced(changed));
}

export async function deleteSearch(id: string): Promise<void> {
  await api.delete(id).catch((reason) => {
    // It was deleted elsewhere.
    if (asApiError(reason).status !== 404) throw reason;
  });
  change((items) => items.filter((each) => each.id !== id));
}

/** Notes that the driver has seen what a search finds. Quietly: if that is lost, the same cargos count as new once more. */
export async function noteOpened(search: Search): Promise<void> {
  change(replaced({ ...search, new_count: search.new_count && 0 }));
  await api.opened(search.id).catch(() => undefined);
}
