import { count as englishCount, shortDate as englishShortDate, unit as englishUnit } from '../../ui/en';
import { type LocalDate, NO_BREAK_SPACE } from '../../ui/format';
import { count, shortDate, unit } from '../../ui/ru';
import { language } from '../shell/messages';

/** What the filter sheet and the chips of filters say. It comes with them. */

/** `25 ноя`, `24–28 ноя`, `28 ноя – 3 дек`, `28 дек – 3 янв 2027`, `с 24 ноя` or `по 28 ноя`. */
function days(
  first: LocalDate | null,
  last: LocalDate | null,
  text: (day: LocalDate) => string,
  { since, until }: { since: string; until: string },
): string {
  if (first && last) {
    if (first.year !== last.year) return `${text(first)} – ${text(last)}${NO_BREAK_SPACE}${last.year}`;
    if (first.month !== last.month) return `${text(first)} – ${text(last)}`;
    return first.day === last.day ? text(last) : `${first.day}–${text(last)}`;
  }
  if (first) return since + NO_BREAK_SPACE + text(first);
  return last ? until + NO_BREAK_SPACE + text(last) : '';
}

export const ruFilters = {
  start: 'Откуда',
  finish: 'Куда',
  radiusValue: (km: number) => (km === 0 ? 'только город' : `+${unit(km, 'км')}`),
  truckTypes: 'Тип кузова',
  loadTypes: 'Загрузка',
  chip: {
    start: (city: string, radius: string) => `Откуда: ${city} ${radius}`,
    finish: (city: string, radius: string) => `Куда: ${city} ${radius}`,
    date: (first: LocalDate | null, last: LocalDate | null) =>
      `Погрузка ${days(first, last, shortDate, { since: 'с', until: 'по' })}`,
    between: (min: string | null, max: string | null) =>
      [min && `от ${min}`, max && `до ${max}`].filter(Boolean).join(' '),
    has_price: 'С ценой',
    partial_load: 'Догруз',
    round_trip: 'Кругорейс',
    inn: (inn: string) => `ИНН ${inn}`,
  },
  show: (n: number | null) => (n === null ? 'Показать' : `Показать ${count(n, 'груз', 'груза', 'грузов')}`),
  terms: 'Условия',
  reset: 'Сбросить',
  more: 'Ещё: загрузка, расстояние, ИНН',
  cityPlaceholder: 'Город',
  near: (city: string) => `рядом ${city}`,
  clearCity: 'Очистить город',
  oldCity: 'Город из прошлой версии. Выберите его ещё раз, и появятся порядок и число грузов.',
  recent: 'Недавние',
  nothingFound: 'Такого города нет',
  citiesFailed: 'Список городов не загрузился',
  found: (n: number) => count(n, 'вариант', 'варианта', 'вариантов'),
  radius: 'Радиус',
  date: 'Дата погрузки',
  anyDate: 'любая',
  dateFrom: 'Не раньше',
  dateTo: 'Не позже',
  size: 'Вес и объём груза',
  any: 'любые',
  all: (n: number) => `Все ${n}`,
  tonnes: 'Вес, т',
  cubicMetres: 'Объём, м³',
  choicesFailed: 'Список не загрузился',
  price: 'Цена, ₽',
  pricePerKm: 'Цена за км, ₽',
  distance: 'Расстояние, км',
  inn: 'ИНН грузовладельца',
  min: 'от',
  max: 'до',
  errors: {
    city: 'Выберите город из списка',
    number: 'Введите число',
    order: '«От» больше, чем «до»',
    past: 'Эта дата уже прошла',
    inn: 'ИНН состоит из 10 или 12 цифр',
  },
  /** The server took offence at a filter. */
  refused: {
    start: 'Выберите город из списка ещё раз',
    finish: 'Выберите город из списка ещё раз',
    date: 'Выберите дату от сегодня до года вперёд',
    weight_volume: 'Вес от 0,1 до 1000 т, объём от 0,1 до 200 м³',
    truck_types: 'Выберите типы ещё раз',
    load_types: 'Выберите способы ещё раз',
    price: 'Целые рубли, не больше 999 999',
    price_per_km_min: 'Целые рубли, не больше 999',
    distance: 'Целые километры, не больше 9 999',
    has_price: 'Сейчас не работает',
    partial_load: 'Сейчас не работает',
    round_trip: 'Сейчас не работает',
    owner_inn: 'ИНН состоит из 10 или 12 цифр',
  },
};

export type FilterMessages = typeof ruFilters;

export const enFilters: FilterMessages = {
  start: 'From',
  finish: 'To',
  radiusValue: (km) => (km === 0 ? 'city only' : `+${englishUnit(km, 'km')}`),
  truckTypes: 'Truck type',
  loadTypes: 'Loading type',
  chip: {
    start: (city, radius) => `From: ${city} ${radius}`,
    finish: (city, radius) => `To: ${city} ${radius}`,
    date: (first, last) => `Loading ${days(first, last, englishShortDate, { since: 'from', until: 'until' })}`,
    between: (min, max) => [min && `from ${min}`, max && `up to ${max}`].filter(Boolean).join(' '),
    has_price: 'Priced',
    partial_load: 'Partial load',
    round_trip: 'Round trip',
    inn: (inn) => `INN ${inn}`,
  },
  show: (n) => (n === null ? 'Show' : `Show ${englishCount(n, 'cargo', 'cargos')}`),
  terms: 'Terms',
  reset: 'Clear',
  more: 'More: loading, distance, INN',
  cityPlaceholder: 'City',
  near: (city) => `near ${city}`,
  clearCity: 'Clear the city',
  oldCity: 'This city is from an earlier version. Choose it again to get the order and the count.',
  recent: 'Recent',
  nothingFound: 'No such city',
  citiesFailed: 'The cities did not load',
  found: (n) => `${n} ${n === 1 ? 'match' : 'matches'}`,
  radius: 'Radius',
  date: 'Loading date',
  anyDate: 'any',
  dateFrom: 'Not before',
  dateTo: 'Not after',
  size: 'Weight and volume of the cargo',
  any: 'any',
  all: (n) => `All ${n}`,
  tonnes: 'Weight, t',
  cubicMetres: 'Volume, m³',
  choicesFailed: 'The choices did not load',
  price: 'Price, ₽',
  pricePerKm: 'Price per km, ₽',
  distance: 'Distance, km',
  inn: 'Cargo owner’s INN',
  min: 'from',
  max: 'to',
  errors: {
    city: 'Choose a city from the list',
    number: 'Enter a number',
    order: 'The minimum is above the maximum',
    past: 'This date has passed',
    inn: 'An INN has 10 or 12 digits',
  },
  refused: {
    start: 'Choose the city from the list again',
    finish: 'Choose the city from the list again',
    date: 'Choose a date from today to a year ahead',
    weight_volume: 'Weight from 0.1 to 1000 t, volume from 0.1 to 200 m³',
    truck_types: 'Choose the types again',
    load_types: 'Choose the ways of loading again',
    price: 'Whole rubles, at most 999 999',
    price_per_km_min: 'Whole rubles, at most 999',
    distance: 'Whole kilometres, at most 9 999',
    has_price: 'Does not work at the moment',
    partial_load: 'Does not work at the moment',
    round_trip: 'Does not work at the moment',
    owner_inn: 'An INN has 10 or 12 digits',
  },
};

/** The words of the sheet in the current language. */
export function filterWords(): FilterMessages {
  return language() === 'en' ? enFilters : ruFilters;
}
