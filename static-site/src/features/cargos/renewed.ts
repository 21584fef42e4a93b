import type { Card } from '../../api/driver';
import { cardOf } from './marks';

/**
 * The cards with this cargo as it is now, in its place. One that was opened alone is not told when it appeared and what it
 * cost before: that is known of its card.
 */
export function renewed(cards: readonly Card[], cargo: Card): Card[] {
  return cards.map((card) => {
    if (card.id !== cargo.id) return card;
    const isSamePrice = (card.price_rub ?? null) === (cargo.price_rub ?? null);
    const noticed = { at: new Date().toISOString(), from_rub: card.price_rub ?? null };
    return {
      ...cardOf(cargo),
      first_seen_at: cargo.first_seen_at ?? card.first_seen_at ?? null,
      price_change: cargo.price_change ?? (isSamePrice ? card.price_change : noticed) ?? null,
    };
  });
}
