import { createSignal } from 'solid-js';
import type { OpenCargo } from '../../api/driver';
import { type ApiError, asApiError } from '../../api/error';
import { access, needsSubscription } from '../billing/access';
import { responses } from '../responses/responses';
import { list, markSeen, refreshAccess, saveCargo } from '../shell/app';
import { cargoNow } from './cargoAhead';
import { saved } from './marks';

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
  const kept = saved().find((card) => card.id === id);
  if (kept) saveCargo(kept, false);
}

function closeCargo(id: string): void {
  const { [id]: _, ...others } = opened();
  setOpened(others);
}

/** Whether an error says that there is no such cargo any more. */
export function isGone(error: ApiError | null): boolean {
  return error?.code === 'cargo_gone';
}
