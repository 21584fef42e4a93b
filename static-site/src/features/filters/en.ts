import type * as ru from './ru';

export const filters: typeof ru.filters = {
  title: 'Filters',
  unknownCity: 'selected city',
  today: 'today',
  tomorrow: 'tomorrow',
  several: (first, others) => `${first} +${others}`,
};
