import type { Offer } from '../../api/driver';
import { parsePhone } from '../../platform/phone';
import { parseNumber } from '../../ui/format';

/** A response while it is being written: texts as typed, right or not. */
export interface OfferDraft {
  /** Null for the profile's own number. */
  phone: string | null;
  comment: string;
  price: string;
}

export type OfferField = 'phone' | 'comment' | 'price_rub';
/** What is wrong with a field; the catalogue has a text for each. */
export type OfferErrors = Partial<Record<OfferField, 'missing' | OfferField>>;

export const EMPTY_DRAFT: OfferDraft = { phone: null, comment: '', price: '' };

/** What a draft offers to a driver's cargo of that price, and what is wrong with it; it counts only when nothing is. */
export function offerOf(
  draft: OfferDraft,
  profilePhone: string | null,
  seenPrice: number | null,
): { offer: Offer; errors: OfferErrors } {
  const errors: OfferErrors = {};
  const typed = draft.phone === null ? profilePhone : parsePhone(draft.phone);
  if (!typed) errors.phone = draft.phone?.trim() ? 'phone' : 'missing';
  const price = draft.price.trim() === '' ? null : parseNumber(draft.price);
  if (draft.price.trim() !== '' && !price) errors.price_rub = 'price_rub';
  const offer: Offer = {
    // The profile's number is left to the server, which knows whether it is confirmed.
    phone: typed === profilePhone ? null : typed,
    comment: draft.comment.trim() || null,
    price_rub: price,
    seen_price_rub: seenPrice ?? 0,
  };
  return { offer, errors };
}

/** What drivers ask most often, in percent of the cargo's price. */
export const PERCENTS = [-5, 0, 5, 10];

/** So many percent above a price, in hundreds of rubles, as prices are named; empty for the price itself. */
export function pricePlus(price: number, percent: number): string {
  return percent === 0 ? '' : String(Math.round((price * (100 + percent)) / 10_000) * 100);
}

/** What the server took offence at. */
export function refusedFields(fields: { field: string; code: string }[]): OfferErrors {
  const errors: OfferErrors = {};
  for (const { field, code } of fields) {
    if (field === 'phone') errors.phone = code === 'missing' ? 'missing' : 'phone';
    if (field === 'comment' || field === 'price_rub') errors[field] = field;
  }
  return errors;
}
