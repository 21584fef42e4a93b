import { count, unit } from '../../ui/en';
import type * as ru from './ru';

export const list: typeof ru.list = {
  filters: (n) => (n > 0 ? `Filters, ${n} selected` : 'Filters'),
  anywhere: { start: 'From anywhere', finish: 'To anywhere' },
  swap: 'Swap the cities',
  refresh: 'Refresh',
  navigation: 'Sections',
  found: (n) => count(n, 'cargo', 'cargos'),
  deadhead: (km) => `pickup\u00a0≈${unit(km, 'km')}`,
  net: (rub) => `≈\u00a0${unit(Math.round(rub / 100) * 100, '₽')} net`,
  isNew: 'new',
  was: (price) => `was ${price}`,
  star: (route) => `Save: ${route}`,
  updating: 'updating…',
  pull: 'Pull to refresh',
  release: 'Release to refresh',
  end: 'These are all the cargos',
  moreFailed: 'The next cargos did not load',
  upstreamDown: (time) => `CargoTech is not answering, data from ${time}`,
  offline: (time) => `No network, data from ${time}`,
  notApplied: (offline, time) =>
    `${offline ? 'No network, the filters apply when it is back' : 'No answer, the filters apply when there is one'}. The list before, data from ${time}`,
  notRefreshed: (time) => `Could not refresh, data from ${time}`,
  emptyTitle: 'No cargos found',
  emptyFiltered: 'Nothing matches these filters right now. Try a wider search.',
  emptyAll: 'There are no cargos right now. Look in again a little later.',
  widen: 'Widen the radius',
  clear: 'Clear filters',
  change: 'Change filters',
  refreshed: (total) => (total === null ? 'List updated' : `List updated: ${count(total, 'cargo', 'cargos')}`),
};

export const cargo: typeof ru.cargo = { title: 'Cargo' };
