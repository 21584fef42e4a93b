import type * as ru from './ru';

export const respond: typeof ru.respond = { title: 'Response' };

export const responses: typeof ru.responses = {
  title: 'My responses',
  yours: 'Your response',
  state: {
    queued: 'Sending',
    sent: 'Waiting',
    accepted: 'Accepted',
    rejected: 'Declined',
    expired: 'No answer',
    completed: 'Completed',
    withdrawn: 'Withdrawn',
    kept: 'Waiting to be sent',
    stopped: 'Not sent',
  },
  reason: (text) => `Reason: ${text}`,
  comment: (text) => `Comment: ${text}`,
  price: (price) => `Your price: ${price}`,
  cargoPrice: (price) => `The cargo’s price: ${price}`,
  agreed: (price) => `Agreed price: ${price}`,
  phone: (phone, confirmed) => `${phone}, ${confirmed ? 'confirmed' : 'not confirmed'}`,
  withdraw: 'Withdraw the response',
  withdrawn: 'Response withdrawn',
  alreadyDecided: 'The answer has already come',
  accepted: (route) => `Response accepted: ${route}`,
  rejected: (route) => `Declined: ${route}`,
  emptyTitle: 'No responses yet',
  emptyText: 'Open a cargo and press “Respond”.',
  more: 'Show more',
  moreFailed: 'The next responses did not load',
  offline: 'No network, answers may have changed',
  notRefreshed: 'Could not refresh, answers may have changed',
};
