import { expect, it } from 'vitest';
import type { Search } from '../../api/searches';
import { filtersOf, LONGEST_NAME, nameFor, searchFor, searchOf } from './search';

const TODAY = '2026-11-24';
const KAZAN = { from_place_id: 551487, from_place_name: 'Казань', from_radius_km: 50 };

function saved(filters: Search['filters'], sort: string | null = null): Search {
  return { id: '1', name: 'Казань', filters, sort, new_count: 0, opened_at: '', is_current: true };
}

it('keeps filters and their order as the list has them', () => {
  const filters = { ...KAZAN, truck_types: ['2', '1'], has_price: true, sort: '-price' } as const;
  const search = searchOf('Казань', { ...filters, truck_types: ['2', '1'] });
  expect(search.sort).toBe('-price');
  expect(search.filters).toMatchObject({ from_place_id: '551487', truck_types: '2,1', has_price: 'true' });
  expect(filtersOf(saved(search.filters, search.sort), TODAY)).toEqual(filters);
});

it('leaves out a day that has passed', () => {
  const { filters } = searchOf('Казань', { ...KAZAN, date_from: '2026-11-20', date_to: '2026-11-23' });
  expect(filtersOf(saved(filters), TODAY)).toEqual(KAZAN);
});

it('knows the search that finds the same, whatever the order', () => {
  const { filters } = searchOf('Казань', { ...KAZAN, truck_types: ['2', '1'] });
  const search = saved(filters, '-price');
  expect(searchFor({ ...KAZAN, truck_types: ['1', '2'], sort: 'newest' }, [search], TODAY)).toBe(search);
  expect(searchFor({ ...KAZAN, truck_types: ['1'] }, [search], TODAY)).toBeNull();
  expect(searchFor({ ...KAZAN, from_radius_km: 100, truck_types: ['1', '2'] }, [search], TODAY)).toBeNull();
  const past = { ...search, is_current: false };
  expect(searchFor({ ...KAZAN, truck_types: ['1', '2'] }, [past], TODAY)).toBeNull();
});

it('suggests a name that fits', () => {
  expect(nameFor('Москва +100 → Казань', ['тент', 'от 50\u202f000\u00a0₽'])).toBe(
    'Москва +100 → Казань, тент, от 50 000 ₽',
  );
  expect(nameFor('', ['тент', 'Догруз'])).toBe('Тент, Догруз');
  expect(nameFor('', [])).toBe('');
  expect(nameFor('Из', ['ж'.repeat(LONGEST_NAME), 'тент'])).toBe('Из, тент');
  expect(nameFor('ж'.repeat(70), [])).toHaveLength(LONGEST_NAME);
});
