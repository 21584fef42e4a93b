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
};
