import { expect, it } from 'vitest';
import { draftOf, truckOf } from './truckDraft';
import { filtersOfTruck, isForTruck, withoutTruck } from './truckFilters';

const truck = (truck_types: string[], capacity_kg: string, volume_m3: string) => {
  const draft = draftOf(null, '');
  return truckOf({ ...draft, truck_types, platon: true, numbers: { ...draft.numbers, capacity_kg, volume_m3 } }).truck;
};

it('asks for what fits the truck, of what is known of it', () => {
  expect(filtersOfTruck(truck(['3'], '20', '82'))).toEqual({ truck_types: ['3'], weight_volume: '20-82' });
  expect(filtersOfTruck(truck([], '10', '60'))).toEqual({ weight_volume: '10_15' });
  expect(filtersOfTruck(truck(['3'], '9', ''))).toEqual({ truck_types: ['3'], weight_max_kg: 9000 });
  expect(filtersOfTruck(truck([], '', '82'))).toEqual({ volume_max_m3: 82 });
  expect(filtersOfTruck(truck([], '20', ''))).toEqual({ weight_volume: '20' });
  expect(filtersOfTruck(truck([], '', ''))).toBeNull();
  expect(filtersOfTruck(null)).toBeNull();
});

it('knows filters for the truck from others', () => {
  const own = { truck_types: ['3', '7'], weight_volume: '20-82' };
  expect(isForTruck({ ...own, truck_types: ['7', '3'], has_price: true }, own)).toBe(true);
  expect(isForTruck({ ...own, truck_types: ['7'] }, own)).toBe(false);
  expect(isForTruck({ truck_types: ['3', '7'] }, own)).toBe(false);
  expect(withoutTruck({ ...own, has_price: true })).toEqual({ has_price: true });
});
