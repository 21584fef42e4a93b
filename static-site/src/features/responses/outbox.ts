import { createSignal } from 'solid-js';
import type { Offer } from '../../api/driver';

/** Why a response that was to be sent was not. */
export type Stopped =
  | { name: 'changed'; was: number | null; now: number | null }
  | { name: 'gone' }
  /** The server takes offence at what was typed. */
  | { name: 'wrong' }
  /** It waited for a network for so long that the driver may think otherwise by now. */
  | { name: 'old' }
  | { name: 'failed'; code: string };

/** A response on its way out of the phone. */
export interface Kept {
  cargoId: string;
  /** Of every attempt to send it, so that it arrives once. */
  key: string;
  offer: Offer;
  /** What it is a response to. */
  cargo: { route: string; price_rub: number | null };
  madeAt: number;
  /** When it leaves, unless it is called back. */
  leavesAt: number;
  /**
   * `counting` until it leaves, `sending` while the server is asked, `waiting` for a network, `stopped` until the driver
   * decides.
   */
  state: 'counting' | 'sending' | 'waiting' | 'stopped';
  /** Whether it may have reached the server. */
  tried: boolean;
  stopped: Stopped | null;
}

/** Responses that have not left the phone. Screens show them; outboxStore.ts, which comes later, sends them. */
const [kept, setKept] = createSignal<readonly Kept[]>([]);

export { kept, setKept };

/** The driver's response to a cargo, while it has not left the phone. */
export function keptFor(cargoId: string): Kept | null {
  return kept().find((each) => each.cargoId === cargoId) ?? null;
}

/** Whether a response will go out by itself. */
export function isLeaving(entry: Kept | null): entry is Kept {
  return entry !== null && entry.state !== 'stopped';
}
