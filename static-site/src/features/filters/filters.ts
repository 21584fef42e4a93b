/**
 * The filters of the list, named and formed as the API's query has them, so that what is remembered, sent and shown is
 * one thing. Absent means "not filtered". A point's id means something only beside its type; its name is for the driver's
 * eyes and only remembered.
 */
export interface Filters {
  start_point_id?: string | number;
  start_point_type?: string | number;
  start_point_name?: string;
  start_point_radius?: number;
  finish_point_id?: string | number;
  finish_point_type?: string | number;
  finish_point_name?: string;
  finish_point_radius?: number;
  /** YYYY-MM-DD */
  start_date?: string;
  /** One of `WEIGHT_VOLUMES`, or a free pair `tonnes-m3`. */
  weight_volume?: string;
  load_types?: string[];
  truck_types?: string[];
  price_min?: number;
  price_max?: number;
  price_per_km_min?: number;
  distance_min?: number;
  distance_max?: number;
  owner_inn?: string;
}

export type End = 'start' | 'finish';

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
const FREE_PAIR = /^\d+(\.\d+)?-\d+(\.\d+)?$/;

/** What the filter sheet and the chips treat as one filter. */
export type FilterName =
  | 'start'
  | 'finish'
  | 'start_date'
  | 'weight_volume'
  | 'truck_types'
  | 'load_types'
  | 'price'
  | 'price_per_km_min'
  | 'distance'
  | 'owner_inn';

const KEYS: Record<FilterName, (keyof Filters)[]> = {
  start: ['start_point_id', 'start_point_type', 'start_point_radius', 'start_point_name'],
  finish: ['finish_point_id', 'finish_point_type', 'finish_point_radius', 'finish_point_name'],
  start_date: ['start_date'],
  weight_volume: ['weight_volume'],
  truck_types: ['truck_types'],
  load_types: ['load_types'],
  price: ['price_min', 'price_max'],
  price_per_km_min: ['price_per_km_min'],
  distance: ['distance_min', 'distance_max'],
  owner_inn: ['owner_inn'],
};

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

/** The filter a field of a validation error belongs to; null for a field that is none. */
export function filterOfField(field: string): FilterName | null {
  const name = (Object.keys(KEYS) as FilterName[]).find((each) => (KEYS[each] as string[]).includes(field));
  return name ?? null;
}

/** The query string of one page. Keys are in a fixed order, so that equal filters make equal URLs. */
export function toQuery(filters: Filters, offset: number): string {
  const query = new URLSearchParams();
  for (const key of Object.values(KEYS).flat()) {
    const value = filters[key];
    if (value !== undefined && !key.endsWith('_point_name')) query.set(key, String(value));
  }
  query.set('limit', String(PAGE_SIZE));
  if (offset > 0) query.set('offset', String(offset));
  return query.toString();
}

/**
 * Remembered filters, from this phone or from the server, as filters that can be sent today. What is unknown or malformed
 * is left out, and so are a date before `today` and `mode`, which older versions remembered.
 */
export function parseFilters(value: unknown, today: string): Filters {
  const raw = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const filters: Filters = {};
  for (const end of ['start', 'finish'] as const) {
    const id = raw[`${end}_point_id`];
    const type = raw[`${end}_point_type`];
    if (!isId(id) || !isId(type)) continue;
    filters[`${end}_point_id`] = id;
    filters[`${end}_point_type`] = type;
    filters[`${end}_point_radius`] = wholeNumber(raw[`${end}_point_radius`]) ?? DEFAULT_RADIUS;
    const name = raw[`${end}_point_name`];
    if (typeof name === 'string' && name !== '') filters[`${end}_point_name`] = name.slice(0, LONGEST_NAME);
  }
  const date = raw.start_date;
  if (typeof date === 'string' && /^\d{4}-\d\d-\d\d$/.test(date) && date >= today) filters.start_date = date;
  const pair = raw.weight_volume;
  if (typeof pair === 'string' && (FREE_PAIR.test(pair) || WEIGHT_VOLUMES.some(({ id }) => id === pair))) {
    filters.weight_volume = pair;
  }
  for (const key of ['load_types', 'truck_types'] as const) {
    const ids = idList(raw[key]);
    if (ids.length > 0) filters[key] = ids;
  }
  for (const key of ['price_min', 'price_max', 'price_per_km_min', 'distance_min', 'distance_max'] as const) {
    const number = wholeNumber(raw[key]);
    if (number !== null) filters[key] = number;
  }
  const inn = String(raw.owner_inn ?? '');
  if (/^(\d{10}|\d{12})$/.test(inn)) filters.owner_inn = inn;
  return filters;
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

/** The free pair as it is sent: tonnes and cubic metres, decimals after a point. Null unless both are given. */
export function freePair(tonnes: number | null, cubicMetres: number | null): string | null {
  return tonnes === null || cubicMetres === null ? null : `${tonnes}-${cubicMetres}`;
}

/** The two numbers of a free pair; null for a category. */
export function parseFreePair(pair: string | undefined): [number, number] | null {
  if (!pair || !FREE_PAIR.test(pair)) return null;
  return pair.split('-').map(Number) as [number, number];
}
