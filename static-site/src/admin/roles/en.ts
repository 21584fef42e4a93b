import type * as ru from './ru';

export const roles: typeof ru.roles = {
  name: 'Who',
  role: 'Role',
  id: 'Telegram ID',
  given: 'When',
  by: 'Given by',
  action: 'Action',
  configured: 'in the configuration',
  you: 'this is you',
  names: { owner: 'owner', support: 'support', marketing: 'marketing', readonly: 'read only' },
  about: {
    owner: 'May do everything, giving roles and changing settings included.',
    support:
      'Sees drivers and payments, takes lists as files, refunds, gives up to 30 days at once and 90 a month (an owner confirms more), blocks, sends messages again.',
    marketing: 'Makes promo codes and sees the totals, but no drivers.',
    readonly: 'Sees everything and changes nothing.',
  },
  give: 'Give a role',
  giveTitle: 'Give a role',
  change: 'Change',
  changeTitle: (name) => `Role: ${name}`,
  take: 'Take away',
  takeTitle: (name) => `Take the role away: ${name}`,
  takeText: 'Administration closes for this person at once.',
  taken: 'The role is taken away',
  given_: 'The role is given',
  idHint: 'The person must have opened the app once',
  idWrong: 'Digits only',
  empty: 'No roles yet',
};
