import { describe, expect, it } from 'vitest';
import { draftOf, truckOf } from './truckDraft';

const EMPTY = draftOf(null, '');
const typed = (numbers: Partial<typeof EMPTY.numbers>) => ({ ...EMPTY, numbers: { ...EMPTY.numbers, ...numbers } });

describe('the form of the truck', () => {
  it('is no truck while it is empty', () => {
    expect(truckOf(EMPTY)).toEqual({ truck: null, errors: {} });
  });

  it('takes numbers as they are typed in Russia, tonnes as kilograms, and changes nothing that nobody touched', () => {
    const { truck, errors } = truckOf({
      ...typed({ capacity_kg: '20,5', diesel_rub_per_l: '71,40', fixed_rub_per_day: '4 500' }),
      truck_types: ['3', '7'],
      home: { text: 'Казань', id: 551487 },
      platon: false,
    });
    expect(errors).toEqual({});
    expect(truck).toMatchObject({
      capacity_kg: 20_500,
      diesel_rub_per_l: 71.4,
      fixed_rub_per_day: 4500,
      volume_m3: null,
      truck_types: [3, 7],
      home_place_id: 551487,
      platon: false,
      tax: null,
    });
    expect(truckOf(draftOf(truck, 'Казань')).truck).toEqual(truck);
    expect(draftOf(truck, '').numbers.capacity_kg).toBe('20,5');
  });

  it('names what is no number and what cannot be', () => {
    const { errors } = truckOf({
      ...typed({ loaded_l_per_100km: '3', km_per_day: 'много', capacity_kg: '20000' }),
      home: { text: 'Гдетотамск', id: null },
    });
    expect(errors).toEqual({
      loaded_l_per_100km: 'range',
      km_per_day: 'number',
      capacity_kg: 'range',
      home_place_id: 'choice',
    });
  });

  it('has a VAT of its own only under УСН', () => {
    const of = (tax: string) => truckOf({ ...EMPTY, tax, vat_percent: 5 }).truck?.vat_percent;
    expect(of('usn_income')).toBe(5);
    expect(of('npd')).toBeNull();
  });
});
