import { createSignal } from 'solid-js';
import type { Card } from '../../api/driver';

/** How many of each are remembered; a driver who has marked more does not miss the oldest. */
const MOST = 500;

/** The cargos that the driver has opened, the latest first. */
const [seen, setSeen] = createSignal<readonly string[]>([]);
/** Those put aside, as they were seen last. */
const [saved, setSaved] = createSignal<readonly Card[]>([]);
/** Those not to be shown in the list any more, as they were then. */
const [hidden, setHidden] = createSignal<readonly Card[]>([]);
/** Until when the cargos were known at the end of the visit before, in milliseconds; null at the first one. */
const [visitedAt, setVisitedAt] = createSignal<number | null>(null);

export { hidden, saved, seen, setHidden, setSaved, setSeen, setVisitedAt };

/** `ids` with this one first, or without it. */
export function withMark(ids: readonly string[], id: string, marked: boolean): string[] {
  const others = ids.filter((each) => each !== id);
  return marked ? [id, ...others].slice(0, MOST) : others;
}

/** What the list shows of a cargo. An opened one has contacts and a note, which do not stay on the phone. */
export function cardOf(cargo: Card): Card {
  const { id, title, from, to, display, truck_types, load_types, first_seen_at, price_change } = cargo;
  const { weight_kg, volume_m3, distance_km, distance_is_estimated, price_rub, price_per_km_rub } = cargo;
  const numbers = { weight_kg, volume_m3, distance_km, distance_is_estimated, price_rub, price_per_km_rub };
  // How far it is from where a search began is the search's, and what it leaves the truck's of that day.
  return {
    id,
    title,
    from,
    to,
    display,
    truck_types,
    load_types,
    first_seen_at,
    price_change,
    deadhead_km: null,
    profit: null,
    market: null,
    ...numbers,
  };
}

/** The cards with that of this cargo first, or without it. */
export function withCard(cards: readonly Card[], cargo: Card, marked: boolean): Card[] {
  const others = cards.filter(({ id }) => id !== cargo.id);
  return marked ? [cardOf(cargo), ...others].slice(0, MOST) : others;
}

export function isSaved(id: string): boolean {
  return saved().some((card) => card.id === id);
}

export function isHidden(id: string): boolean {
  return hidden().some((card) => card.id === id);
}

/** Whether a cargo has appeared since the driver was here before. */
export function isNew(card: Card): boolean {
  const before = visitedAt();
  return before !== null && Date.parse(card.first_seen_at ?? '') > before;
}

/**
 * This visit: of when the newest list was in the one before, and in this one. By the server's clock, which also dates the
 * cargos: many phones have a wrong one.
 */
export interface Visit {
  before: number | null;
  last: number;
}

/** Who saw no list for longer begins another visit. */
const AWAY_MS = 30 * 60_000;

/** The visit as it goes on, or another one after a while. */
export function visitNow(kept: Visit | null, now: number): Visit {
  if (!kept) return { before: null, last: now };
  return { before: now - kept.last > AWAY_MS ? kept.last : kept.before, last: now };
}
