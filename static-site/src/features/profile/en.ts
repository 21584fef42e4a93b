import type * as ru from './ru';

export const profile: typeof ru.profile = {
  title: 'More',
  edit: 'Profile',
  subscription: 'Subscription',
  support: 'Write to support',
};
