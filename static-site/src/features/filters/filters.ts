import type { FieldError } from '../../api/error';

/**
 * The filters of the list, named and formed as the API's query has them, so that what is remembered, sent and shown is
 * one thing. Absent means "not filtered". The name of a place is for the driver's eyes and only remembered.
 */
export interface Filters {
  from_place_id?: number;
  from_place_name?: string;
  /** Absent for the place alone. */
  from_radius_km?: number;
  to_place_id?: number;
  to_place_name?: string;
  to_radius_km?: number;
  /** A point of CargoTech, as older versions saved it. Its id means something only beside its type. */
  start_point_id?: string | number;
  start_point_type?: string | number;
  start_point_name?: string;
  start_point_radius?: number;
  finish_point_id?: string | number;
  finish_point_type?: string | number;
  finish_point_name?: string;
  finish_point_radius?: number;
  /** YYYY-MM-DD */
  date_from?: string;
  date_to?: string;
  /** At most so much: one of `WEIGHT_VOLUMES`, or a free pair `tonnes-m3`. Ranges are in the others (sizes.ts). */
  weight_volume?: string;
  weight_min_kg?: number;
  weight_max_kg?: number;
  volume_min_m3?: number;
  volume_max_m3?: number;
  load_types?: string[];
  truck_types?: string[];
  price_min?: number;
  price_max?: number;
  price_per_km_min?: number;
  distance_min?: number;
  distance_max?: number;
  has_price?: boolean;
  partial_load?: boolean;
  round_trip?: boolean;
  owner_inn?: string;
  /** Absent for the usual order. */
  sort?: Sort;
}

/** The orders of the list beside the usual one, as the API names them. */
export const SORTS = ['-price', '-price_per_km', '-profit', 'deadhead', 'newest', 'date'] as const;
export type Sort = (typeof SORTS)[number];

export type End = 'start' | 'finish';

/** A city of the filters. One with a type is a point of CargoTech. */
export interface FilterCity {
  id: string | number;
  type: string | number | null;
  /** Null for a city whose name is not known: it came from before names were remembered. */
  name: string | null;
  radius: number;
}

export const PAGE_SIZE = 20;
/** Kilometres around a city. */
export const RADII = [0, 25, 50, 100, 200, 300];
export const DEFAULT_RADIUS = 50;
/** Categories of weight and volume, as the server asks CargoTech for them: what fits into so much (null: into any). The seventh, "any", is no filter. */
export const WEIGHT_VOLUMES: { id: string; tonnes: number; cubicMetres: number | null }[] = [
  { id: '1_3', tonnes: 1, cubicMetres: 15 },
  { id: '3_5', tonnes: 3, cubicMetres: 25 },
  { id: '5_10', tonnes: 5, cubicMetres: 40 },
  { id: '10_15', tonnes: 10, cubicMetres: 60 },
  { id: '15_20', tonnes: 15, cubicMetres: 65 },
  { id: '20', tonnes: 20, cubicMetres: null },
];

/** The longest name of a point that the server remembers. */
export const LONGEST_NAME = 100;
export const FREE_PAIR = /^\d+(\.\d+)?-\d+(\.\d+)?$/;

const NUMBERS = [
  'weight_min_kg',
  'weight_max_kg',
  'volume_min_m3',
  'volume_max_m3',
  'price_min',
  'price_max',
  'price_per_km_min',
  'distance_min',
  'distance_max',
] as const;

/** What the filter sheet and the chips treat as one filter. */
export type FilterName =
  | 'start'
  | 'finish'
  | 'date'
  | 'weight_volume'
  | 'truck_types'
  | 'load_types'
  | 'price'
  | 'price_per_km_min'
  | 'distance'
  | 'has_price'
  | 'partial_load'
  | 'round_trip'
  | 'owner_inn';

/** How the API calls the ends of the way. */
const PLACES = { start: 'from', finish: 'to' } as const;

