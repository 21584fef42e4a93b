import type * as ru from './ru';

export const profile: typeof ru.profile = {
  title: 'Profile',
  subscription: 'Subscription',
  support: 'Write to support',
};
