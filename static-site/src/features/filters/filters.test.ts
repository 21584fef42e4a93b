import { describe, expect, it } from 'vitest';
import type { FieldError } from '../../api/error';
import { type Draft, draftOf, filtersOf } from './draft';
import {
  activeFilters,
  cleared,
  type FilterCity,
  type Filters,
  filterOfField,
  ordered,
  parseFilters,
  swapped,
  toQuery,
  withCity,
  withoutFilter,
  withoutUnavailable,
} from './filters';
import { type Bounds, filtersOfSizes, sizesOf } from './sizes';

const TODAY = '2026-11-21';
const cityText = ({ name }: FilterCity) => name ?? 'unnamed';

const full: Filters = {
  from_place_id: 524901,
  from_place_name: 'Москва',
  from_radius_km: 50,
  finish_point_id: 7,
  finish_point_type: 1,
  finish_point_radius: 0,
  date_from: '2026-11-25',
  date_to: '2026-11-27',
  weight_volume: '7.5-45',
  load_types: ['1', '2'],
  truck_types: ['3'],
  price_min: 10_000,
  price_max: 90_000,
  price_per_km_min: 50,
  distance_min: 100,
  distance_max: 2000,
  has_price: true,
  partial_load: true,
  round_trip: true,
  owner_inn: '7701234567',
  sort: 'deadhead',
};

describe('the query', () => {
  it('holds every filter under its name, and the page', () => {
    expect(Object.fromEntries(new URLSearchParams(toQuery(full, 'next')))).toEqual({
      from_place_id: '524901',
      from_radius_km: '50',
      finish_point_id: '7',
      finish_point_type: '1',
      finish_point_radius: '0',
      date_from: '2026-11-25',
      date_to: '2026-11-27',
      weight_volume: '7.5-45',
      load_types: '1,2',
      truck_types: '3',
      price_min: '10000',
      price_max: '90000',
      price_per_km_min: '50',
      distance_min: '100',
      distance_max: '2000',
      has_price: 'true',
      partial_load: 'true',
      round_trip: 'true',
      owner_inn: '7701234567',
      sort: 'deadhead',
      limit: '20',
      cursor: 'next',
    });
  });

  it('leaves out what is not filtered', () => {
    expect(toQuery({})).toBe('limit=20');
  });

  it('does not hold the names of cities, which CargoTech does not know', () => {
    expect(toQuery({ from_place_name: 'Москва' })).toBe(toQuery({}));
  });

  it('is not ordered by the distance from a place that is not there', () => {
    expect(toQuery(ordered({ sort: 'deadhead' }))).toBe('limit=20');
    expect(toQuery(ordered({ sort: '-price' }))).toBe('sort=-price&limit=20');
    expect(ordered(full)).toEqual(full);
    expect([cleared(full), cleared({ price_min: 5, sort: 'date' })]).toEqual([{}, { sort: 'date' }]);
  });

  it('is the same for the same filters in any order', () => {
    expect(toQuery({ price_min: 1, price_max: 2 })).toBe(toQuery({ price_max: 2, price_min: 1 }));
  });
});

