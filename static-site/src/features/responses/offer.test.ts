import { describe, expect, it } from 'vitest';
import { EMPTY_DRAFT, type OfferDraft, offerOf, PERCENTS, pricePlus, refusedFields } from './offer';

const MINE = '+79161234567';
const draft = (given: Partial<OfferDraft>): OfferDraft => ({ ...EMPTY_DRAFT, ...given });

describe('an offer', () => {
  it('needs nothing but a number in the profile and the price that was seen', () => {
    expect(offerOf(EMPTY_DRAFT, MINE, 50_000)).toEqual({
      offer: { phone: null, comment: null, price_rub: null, seen_price_rub: 50_000 },
      errors: {},
    });
    expect(offerOf(EMPTY_DRAFT, MINE, null).offer.seen_price_rub).toBe(0);
  });

  it('leaves the number of the profile to the server, however it is written', () => {
    expect(offerOf(draft({ phone: '8 (916) 123-45-67' }), MINE, 1).offer.phone).toBeNull();
    expect(offerOf(draft({ phone: '8 916 765 43 21' }), MINE, 1).offer.phone).toBe('+79167654321');
  });

  it('takes what is typed as it is meant', () => {
    const { offer, errors } = offerOf(draft({ comment: '  Буду к 8\n', price: '45 000' }), MINE, 1);
    expect([offer.comment, offer.price_rub, errors]).toEqual(['Буду к 8', 45_000, {}]);
  });

  it('says what is wrong with it', () => {
    expect(offerOf(EMPTY_DRAFT, null, 1).errors).toEqual({ phone: 'missing' });
    expect(offerOf(draft({ phone: ' ' }), MINE, 1).errors).toEqual({ phone: 'missing' });
    expect(offerOf(draft({ phone: '12', price: 'дорого' }), MINE, 1).errors).toEqual({
      phone: 'phone',
      price_rub: 'price_rub',
    });
    expect(offerOf(draft({ price: '0' }), MINE, 1).errors).toEqual({ price_rub: 'price_rub' });
  });
});

describe('a refusal of the server', () => {
  it('is told at its field', () => {
    const fields = [
      { field: 'phone', code: 'missing' },
      { field: 'price_rub', code: 'too_large' },
      { field: 'name', code: 'malformed' },
    ];
    expect(refusedFields(fields)).toEqual({ phone: 'missing', price_rub: 'price_rub' });
    expect(refusedFields([{ field: 'phone', code: 'malformed' }])).toEqual({ phone: 'phone' });
  });
});

it('offers prices around that of the cargo in hundreds of rubles', () => {
  expect(PERCENTS.map((percent) => pricePlus(68_300, percent))).toEqual(['64900', '', '71700', '75100']);
});
