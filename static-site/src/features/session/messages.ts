import { language } from '../shell/messages';
import { session as enSession } from './en';
import { session as ruSession } from './ru';

/** What a driver reads about the link that opens the app without Telegram; most never do. */

export const ruLink = {
  title: 'Вход без Telegram',
  text: 'Если Telegram недоступен, приложение откроется в браузере по вашей личной ссылке. Она действует, пока действует подписка.',
  notNow: 'Ссылка для входа в браузере работает, пока действует подписка или пробный доступ.',
  show: 'Показать ссылку',
  showNew: 'Показать новую ссылку',
  warning: 'Никому её не пересылайте: кто откроет ссылку, войдёт как вы.',
  replaces: 'Если войти по ссылке, здесь вы выйдете.',
  copy: 'Скопировать',
  share: 'Отправить себе',
  revoke: 'Отозвать ссылку',
  revokeQuestion: 'Отозвать ссылку?',
  revokeHint: 'Войти по ней больше не получится. Новую можно взять здесь же.',
  revokeYes: 'Да, отозвать',
  revoked: 'Ссылка отозвана, войти по ней больше нельзя.',
  notShown: (why: string) => `Ссылка не загрузилась. ${why}`,
  notRevoked: (why: string) => `Отозвать не получилось. ${why}`,

  byLink: 'Вы вошли по этой ссылке. Отозвать её можно в Telegram: в приложении или в сообщении бота о входе.',
  asksTitle: 'Войти по ссылке?',
  asksText: (name: string) => `В этом браузере уже есть вход: ${name}. Если войти по ссылке, он закончится.`,
  asksHint: 'Открывайте только свою ссылку.',
  asksKeep: 'Остаться как есть',
  asksTake: 'Войти по ссылке',

  invalidTitle: 'Ссылка не подходит',
  invalidText: 'Её отозвали или скопировали не целиком. Новая есть в приложении: «Подписка», «Вход без Telegram».',
  overTitle: 'Подписка закончилась',
  overText: 'Вход по ссылке работает, пока действует подписка. Продлить её можно в Telegram.',
  goOn: 'Продолжить без ссылки',

  damagedTitle: 'Ссылка повреждена',
  damagedText: 'Похоже, её скопировали не целиком. Попросите прислать её ещё раз или найдите груз в списке.',
};

export type LinkMessages = typeof ruLink;

export const enLink: LinkMessages = {
  title: 'Sign-in without Telegram',
  text: 'When Telegram cannot be reached, the app opens in a browser by your personal link. It works while your subscription runs.',
  notNow: 'The link for signing in from a browser works while a subscription or trial runs.',
  show: 'Show the link',
  showNew: 'Show the new link',
  warning: 'Do not pass it on: whoever opens the link signs in as you.',
  replaces: 'Signing in by the link signs you out on this device.',
  copy: 'Copy',
  share: 'Send to yourself',
  revoke: 'Revoke the link',
  revokeQuestion: 'Revoke the link?',
  revokeHint: 'Nobody will sign in by it any more. You can get a new one here.',
  revokeYes: 'Yes, revoke',
  revoked: 'The link is revoked; nobody can sign in by it any more.',
  notShown: (why) => `The link did not load. ${why}`,
  notRevoked: (why) => `Could not revoke it. ${why}`,

  byLink:
    'You signed in by this link. It can be revoked in Telegram: in the app, or in the bot’s message about the sign-in.',
  asksTitle: 'Sign in by the link?',
  asksText: (name) => `Somebody is signed in in this browser: ${name}. Signing in by the link ends that.`,
  asksHint: 'Only open your own link.',
  asksKeep: 'Stay as it is',
  asksTake: 'Sign in by the link',

  invalidTitle: 'This link does not work',
  invalidText:
    'It was revoked, or not all of it was copied. The app has a new one: “Subscription”, “Sign-in without Telegram”.',
  overTitle: 'Your subscription has ended',
  overText: 'The link works while a subscription runs. You can extend it in Telegram.',
  goOn: 'Go on without the link',

  damagedTitle: 'This link is damaged',
  damagedText: 'It looks as if not all of it was copied. Ask for it once more, or find the cargo in the list.',
};

/** The words about the access link in the current language. */
export function link(): LinkMessages {
  return language() === 'en' ? enLink : ruLink;
}

/** What a driver reads whom an admin keeps out. */
const ruBlocked = {
  title: 'Доступ закрыт',
  text: 'Администратор закрыл вам доступ к приложению. Причину подскажет поддержка. Подписка, если она есть, сохраняется.',
};

export const enBlocked: typeof ruBlocked = {
  title: 'Access is closed',
  text: 'An administrator closed the app for you. The reason is not shown here: write to support, they will look into it. A subscription, if there is one, stays.',
};

export function blocked(): typeof ruBlocked {
  return language() === 'en' ? enBlocked : ruBlocked;
}

export { enSession };

/** Why a session is over and how to begin another, in the current language. */
export function sessionWords(): typeof ruSession {
  return language() === 'en' ? enSession : ruSession;
}
