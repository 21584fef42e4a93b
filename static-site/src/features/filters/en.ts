import { unit } from '../../ui/en';
import type * as ru from './ru';

export const filters: typeof ru.filters = {
  title: 'Filters',
  start: 'From',
  finish: 'To',
  unknownCity: 'selected city',
  radiusValue: (km) => (km === 0 ? 'city only' : `+${unit(km, 'km')}`),
  today: 'today',
  tomorrow: 'tomorrow',
  upTo: (tonnes, cubicMetres) =>
    `up to ${unit(tonnes, 't')}, ${cubicMetres === null ? 'any volume' : `up to ${unit(cubicMetres, 'm³')}`}`,
  truckTypes: 'Truck type',
  loadTypes: 'Loading type',
  chip: {
    start: (city, radius) => `From: ${city} ${radius}`,
    finish: (city, radius) => `To: ${city} ${radius}`,
    date: (date) => `Loading ${date}`,
    between: (min, max) => [min && `from ${min}`, max && `up to ${max}`].filter(Boolean).join(' '),
    several: (first, others) => `${first} +${others}`,
    has_price: 'Priced',
    partial_load: 'Partial load',
    round_trip: 'Round trip',
    inn: (inn) => `INN ${inn}`,
  },
};