/** The keys of both ends are in the same order. */
const KEYS: Record<FilterName, (keyof Filters)[]> = {
  start: [
    'from_place_id',
    'from_radius_km',
    'from_place_name',
    'start_point_id',
    'start_point_type',
    'start_point_radius',
    'start_point_name',
  ],
  finish: [
    'to_place_id',
    'to_radius_km',
    'to_place_name',
    'finish_point_id',
    'finish_point_type',
    'finish_point_radius',
    'finish_point_name',
  ],
  date: ['date_from', 'date_to'],
  weight_volume: ['weight_volume', 'weight_min_kg', 'weight_max_kg', 'volume_min_m3', 'volume_max_m3'],
  truck_types: ['truck_types'],
  load_types: ['load_types'],
  price: ['price_min', 'price_max'],
  price_per_km_min: ['price_per_km_min'],
  distance: ['distance_min', 'distance_max'],
  has_price: ['has_price'],
  partial_load: ['partial_load'],
  round_trip: ['round_trip'],
  owner_inn: ['owner_inn'],
};

/** The city at one end of the way. */
export function cityOf(filters: Filters, end: End): FilterCity | null {
  const place = PLACES[end];
  const id = filters[`${place}_place_id`];
  const point = filters[`${end}_point_id`];
  if (id !== undefined) {
    const radius = filters[`${place}_radius_km`] ?? 0;
    return { id, type: null, name: filters[`${place}_place_name`] ?? null, radius };
  }
  if (point === undefined) return null;
  return {
    id: point,
    type: filters[`${end}_point_type`] ?? null,
    name: filters[`${end}_point_name`] ?? null,
    radius: filters[`${end}_point_radius`] ?? DEFAULT_RADIUS,
  };
}

/** The same filters with this city at one end. */
export function withCity(filters: Filters, end: End, { id, type, name, radius }: FilterCity): Filters {
  const next = withoutFilter(filters, end);
  const place = PLACES[end];
  if (type === null) {
    next[`${place}_place_id`] = Number(id);
    if (radius > 0) next[`${place}_radius_km`] = radius;
    if (name) next[`${place}_place_name`] = name.slice(0, LONGEST_NAME);
    return next;
  }
  next[`${end}_point_id`] = id;
  next[`${end}_point_type`] = type;
  next[`${end}_point_radius`] = radius;
  if (name) next[`${end}_point_name`] = name.slice(0, LONGEST_NAME);
  return next;
}

/** The filters in use, in the order in which they are shown. */
export function activeFilters(filters: Filters): FilterName[] {
  return (Object.keys(KEYS) as FilterName[]).filter((name) => KEYS[name].some((key) => filters[key] !== undefined));
}

/** The same filters without one of them. */
export function withoutFilter(filters: Filters, name: FilterName): Filters {
  const rest = { ...filters };
  for (const key of KEYS[name]) delete rest[key];
  return rest;
}

/** Whether CargoTech alone can answer: the market knows neither its points nor who owns a cargo. */
export function isForCargoTech(filters: Filters): boolean {
  return (filters.owner_inn ?? filters.start_point_id ?? filters.finish_point_id) !== undefined;
}

/** The same filters on the way back: from where they led to. */
export function swapped(filters: Filters): Filters {
  const { start, finish } = KEYS;
  const back: Record<string, unknown> = { ...filters };
  start.forEach((key, at) => {
    const other = finish[at] as keyof Filters;
    back[key] = filters[other];
    back[other] = filters[key];
  });
  return back;
}

/** The same filters, without an order by the distance from a place that is not there. */
export function ordered(filters: Filters): Filters {
  const { sort, ...rest } = filters;
  return sort === 'deadhead' && filters.from_place_id === undefined ? rest : filters;
}

/** No filters, in the same order. */
export function cleared({ sort }: Filters): Filters {
  return ordered(sort ? { sort } : {});
}

/** The filter a field of a validation error belongs to; null for a field that is none. */
export function filterOfField(field: string): FilterName | null {
  const name = (Object.keys(KEYS) as FilterName[]).find((each) => (KEYS[each] as string[]).includes(field));
  return name ?? null;
}

