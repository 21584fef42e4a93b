import type { Truck } from '../../api/driver';
import { parseNumber } from '../../ui/format';

/** What the server takes of each number of a truck; the weight is typed in tonnes. */
export const RANGES = {
  capacity_kg: [0.1, 100],
  volume_m3: [1, 500],
  loaded_l_per_100km: [5, 100],
  empty_l_per_100km: [5, 100],
  diesel_rub_per_l: [1, 500],
  tolls_rub_per_km: [0, 100],
  wear_rub_per_km: [0, 200],
  fixed_rub_per_day: [0, 100_000],
  km_per_day: [50, 1500],
  goal_rub_per_day: [0, 1_000_000],
} as const;

export type NumberField = keyof typeof RANGES;
export const NUMBER_FIELDS = Object.keys(RANGES) as NumberField[];

/** What stands in for what a driver has not said; the price of diesel is a tariff. */
export const ASSUMED = {
  loaded_l_per_100km: 34,
  empty_l_per_100km: 26,
  tolls_rub_per_km: 0,
  wear_rub_per_km: 6,
  fixed_rub_per_day: 5000,
  km_per_day: 600,
} as const;

/** The tax regimes, as the API names them. */
export const TAXES = ['npd', 'patent', 'usn_income', 'usn_profit', 'osno'] as const;
export type Tax = (typeof TAXES)[number];

/** The regimes whose VAT is the driver's to choose. */
export function hasOwnVat(tax: string | null): boolean {
  return tax === 'usn_income' || tax === 'usn_profit';
}

/** A truck while it is described: texts as typed, right or not. */
export interface TruckDraft {
  numbers: Record<NumberField, string>;
  truck_types: string[];
  platon: boolean | null;
  tax: string | null;
  vat_percent: number | null;
  /** What stands in the field, and the settlement once it is chosen. */
  home: { text: string; id: number | null };
}

/** How much of the API's unit one of what is typed is. */
const unitOf = (field: NumberField) => (field === 'capacity_kg' ? 1000 : 1);

/** The form as it opens; `homeText` is what the driver's home is called. */
export function draftOf(truck: Truck | null, homeText: string): TruckDraft {
  const text = (field: NumberField) => {
    const value = truck?.[field] ?? null;
    return [field, value === null ? '' : String(value / unitOf(field)).replace('.', ',')];
  };
  return {
    numbers: Object.fromEntries(NUMBER_FIELDS.map(text)) as TruckDraft['numbers'],
    truck_types: (truck?.truck_types ?? []).map(String),
    platon: truck?.platon ?? null,
    tax: truck?.tax ?? null,
    vat_percent: truck?.vat_percent ?? null,
    home: { text: homeText, id: truck?.home_place_id ?? null },
  };
}

/** What is wrong with a field; the catalogue has a text for each. */
export type TruckErrors = Partial<Record<keyof Truck, 'number' | 'range' | 'choice'>>;

/** The truck of a form, null when all of it is empty, and what is wrong with it; it counts only when nothing is. */
export function truckOf(draft: TruckDraft): { truck: Truck | null; errors: TruckErrors } {
  const errors: TruckErrors = {};
  const numberOf = (field: NumberField): number | null => {
    const typed = draft.numbers[field].trim();
    if (typed === '') return null;
    const number = parseNumber(typed);
    const [min, max] = RANGES[field];
    if (number === null) errors[field] = 'number';
    else if (number < min || number > max) errors[field] = 'range';
    return number === null ? null : Number((number * unitOf(field)).toFixed(2));
  };
  const numbers = Object.fromEntries(NUMBER_FIELDS.map((field) => [field, numberOf(field)]));
  if (draft.home.id === null && draft.home.text.trim() !== '') errors.home_place_id = 'choice';
  const truck = {
    ...(numbers as Record<NumberField, number | null>),
    truck_types: draft.truck_types.map(Number),
    platon: draft.platon,
    tax: draft.tax,
    vat_percent: hasOwnVat(draft.tax) ? draft.vat_percent : null,
    home_place_id: draft.home.id,
  };
  const isEmpty = Object.values(truck).every((value) => value === null || (Array.isArray(value) && value.length === 0));
  return { truck: isEmpty ? null : truck, errors };
}
