import type * as ru from './ru';

export const locked: typeof ru.locked = {
  title: 'A subscription is needed',
  open: 'Get access',
  list: 'The cargos come with a subscription. Getting one takes a minute.',
  detail: 'The details of a cargo come with a subscription.',
  contacts: 'The owner’s phones and comment come with a subscription.',
  respond: 'To respond, you need a subscription',
  alerts: 'One more search needs a subscription',
};
