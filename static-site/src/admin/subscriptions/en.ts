import type * as ru from './ru';

export const requests: typeof ru.requests = {
  what: 'What is asked for',
  gift: (text) => `Give ${text}`,
  until: (day) => `Extend until ${day}`,
  driver: 'Driver',
  reason: 'Reason',
  askedBy: 'Asked by',
  askedAt: 'When',
  decision: 'Decision',
  confirm: 'Confirm',
  confirmTitle: 'Confirm the request?',
  confirmText: (what, driver) => `${what}, driver ${driver}. The days are given at once.`,
  confirmedNow: 'Confirmed, the days are given',
  decline: 'Decline',
  declineTitle: 'Decline the request?',
  declinedNow: 'Declined',
  confirmed: 'confirmed',
  declined: 'declined',
  waiting: 'Waiting',
  decided: 'Decided',
  empty: 'No requests',
  emptyDecided: 'No decided requests',
};

export const subscriptions: typeof ru.subscriptions = {
  driver: 'Driver',
  state: 'State',
  ends: 'Ends',
  endsFrom: 'Ends from',
  endsUntil: 'Ends until',
  daysLeft: 'Days left',
  source: 'From',
  payments: 'Payments',
  empty: 'No subscriptions fit these filters',
};