describe('remembered filters', () => {
  it('come back as they were, also as the strings the server keeps', () => {
    expect(parseFilters(full, TODAY)).toEqual(full);
    const strings = Object.fromEntries(new URLSearchParams(toQuery(full)));
    expect(toQuery(parseFilters(strings, TODAY))).toBe(toQuery(full));
  });

  it('lose a date in the past and keep today', () => {
    expect(parseFilters({ date_from: '2026-11-20', price_min: 5 }, TODAY)).toEqual({ price_min: 5 });
    expect(parseFilters({ date_from: '2026-11-20', date_to: TODAY }, TODAY)).toEqual({ date_to: TODAY });
    expect(parseFilters({ date_from: '2026-11-25', date_to: '2026-11-23' }, TODAY)).toEqual({
      date_from: '2026-11-25',
    });
  });

  it('lose what cannot be sent', () => {
    const odd = {
      start_point_id: 5,
      from_place_id: 'Москва',
      date_from: 'soon',
      has_price: false,
      sort: 'best',
      mode: 'all',
      weight_volume: '2_9',
      load_types: [],
      price_min: -1,
      price_max: 'много',
      owner_inn: '123',
      evil: 1,
    };
    expect(parseFilters(odd, TODAY)).toEqual({});
    for (const nothing of [null, undefined, 'x', 5, []]) expect(parseFilters(nothing, TODAY)).toEqual({});
  });

  it('of an older version have points of CargoTech and another name of the first day', () => {
    const saved = { start_point_id: 5, start_point_type: 2, start_point_radius: 100, start_date: TODAY };
    const filters = parseFilters(saved, TODAY);
    expect(toQuery(filters)).toBe(
      `start_point_id=5&start_point_type=2&start_point_radius=100&date_from=${TODAY}&limit=20`,
    );
    expect(filtersOf(draftOf(filters, cityText), TODAY).filters).toEqual(filters);
    const changed = withCity(filters, 'start', { id: 524901, type: null, name: 'Москва', radius: 0 });
    expect(toQuery(changed)).toBe(`from_place_id=524901&date_from=${TODAY}&limit=20`);
  });

  it('of an older version, which could show the cargos of the shared login, are read without that', () => {
    const saved = parseFilters({ mode: 'my', weight_volume: '15_20' }, TODAY);
    expect(saved).toEqual({ weight_volume: '15_20' });
    expect(toQuery(saved)).toBe('weight_volume=15_20&limit=20');
  });

  it('bring the name of a city, cut to what the server remembers, and no name without its city', () => {
    const city = { start_point_id: 5, start_point_type: 2 };
    expect(parseFilters({ ...city, start_point_name: 'Я'.repeat(101) }, TODAY).start_point_name).toHaveLength(100);
    expect(parseFilters({ ...city, start_point_name: 5 }, TODAY).start_point_name).toBeUndefined();
    expect(parseFilters({ start_point_name: 'Москва' }, TODAY)).toEqual({});
  });

  it('give a city without a radius the usual one', () => {
    expect(parseFilters({ start_point_id: 5, start_point_type: 2 }, TODAY).start_point_radius).toBe(50);
  });
});

describe('chips', () => {
  it('stand for one filter each, and taking one away takes all of it', () => {
    expect(activeFilters(full)).toHaveLength(13);
    expect(activeFilters(withoutFilter(full, 'price'))).not.toContain('price');
    const rest = withoutFilter(full, 'start');
    expect(Object.keys(rest).some((key) => key.startsWith('from_'))).toBe(false);
    expect(rest.date_from).toBe('2026-11-25');
    expect(full.from_place_id).toBe(524901);
  });

  it('are found by the field of a validation error', () => {
    expect(filterOfField('price_max')).toBe('price');
    expect(filterOfField('start_point_type')).toBe('start');
    expect(filterOfField('to_place_id')).toBe('finish');
    expect(filterOfField('limit')).toBeNull();
  });

  it('say what nobody can apply now, unless something else is wrong as well', () => {
    const field = (name: string, code: string) => ({ field: name, code, message: '' });
    const without = (...fields: FieldError[]) => Object.keys(withoutUnavailable(full, fields) ?? {});
    const rest = without(field('date_to', 'unavailable'), field('from_place_id', 'unavailable'));
    expect(Object.keys(full).filter((key) => !rest.includes(key))).toEqual([
      'from_place_id',
      'from_place_name',
      'from_radius_km',
      'date_to',
      'sort',
    ]);
    expect(withoutUnavailable(full, [field('date_to', 'unavailable'), field('price_min', 'malformed')])).toBeNull();
    expect(withoutUnavailable(full, [field('cursor', 'unavailable')])).toBeNull();
    expect(withoutUnavailable(full, [])).toBeNull();
  });
});