/** The same filters without what nobody can apply now, by what the server said of them; null when it said something else. */
export function withoutUnavailable(filters: Filters, fields: FieldError[]): Filters | null {
  let rest = { ...filters };
  for (const { code, field } of fields) {
    if (code !== 'unavailable' || !(field in filters)) return null;
    // A city goes with its radius and its name; of a range the other end stays.
    if (/_id$/.test(field)) rest = withoutFilter(rest, filterOfField(field) as FilterName);
    else delete rest[field as keyof Filters];
  }
  return fields.length > 0 ? ordered(rest) : null;
}

/** The filters as query parameters. Keys are in a fixed order, so that equal filters make equal URLs. */
export function parametersOf(filters: Filters): URLSearchParams {
  const query = new URLSearchParams();
  for (const key of Object.values(KEYS).flat()) {
    const value = filters[key];
    if (value !== undefined && !key.endsWith('_name')) query.set(key, String(value));
  }
  return query;
}

/** The query string of one page. */
export function toQuery(filters: Filters, cursor: string | null = null): string {
  const query = parametersOf(filters);
  if (filters.sort) query.set('sort', filters.sort);
  query.set('limit', String(PAGE_SIZE));
  if (cursor !== null) query.set('cursor', cursor);
  return query.toString();
}

/**
 * Remembered filters, from this phone or from the server, as filters that can be sent today. What is unknown or malformed
 * is left out, and so are a date before `today` and `mode`, which older versions remembered.
 */
export function parseFilters(value: unknown, today: string): Filters {
  const raw = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  let filters: Filters = {};
  for (const end of ['start', 'finish'] as const) {
    const city = parseCity(raw, end);
    if (city) filters = withCity(filters, end, city);
  }
  // An older version knew the first day by another name.
  const first = parseDay(raw.date_from ?? raw.start_date, today);
  const last = parseDay(raw.date_to, first ?? today);
  if (first) filters.date_from = first;
  if (last) filters.date_to = last;
  const pair = raw.weight_volume;
  if (typeof pair === 'string' && (FREE_PAIR.test(pair) || WEIGHT_VOLUMES.some(({ id }) => id === pair))) {
    filters.weight_volume = pair;
  }
  for (const key of ['load_types', 'truck_types'] as const) {
    const ids = idList(raw[key]);
    if (ids.length > 0) filters[key] = ids;
  }
  for (const key of NUMBERS) {
    const number = wholeNumber(raw[key]);
    if (number !== null) filters[key] = number;
  }
  for (const key of ['has_price', 'partial_load', 'round_trip'] as const) {
    if (String(raw[key]) === 'true') filters[key] = true;
  }
  const sort = SORTS.find((each) => each === raw.sort);
  if (sort) filters.sort = sort;
  const inn = String(raw.owner_inn ?? '');
  if (/^(\d{10}|\d{12})$/.test(inn)) filters.owner_inn = inn;
  return ordered(filters);
}

function parseCity(raw: Record<string, unknown>, end: End): FilterCity | null {
  const place = PLACES[end];
  const text = (name: unknown) => (typeof name === 'string' && name !== '' ? name : null);
  const id = wholeNumber(raw[`${place}_place_id`]);
  if (id !== null) {
    const radius = wholeNumber(raw[`${place}_radius_km`]) ?? 0;
    return { id, type: null, name: text(raw[`${place}_place_name`]), radius };
  }
  const point = raw[`${end}_point_id`];
  const type = raw[`${end}_point_type`];
  if (!isId(point) || !isId(type)) return null;
  const radius = wholeNumber(raw[`${end}_point_radius`]) ?? DEFAULT_RADIUS;
  return { id: point, type, name: text(raw[`${end}_point_name`]), radius };
}

function parseDay(value: unknown, earliest: string): string | null {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && value >= earliest ? value : null;
}

function isId(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

function wholeNumber(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}

function idList(value: unknown): string[] {
  const list = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return list.filter(isId).map(String);
}
