import { createSignal } from 'solid-js';
import type { Card, OpenCargo } from '../../api/driver';
import { type ApiError, asApiError } from '../../api/error';
import { HIDDEN, SAVED } from '../../platform/personal';
import { access, needsSubscription } from '../billing/access';
import { responses } from '../responses/responses';
import { list, markHidden, markSeen, refreshAccess, saveCargo, storage } from '../shell/app';
import { cargoNow } from './cargoAhead';
import { hidden, isHidden, isSaved, saved, setHidden, setSaved } from './marks';
import { renewed } from './renewed';

/** Cargos opened in this run of the app: back and forth costs no waiting, and a lost network loses nothing. */
const [opened, setOpened] = createSignal<Record<string, OpenCargo>>({});

/** Cargos that the server no longer has. */
const [gone, setGone] = createSignal<readonly string[]>([]);

/** Whether a cargo is known to be gone. */
export function isCargoGone(id: string): boolean {
  return gone().includes(id);
}

/** The cargo as it was last loaded. */
export function openedCargo(id: string): OpenCargo | null {
  return opened()[id] ?? null;
}

/** Loads a cargo and the driver's response to it. One that is gone leaves the list as well. */
export async function openCargo(id: string): Promise<void> {
  try {
    const { response, ...loaded } = await cargoNow(id);
    markSeen(id);
    setOpened({ ...opened(), [id]: loaded });
    renewMarked(loaded.cargo);
    setGone(gone().filter((each) => each !== id));
    if (response) responses.take([response]);
    if (access()?.features.contacts === loaded.locked.includes('contacts')) void refreshAccess();
  } catch (reason) {
    const error = asApiError(reason);
    if (isGone(error)) dropCargo(id);
    // What was loaded while it was open is locked as well.
    if (needsSubscription(error)) closeCargo(id);
    throw error;
  }
}

export function dropCargo(id: string): void {
  if (!isCargoGone(id)) setGone([...gone(), id]);
  closeCargo(id);
  list.remove(id);
  const kept = markedCard(id);
  if (!kept) return;
  saveCargo(kept, false);
  markHidden(kept, false);
}

/** The cargo as the driver's saved or hidden ones have it. */
export function markedCard(id: string): Card | null {
  return [...saved(), ...hidden()].find((card) => card.id === id) ?? null;
}

/** What is kept of a marked cargo follows what the driver has seen of it. */
function renewMarked(cargo: Card): void {
  if (isSaved(cargo.id)) storage.set(SAVED, setSaved(renewed(saved(), cargo)));
  if (isHidden(cargo.id)) storage.set(HIDDEN, setHidden(renewed(hidden(), cargo)));
}

function closeCargo(id: string): void {
  const { [id]: _, ...others } = opened();
  setOpened(others);
}

/** Whether an error says that there is no such cargo any more. */
export function isGone(error: ApiError | null): boolean {
  return error?.code === 'cargo_gone';
}
