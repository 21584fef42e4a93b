import type { DriverResponse, Offer } from '../../api/driver';
import { type ApiError, asApiError } from '../../api/error';
import { OUTBOX } from '../../platform/personal';
import type { KeyValue } from '../../platform/storage';
import type { Kept, Stopped } from './outbox';

/** How long a response can be called back before it leaves. */
export const COUNTDOWN_MS = 5000;
/** After so long nobody sends a response without asking the driver: plans change, and cargos go. */
export const TOO_OLD_MS = 12 * 3_600_000;
/** The pauses between attempts while the phone says that it has a network and nobody answers. */
const PAUSES_MS = [5000, 15_000, 30_000, 60_000];

interface Dependencies {
  kept: () => readonly Kept[];
  setKept: (entries: readonly Kept[]) => void;
  storage: KeyValue;
  respond: (cargoId: string, offer: Offer, key: string) => Promise<DriverResponse>;
  newKey: () => string;
  now: () => number;
  /** Whether a driver is signed in and the phone says that it has a network. */
  canSend: () => boolean;
  /** The server has it. */
  onSent: (entry: Kept, response: DriverResponse) => void;
  /** The server refused it. What it answers is the reason to keep the entry for; null lets it go. */
  onRefused: (entry: Kept, error: ApiError) => Stopped | null;
  /** It was called back after it may have arrived: what the server has is to be asked for. */
  onDoubt: () => void;
}

export type Outbox = ReturnType<typeof createOutbox>;

/**
 * Responses between the driver's press and the server. Each waits five seconds in which it can be called back, and then for
 * a network. It is kept on the phone, and sent again under the same key until the server has said yes or no.
 */
export function createOutbox(given: Dependencies) {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** The keys that the server is being asked about. */
  const sending = new Set<string>();
  let failures = 0;

  function write(entries: readonly Kept[]): void {
    given.setKept(entries);
    if (entries.length > 0) given.storage.set(OUTBOX, entries);
    else given.storage.remove(OUTBOX);
  }

  const find = (key: string) => given.kept().find((each) => each.key === key);

  function change(key: string, to: Partial<Kept>): void {
    write(given.kept().map((each) => (each.key === key ? { ...each, ...to } : each)));
  }

  function drop(key: string): void {
    stopTimer(key);
    write(given.kept().filter((each) => each.key !== key));
  }

  function stopTimer(key: string): void {
    clearTimeout(timers.get(key));
    timers.delete(key);
  }

  function later(key: string, milliseconds: number): void {
    stopTimer(key);
    timers.set(
      key,
      setTimeout(() => void leave(key), milliseconds),
    );
  }

  /** Asks the server, unless it is being asked already. */
  async function leave(key: string): Promise<void> {
    stopTimer(key);
    const entry = find(key);
    if (!entry || entry.state === 'stopped' || sending.has(key)) return;
    if (!given.canSend()) return change(key, { state: 'waiting' });
    if (given.now() - entry.madeAt > TOO_OLD_MS) return change(key, { state: 'stopped', stopped: { name: 'old' } });
    sending.add(key);
    change(key, { state: 'sending', tried: true });
    try {
      const response = await given.respond(entry.cargoId, entry.offer, key);
      failures = 0;
      // The phone may have changed hands meanwhile.
      if (!find(key)) return;
      drop(key);
      given.onSent(entry, response);
    } catch (reason) {
      if (find(key)) failed(entry, asApiError(reason));
    } finally {
      sending.delete(key);
    }
  }

  function failed(entry: Kept, error: ApiError): void {
    if (error.code === 'offline' || error.code === 'network') {
      change(entry.key, { state: 'waiting' });
      later(entry.key, PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? 0);
      failures += 1;
      return;
    }
    const stopped = given.onRefused(entry, error);
    if (stopped) change(entry.key, { state: 'stopped', stopped });
    else drop(entry.key);
  }

  /** Sends at once what only waits for a network. */
  function wake(): void {
    failures = 0;
    for (const { key, state } of given.kept()) if (state === 'waiting') void leave(key);
  }

  function start(): void {
    const stored = given.storage.get(OUTBOX);
    if (given.kept().length > 0 || !Array.isArray(stored)) return;
    // What was cut off while it was sent is sent again, under its key; who pressed just before has their five seconds again.
    const leavesAt = given.now() + COUNTDOWN_MS;
    write(
      (stored as Kept[]).map((each) =>
        each.state === 'sending' ? { ...each, state: 'waiting' } : { ...each, leavesAt },
      ),
    );
    for (const { key, state } of given.kept()) if (state === 'counting') later(key, COUNTDOWN_MS);
    wake();
  }

  start();

  return {
    wake,

    /** Takes a response that is to be sent; it takes the place of one to the same cargo that was stopped. */
    put(cargoId: string, cargo: Kept['cargo'], offer: Offer): void {
      const others = given.kept().filter((each) => each.cargoId !== cargoId || each.state !== 'stopped');
      if (others.some((each) => each.cargoId === cargoId)) return;
      const now = given.now();
      const times = { madeAt: now, leavesAt: now + COUNTDOWN_MS };
      const entry: Kept = {
        cargoId,
        cargo,
        offer,
        key: given.newKey(),
        ...times,
        state: 'counting',
        tried: false,
        stopped: null,
      };
      write([entry, ...others]);
      later(entry.key, COUNTDOWN_MS);
    },

    /** Calls a response back, or puts away one that was stopped. */
    cancel(cargoId: string): void {
      const entry = given.kept().find((each) => each.cargoId === cargoId);
      if (!entry || entry.state === 'sending') return;
      drop(entry.key);
      if (entry.tried && entry.state === 'waiting') given.onDoubt();
    },

    /** Forgets a response that the server turns out to have. */
    settle(cargoId: string): void {
      const entry = given.kept().find((each) => each.cargoId === cargoId);
      if (entry) drop(entry.key);
    },

    /** The app goes out of sight, perhaps for ever: who pressed and put the phone away has made up their mind. */
    leaveNow(): void {
      for (const { key, state } of given.kept()) if (state === 'counting') void leave(key);
    },
  };
}
