import { expect, it } from 'vitest';
import type { Term, Worth } from '../../api/driver';
import { draftOf, truckOf } from '../truck/truckDraft';
import { madeOf } from './madeOf';

/** The first example of docs/profit.md. */
const TRIP: Worth['trip'] = { loaded_km: 815, empty_km: 35, days: 1.42 };
const term = (name: string, rub: number | null): Term => ({
  name,
  rub,
  source: 'assumed',
  as_of: null,
  estimate: true,
});

it('says of a term what it is made of', () => {
  expect(madeOf(term('fuel', -20_840.69), TRIP, null)).toEqual({ kind: 'fuel', km: 815, litres: 34, price: 75.21 });
  expect(madeOf(term('fuel_empty', -684.41), TRIP, null)).toEqual({ kind: 'fuel', km: 35, litres: 26, price: 75.21 });
  expect(madeOf(term('platon', -4377.5), TRIP, null)).toEqual({ kind: 'way', km: 850, rate: 5.15 });
  expect(madeOf(term('days', -7100), TRIP, null)).toEqual({ kind: 'days', days: 1.42, rate: 5000 });
});

it("takes the driver's own consumption", () => {
  const draft = draftOf(null, '');
  const { truck } = truckOf({ ...draft, numbers: { ...draft.numbers, loaded_l_per_100km: '30,5' } });
  const rub = -1000 * 0.305 * 80;
  expect(madeOf(term('fuel', rub), { ...TRIP, loaded_km: 1000 }, truck)).toMatchObject({ litres: 30.5, price: 80 });
});

it('says nothing of what is not known, costs nothing or has no factors', () => {
  expect(madeOf(term('fuel_empty', null), { ...TRIP, empty_km: null }, null)).toBeNull();
  expect(madeOf(term('fuel_empty', 0), { ...TRIP, empty_km: 0 }, null)).toBeNull();
  expect(madeOf(term('tolls', 0), TRIP, null)).toBeNull();
  expect(madeOf(term('tax', -5400), TRIP, null)).toBeNull();
  expect(madeOf(term('price', 90_000), TRIP, null)).toBeNull();
});
