import { createSignal } from 'solid-js';
import { ApiError, type Cargo, type Freshness } from './api';
import { api, list } from './app';
import { responses } from './responses';

export type OpenedCargo = { cargo: Cargo } & Freshness;

/** Cargos opened in this run of the app: back and forth costs no waiting, and a lost network loses nothing. */
const [opened, setOpened] = createSignal<Record<string, OpenedCargo>>({});

/** The cargo as it was last loaded. */
export function openedCargo(id: string): OpenedCargo | null {
  return opened()[id] ?? null;
}

/** Loads a cargo and the driver's response to it. One that is gone leaves the list as well. */
export async function openCargo(id: string): Promise<void> {
  try {
    const { response, ...loaded } = await api.cargo(id, list.find(id)?.price_rub ?? null);
    setOpened({ ...opened(), [id]: loaded });
    if (response) responses.take([response]);
  } catch (reason) {
    const error = reason instanceof ApiError ? reason : new ApiError('unreadable');
    if (isGone(error)) dropCargo(id);
    throw error;
  }
}

export function dropCargo(id: string): void {
  const { [id]: _, ...others } = opened();
  setOpened(others);
  list.remove(id);
}

/** Whether an error says that there is no such cargo any more. */
export function isGone(error: ApiError | null): boolean {
  return error?.code === 'cargo_gone';
}
