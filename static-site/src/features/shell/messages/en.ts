import { age, date, measures, number, shortDate, unit } from '../../../ui/en';
import { latin } from '../../../ui/latin';
import { locked } from '../../billing/en';
import { cargo, list } from '../../cargos/en';
import { enType } from '../../cargos/enTypes';
import { filters } from '../../filters/en';
import { profile } from '../../profile/en';
import { respond, responses } from '../../responses/en';
import type { Messages } from '.';

/** Every string that a driver reads, in English. */
export const en: Messages = {
  app: 'Cargos',
  back: 'Back',
  tabs: { list: 'Cargos', searches: 'Searches', responses: 'Responses', profile: 'More', waiting: 'waiting' },
  cancel: 'Cancel',
  retry: 'Try again',
  loading: 'Loading…',

  format: {
    number,
    tonnes: (t) => unit(t, 't', 2),
    cubicMetres: (m3) => unit(m3, 'm³', 1),
    kilometres: (km) => unit(km, 'km'),
    rubles: (rub) => unit(rub, '₽'),
    rublesPerKilometre: (rub) => unit(rub, '₽/km', rub < 100 ? 1 : 0),
    onRequest: 'on request',
    measures,
    place: (name, english) => english ?? latin(name),
    type: enType,
    date,
    shortDate,
    age,
  },
  list,
  filters,
  cargo,
  respond,
  responses,
  profile,
  locked,

  errors: {
    title: 'Could not load',
    offline: 'No network. Check your connection and try again.',
    network: 'The server did not answer. The connection may be weak.',
    upstream: 'CargoTech is not answering right now. Try again in a minute.',
    rateLimited: 'Too many requests at once. Wait a few seconds.',
    store: 'We have a fault on our side. Try again in a minute.',
    featureOff: 'This is switched off at the moment. Try later.',
    telegramNeeded: 'You signed in by a link. This can be done in the app in Telegram.',
    tooLarge: 'The text is too long. Shorten it and try again.',
    forbidden: 'Access is closed, contact support',
    unknown: 'Something went wrong on our side. Try again.',
    partOffline: 'No network. The screen opens by itself when it is back.',
    part: 'This part of the app did not load. There may be a new version.',
    reload: 'Load again',
    requestId: (id) => `Request: ${id}`,
  },
};
