import { parseNumber } from '../../ui/format';
import { DEFAULT_RADIUS, type FilterName, type Filters, freePair, LONGEST_NAME, parseFreePair } from './filters';

/** The texts of number inputs in the filter sheet. */
export type NumberField =
  | 'tonnes'
  | 'cubic_metres'
  | 'price_min'
  | 'price_max'
  | 'price_per_km_min'
  | 'distance_min'
  | 'distance_max';

/** A city as the sheet holds it: what stands in the input, and the city once it is chosen. */
export interface DraftPlace {
  text: string;
  id: string | number | null;
  type: string | number | null;
  /** Null for a city whose name is not known: it came from before names were remembered. */
  name: string | null;
  radius: number;
}

/** The filter sheet while it is being filled in: texts as typed, right or not. */
export interface Draft {
  start: DraftPlace;
  finish: DraftPlace;
  start_date: string;
  /** A category, `any`, or `own` for the free pair of the two number fields. */
  weight_volume: string;
  truck_types: string[];
  load_types: string[];
  owner_inn: string;
  numbers: Record<NumberField, string>;
}

/** What can be wrong before the server is asked; the catalogue has a text for each. */
export type DraftError = 'city' | 'number' | 'order' | 'pair' | 'past' | 'inn';

const text = (value: number | undefined) => (value === undefined ? '' : String(value).replace('.', ','));

/** The sheet as it opens on `filters`; a city without a name is called `unnamed`. */
export function draftOf(filters: Filters, unnamed: string): Draft {
  const place = (end: 'start' | 'finish'): DraftPlace => ({
    text: filters[`${end}_point_id`] === undefined ? '' : (filters[`${end}_point_name`] ?? unnamed),
    id: filters[`${end}_point_id`] ?? null,
    type: filters[`${end}_point_type`] ?? null,
    name: filters[`${end}_point_name`] ?? null,
    radius: filters[`${end}_point_radius`] ?? DEFAULT_RADIUS,
  });
  const pair = parseFreePair(filters.weight_volume);
  return {
    start: place('start'),
    finish: place('finish'),
    start_date: filters.start_date ?? '',
    weight_volume: pair ? 'own' : (filters.weight_volume ?? 'any'),
    truck_types: filters.truck_types ?? [],
    load_types: filters.load_types ?? [],
    owner_inn: filters.owner_inn ?? '',
    numbers: {
      tonnes: text(pair?.[0]),
      cubic_metres: text(pair?.[1]),
      price_min: text(filters.price_min),
      price_max: text(filters.price_max),
      price_per_km_min: text(filters.price_per_km_min),
      distance_min: text(filters.distance_min),
      distance_max: text(filters.distance_max),
    },
  };
}

/** The filters that a sheet asks for, and what is wrong with it; they count only when nothing is. */
export function filtersOf(
  draft: Draft,
  today: string,
): { filters: Filters; errors: Partial<Record<FilterName, DraftError>> } {
  const filters: Filters = {};
  const errors: Partial<Record<FilterName, DraftError>> = {};

  for (const end of ['start', 'finish'] as const) {
    const place = draft[end];
    if (place.id !== null && place.type !== null) {
      filters[`${end}_point_id`] = place.id;
      filters[`${end}_point_type`] = place.type;
      filters[`${end}_point_radius`] = place.radius;
      if (place.name) filters[`${end}_point_name`] = place.name.slice(0, LONGEST_NAME);
    } else if (place.text.trim() !== '') {
      errors[end] = 'city';
    }
  }

  if (draft.start_date !== '') {
    if (draft.start_date < today) errors.start_date = 'past';
    filters.start_date = draft.start_date;
  }

  /** The number of an input; undefined when it is empty or wrong, and then `owner` says so. */
  function numberOf(field: NumberField, owner: FilterName): number | undefined {
    const typed = draft.numbers[field].trim();
    if (typed === '') return undefined;
    const number = parseNumber(typed);
    if (number === null) errors[owner] = 'number';
    return number ?? undefined;
  }
  function range(min: 'price_min' | 'distance_min', max: 'price_max' | 'distance_max', owner: FilterName): void {
    const low = numberOf(min, owner);
    const high = numberOf(max, owner);
    if (low !== undefined) filters[min] = low;
    if (high !== undefined) filters[max] = high;
    if (low !== undefined && high !== undefined && low > high) errors[owner] = 'order';
  }
  range('price_min', 'price_max', 'price');
  range('distance_min', 'distance_max', 'distance');
  const perKilometre = numberOf('price_per_km_min', 'price_per_km_min');
  if (perKilometre !== undefined) filters.price_per_km_min = perKilometre;

  if (draft.weight_volume === 'own') {
    const tonnes = numberOf('tonnes', 'weight_volume') ?? null;
    const cubicMetres = numberOf('cubic_metres', 'weight_volume') ?? null;
    const pair = freePair(tonnes, cubicMetres);
    if (pair) filters.weight_volume = pair;
    else errors.weight_volume ??= 'pair';
  } else if (draft.weight_volume !== 'any') {
    filters.weight_volume = draft.weight_volume;
  }

  if (draft.truck_types.length > 0) filters.truck_types = [...draft.truck_types];
  if (draft.load_types.length > 0) filters.load_types = [...draft.load_types];

  const inn = draft.owner_inn.replace(/\s/g, '');
  if (inn !== '') {
    filters.owner_inn = inn;
    if (!/^(\d{10}|\d{12})$/.test(inn)) errors.owner_inn = 'inn';
  }
  return { filters, errors };
}
