import { parseNumber } from '../../ui/format';
import { cityOf, DEFAULT_RADIUS, type FilterCity, type FilterName, type Filters, type Sort, withCity } from './filters';
import { type Bounds, filtersOfSizes, sizesOf } from './sizes';

/** The texts of number inputs in the filter sheet. */
export type NumberField =
  | 'tonnes_min'
  | 'tonnes_max'
  | 'cubic_metres_min'
  | 'cubic_metres_max'
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
  date_from: string;
  date_to: string;
  truck_types: string[];
  load_types: string[];
  owner_inn: string;
  has_price: boolean;
  partial_load: boolean;
  round_trip: boolean;
  /** Not of the sheet, but not lost by it. */
  sort: Sort | undefined;
  numbers: Record<NumberField, string>;
}

/** What can be wrong before the server is asked; the catalogue has a text for each. */
export type DraftError = 'city' | 'number' | 'order' | 'past' | 'inn';

const text = (value: number | undefined) => (value === undefined ? '' : String(value).replace('.', ','));

/** The number inputs for the sizes that filters ask for. */
export function sizeTexts(filters: Filters) {
  const { tonnes, cubicMetres } = sizesOf(filters);
  return {
    tonnes_min: text(tonnes[0]),
    tonnes_max: text(tonnes[1]),
    cubic_metres_min: text(cubicMetres[0]),
    cubic_metres_max: text(cubicMetres[1]),
  };
}

/** The sheet as it opens on `filters`; `cityText` says what a city is called. */
export function draftOf(filters: Filters, cityText: (city: FilterCity) => string): Draft {
  const place = (end: 'start' | 'finish'): DraftPlace => {
    const city = cityOf(filters, end);
    if (!city) return { text: '', id: null, type: null, name: null, radius: DEFAULT_RADIUS };
    return { ...city, text: cityText(city) };
  };
  return {
    start: place('start'),
    finish: place('finish'),
    date_from: filters.date_from ?? '',
    date_to: filters.date_to ?? '',
    truck_types: filters.truck_types ?? [],
    load_types: filters.load_types ?? [],
    owner_inn: filters.owner_inn ?? '',
    has_price: filters.has_price === true,
    partial_load: filters.partial_load === true,
    round_trip: filters.round_trip === true,
    sort: filters.sort,
    numbers: {
      ...sizeTexts(filters),
      price_min: text(filters.price_min),
      price_max: text(filters.price_max),
      price_per_km_min: text(filters.price_per_km_min),
      distance_min: text(filters.distance_min),
      distance_max: text(filters.distance_max),
    },
  };
}

type Errors = Partial<Record<FilterName, DraftError>>;

/** What is chosen rather than typed; what is wrong with it goes to `errors`. */
function chosenIn(draft: Draft, today: string, errors: Errors): Filters {
  let filters: Filters = {};
  for (const end of ['start', 'finish'] as const) {
    const place = draft[end];
    const { id } = place;
    if (id !== null) filters = withCity(filters, end, { ...place, id });
    else if (place.text.trim() !== '') errors[end] = 'city';
  }
  for (const key of ['date_from', 'date_to'] as const) {
    if (draft[key] === '') continue;
    if (draft[key] < today) errors.date = 'past';
    filters[key] = draft[key];
  }
  if (draft.date_from !== '' && draft.date_to !== '' && draft.date_from > draft.date_to) errors.date = 'order';
  for (const key of ['truck_types', 'load_types'] as const) if (draft[key].length > 0) filters[key] = [...draft[key]];
  for (const key of ['has_price', 'partial_load', 'round_trip'] as const) if (draft[key]) filters[key] = true;
  if (draft.sort) filters.sort = draft.sort;
  return filters;
}

/** The filters that a sheet asks for, and what is wrong with it; they count only when nothing is. */
export function filtersOf(draft: Draft, today: string): { filters: Filters; errors: Errors } {
  const errors: Errors = {};
  const filters = chosenIn(draft, today, errors);

  /** The number of an input; undefined when it is empty or wrong, and then `owner` says so. */
  function numberOf(field: NumberField, owner: FilterName): number | undefined {
    const typed = draft.numbers[field].trim();
    if (typed === '') return undefined;
    const number = parseNumber(typed);
    if (number === null) errors[owner] = 'number';
    return number ?? undefined;
  }
  function rangeOf(min: NumberField, max: NumberField, owner: FilterName): Bounds {
    const [low, high] = [numberOf(min, owner), numberOf(max, owner)];
    if (low !== undefined && high !== undefined && low > high) errors[owner] = 'order';
    return [low, high];
  }
  for (const name of ['price', 'distance'] as const) {
    const [low, high] = rangeOf(`${name}_min`, `${name}_max`, name);
    if (low !== undefined) filters[`${name}_min`] = low;
    if (high !== undefined) filters[`${name}_max`] = high;
  }
  const perKilometre = numberOf('price_per_km_min', 'price_per_km_min');
  if (perKilometre !== undefined) filters.price_per_km_min = perKilometre;

  const tonnes = rangeOf('tonnes_min', 'tonnes_max', 'weight_volume');
  const cubicMetres = rangeOf('cubic_metres_min', 'cubic_metres_max', 'weight_volume');
  Object.assign(filters, filtersOfSizes({ tonnes, cubicMetres }));

  const inn = draft.owner_inn.replace(/\s/g, '');
  if (inn !== '') {
    filters.owner_inn = inn;
    if (!/^(\d{10}|\d{12})$/.test(inn)) errors.owner_inn = 'inn';
  }
  return { filters, errors };
}