describe('sizes', () => {
  const sizes = (tonnes: Bounds, cubicMetres: Bounds) => ({ tonnes, cubicMetres });

  it('are what a category, a pair and a range say', () => {
    expect(sizesOf({ weight_volume: '15_20' })).toEqual(sizes([undefined, 15], [undefined, 65]));
    expect(sizesOf({ weight_volume: '20' })).toEqual(sizes([undefined, 20], [undefined, undefined]));
    expect(sizesOf({ weight_volume: '7.5-45' })).toEqual(sizes([undefined, 7.5], [undefined, 45]));
    expect(sizesOf({ weight_min_kg: 500, volume_max_m3: 30 })).toEqual(sizes([0.5, undefined], [undefined, 30]));
    expect(sizesOf({})).toEqual(sizes([undefined, undefined], [undefined, undefined]));
  });

  it('are asked for so that CargoTech understands them, where it can', () => {
    for (const filters of [
      { weight_volume: '15_20' },
      { weight_volume: '20' },
      { weight_volume: '7.5-45' },
      { weight_min_kg: 5000, weight_max_kg: 10_000 },
      { weight_min_kg: 5000, weight_max_kg: 15_000, volume_max_m3: 65 },
      { volume_min_m3: 20.5 },
      { weight_max_kg: 7000 },
      {},
    ])
      expect(filtersOfSizes(sizesOf(filters))).toEqual(filters);
  });
});

describe('the sheet', () => {
  it('opens on filters and asks for the same again', () => {
    const { filters, errors } = filtersOf(draftOf(full, cityText), TODAY);
    expect(errors).toEqual({});
    expect(filters).toEqual(full);
    expect(filtersOf(draftOf({}, cityText), TODAY)).toEqual({ filters: {}, errors: {} });
  });

  it('calls a nameless city something, and does not remember that as its name', () => {
    const draft = draftOf({ start_point_id: 5, start_point_type: 2 }, cityText);
    expect(draft.start.text).toBe('unnamed');
    expect(filtersOf(draft, TODAY).filters.start_point_name).toBeUndefined();
  });

  function errorsOf(change: Partial<Draft> & { typed?: Partial<Draft['numbers']> }) {
    const draft = draftOf({}, cityText);
    return filtersOf({ ...draft, ...change, numbers: { ...draft.numbers, ...change.typed } }, TODAY).errors;
  }

  it('names everything that is wrong at once', () => {
    expect(
      errorsOf({
        start: { text: 'Моск', id: null, type: null, name: null, radius: 50 },
        date_from: '2026-11-20',
        owner_inn: '123',
        typed: { tonnes_min: '5', tonnes_max: '3', price_min: '100', price_max: '50', distance_min: 'далеко' },
      }),
    ).toEqual({
      start: 'city',
      date: 'past',
      weight_volume: 'order',
      owner_inn: 'inn',
      price: 'order',
      distance: 'number',
    });
  });

  it('reads numbers as they are typed', () => {
    const draft = draftOf({}, cityText);
    const numbers = { ...draft.numbers, tonnes_min: '7,5', cubic_metres_max: '45', price_min: '10 000' };
    const { filters, errors } = filtersOf({ ...draft, numbers }, TODAY);
    expect(errors).toEqual({});
    expect(filters).toEqual({ weight_min_kg: 7500, volume_max_m3: 45, price_min: 10_000 });
  });
});

it('turns the way round, the rest of the filters stays', () => {
  const there: Filters = {
    from_place_id: 1,
    from_place_name: 'Москва',
    from_radius_km: 100,
    price_min: 5,
  };
  const back = swapped(there);
  expect(toQuery(back)).toBe('to_place_id=1&to_radius_km=100&price_min=5&limit=20');
  expect(back.to_place_name).toBe('Москва');
  expect(activeFilters(back)).toEqual(['finish', 'price']);
  expect(toQuery(swapped(back))).toBe(toQuery(there));
});
