import { count } from '../../ui/ru';
import { language } from '../shell/messages';

/** What the filter sheet says beyond what chips say as well. It comes with the sheet. */

export const ruFilters = {
  show: 'Показать',
  reset: 'Сбросить',
  more: 'Ещё: загрузка, расстояние, ИНН',
  cityPlaceholder: 'Город или регион',
  clearCity: 'Очистить город',
  recent: 'Недавние',
  nothingFound: 'Такого города нет',
  citiesFailed: 'Список городов не загрузился',
  found: (n: number) => count(n, 'вариант', 'варианта', 'вариантов'),
  radius: 'Радиус',
  date: 'Дата погрузки',
  anyDate: 'любая',
  otherDate: 'Другая дата',
  weightVolume: 'Грузоподъёмность и объём',
  any: 'любая',
  ownPair: 'своя',
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
    pair: 'Укажите и вес, и объём',
    past: 'Эта дата уже прошла',
    inn: 'ИНН состоит из 10 или 12 цифр',
  },
  /** The server took offence at a filter. */
  refused: {
    start: 'Выберите город из списка ещё раз',
    finish: 'Выберите город из списка ещё раз',
    start_date: 'Выберите дату от сегодня до года вперёд',
    weight_volume: 'Вес от 0,1 до 1000 т, объём от 0,1 до 200 м³',
    truck_types: 'Выберите типы ещё раз',
    load_types: 'Выберите способы ещё раз',
    price: 'Целые рубли, не больше 999 999',
    price_per_km_min: 'Целые рубли, не больше 999',
    distance: 'Целые километры, не больше 9 999',
    owner_inn: 'ИНН состоит из 10 или 12 цифр',
  },
};

export type FilterMessages = typeof ruFilters;

export const enFilters: FilterMessages = {
  show: 'Show',
  reset: 'Clear',
  more: 'More: loading, distance, INN',
  cityPlaceholder: 'City or region',
  clearCity: 'Clear the city',
  recent: 'Recent',
  nothingFound: 'No such city',
  citiesFailed: 'The cities did not load',
  found: (n) => `${n} ${n === 1 ? 'match' : 'matches'}`,
  radius: 'Radius',
  date: 'Loading date',
  anyDate: 'any',
  otherDate: 'Another date',
  weightVolume: 'Truck capacity and volume',
  any: 'any',
  ownPair: 'custom',
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
    pair: 'Enter both weight and volume',
    past: 'This date has passed',
    inn: 'An INN has 10 or 12 digits',
  },
  refused: {
    start: 'Choose the city from the list again',
    finish: 'Choose the city from the list again',
    start_date: 'Choose a date from today to a year ahead',
    weight_volume: 'Weight from 0.1 to 1000 t, volume from 0.1 to 200 m³',
    truck_types: 'Choose the types again',
    load_types: 'Choose the ways of loading again',
    price: 'Whole rubles, at most 999 999',
    price_per_km_min: 'Whole rubles, at most 999',
    distance: 'Whole kilometres, at most 9 999',
    owner_inn: 'An INN has 10 or 12 digits',
  },
};

/** The words of the sheet in the current language. */
export function filterWords(): FilterMessages {
  return language() === 'en' ? enFilters : ruFilters;
}
