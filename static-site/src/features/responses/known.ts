import { createSignal } from 'solid-js';
import type { DriverResponse } from '../../api/driver';

/** The driver's responses as far as they are known, newest first. Cards show them; responseStore.ts, which comes later, keeps them true. */
const [known, setKnown] = createSignal<readonly DriverResponse[]>([]);

export { known, setKnown };

/** The driver's latest response to a cargo. */
export function responseTo(cargoId: string): DriverResponse | null {
  return known().find((response) => response.cargo_id === cargoId) ?? null;
}
