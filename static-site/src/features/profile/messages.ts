import { language } from '../shell/messages';

/** What a driver reads in the profile. It comes with the screens that speak of it. */

export const ruProfile = {
  phone: 'Телефон',
  phoneConfirmed: 'подтверждён',
  phoneNotConfirmed: 'не подтверждён',
  confirmPhone: 'Подтвердить через Telegram',
  confirmed: 'Номер подтверждён',
  phoneHint: 'Например, +7\u00a0916\u00a0123-45-67',
  byLink: 'Вы вошли по ссылке. Телефон и e-mail меняются в приложении в Telegram',
  edit: 'Изменить',
  nothingYet: 'Телефон и компания не указаны',
  company: 'Компания',
  email: 'E-mail',
  language: 'Язык',
  administration: 'Администрирование',
  ru: 'Русский',
  en: 'English',
  save: 'Сохранить',
  saved: 'Сохранено',
  signOut: 'Выйти',
  signOutQuestion: 'Выйти из приложения?',
  signOutHint: 'Чтобы войти снова, откройте приложение из бота.',
  signOutYes: 'Да, выйти',
  errors: {
    phone: 'Проверьте номер: например, +7\u00a0916\u00a0123-45-67. Номер другой страны начните с\u00a0+',
    company: 'Одна строка, не больше 100 знаков',
    email: 'Проверьте адрес: например, name@mail.ru',
    emailLatin: 'Адрес пишется латинскими буквами: например, name@mail.ru',
  },
};

export type ProfileMessages = typeof ruProfile;

export const enProfile: ProfileMessages = {
  phone: 'Phone',
  phoneConfirmed: 'confirmed',
  phoneNotConfirmed: 'not confirmed',
  confirmPhone: 'Confirm through Telegram',
  confirmed: 'Number confirmed',
  phoneHint: 'For example, +7 916 123-45-67',
  byLink: 'You signed in by a link. The phone and e-mail are changed in the app in Telegram',
  edit: 'Change',
  nothingYet: 'No phone or company yet',
  company: 'Company',
  email: 'E-mail',
  language: 'Language',
  administration: 'Administration',
  ru: 'Русский',
  en: 'English',
  save: 'Save',
  saved: 'Saved',
  signOut: 'Sign out',
  signOutQuestion: 'Sign out of the app?',
  signOutHint: 'To sign in again, open the app from the bot.',
  signOutYes: 'Yes, sign out',
  errors: {
    phone: 'Check the number: for example, +7 916 123-45-67. Begin a number of another country with +',
    company: 'One line of at most 100 characters',
    email: 'Check the address: for example, name@mail.com',
    emailLatin: 'An address has Latin letters: for example, name@mail.com',
  },
};

/** The words of the profile in the current language. */
export function profileWords(): ProfileMessages {
  return language() === 'en' ? enProfile : ruProfile;
}
