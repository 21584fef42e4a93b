import type * as ru from './ru';

export const session: typeof ru.session = {
  expiredTitle: 'Your sign-in has expired',
  expiredText: 'Open the app from the bot once more; it takes a second.',
  refusedTitle: 'Could not sign in',
  refusedText: 'What Telegram handed over was not accepted. Open the app from the bot once more.',
  replacedTitle: 'You signed in on another device',
  replacedText: 'The app works on one device at a time. To go on here, open it from the bot.',
  signedOutTitle: 'You are signed out',
  signedOutText: 'To sign in again, open the app from the bot.',
  linkAgain: 'To sign in here again, open your sign-in link or the bot.',
  outsideTitle: 'Open the app from the bot',
  outsideText: 'That is how we know it is you. No password needed.',
  open: 'Open from the bot',
};
