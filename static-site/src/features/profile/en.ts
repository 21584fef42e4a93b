import type * as ru from './ru';

export const profile: typeof ru.profile = {
  title: 'More',
  edit: 'Profile',
  truck: 'Truck',
  subscription: 'Subscription',
  support: 'Write to support',
};
