import type { Choice } from '../../api/driver';
import { parseLocalDate } from '../../ui/format';
import { choices } from '../shell/app';
import { filterCityText } from '../shell/display';
import { t } from '../shell/messages';
import { cityOf, type FilterName, type Filters } from './filters';
import { filterWords } from './messages';
import { type Sizes, sizesOf } from './sizes';

/** `до 15 т, до 65 м³`; empty for cargos of any size. */
export function sizesText({ tonnes, cubicMetres }: Sizes): string {
  const { format } = t();
  return [between(...tonnes, format.tonnes), between(...cubicMetres, format.cubicMetres)].filter(Boolean).join(', ');
}

function namesText(ids: string[] | undefined, dictionary: Choice[] | undefined, fallback: string): string {
  const [first, ...others] = (ids ?? []).map((id) => dictionary?.find((choice) => String(choice.id) === id)?.name);
  const text = first === undefined ? fallback : t().format.type(first);
  return others.length > 0 ? t().filters.several(text, others.length) : text;
}

/** The text of an active filter's chip. */
export function chipText(filters: Filters, name: FilterName): string {
  const { format } = t();
  const words = filterWords();
  const { chip } = words;
  switch (name) {
    case 'start':
    case 'finish': {
      const city = cityOf(filters, name);
      const radius = city?.radius ? words.radiusValue(city.radius) : '';
      return chip[name](filterCityText(city), radius).trim();
    }
    case 'date':
      return chip.date(parseLocalDate(filters.date_from ?? null), parseLocalDate(filters.date_to ?? null));
    case 'has_price':
    case 'partial_load':
    case 'round_trip':
      return chip[name];
    case 'weight_volume':
      return sizesText(sizesOf(filters));
    case 'truck_types':
      return namesText(filters.truck_types, choices('truck-types'), words.truckTypes);
    case 'load_types':
      return namesText(filters.load_types, choices('load-types'), words.loadTypes);
    case 'price':
      return between(filters.price_min, filters.price_max, format.rubles);
    case 'price_per_km_min':
      return between(filters.price_per_km_min, undefined, format.rublesPerKilometre);
    case 'distance':
      return between(filters.distance_min, filters.distance_max, format.kilometres);
    case 'owner_inn':
      return chip.inn(filters.owner_inn ?? '');
  }
}

function between(min: number | undefined, max: number | undefined, format: (value: number) => string): string {
  const text = (value: number | undefined) => (value === undefined ? null : format(value));
  return filterWords().chip.between(text(min), text(max));
}
