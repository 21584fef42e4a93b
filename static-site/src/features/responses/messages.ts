import { NO_BREAK_SPACE } from '../../ui/format';
import { language } from '../shell/messages';

/** What a driver reads while responding to a cargo. It comes with the screens on which that is done. */

export const ruRespond = {
  /** What happens next. */
  next: {
    queued: () => 'Передаём отклик диспетчеру. Приложение можно закрыть.',
    sent: (until: string) => `Отклик у диспетчера, ждём ответа до ${until}. Он придёт сюда и в чат с ботом.`,
    accepted: (_: string, phone: string) => `Вам позвонят по номеру ${phone}.`,
    rejected: () => 'Этот рейс не ваш. Посмотрите другие грузы.',
    expired: () => 'Вовремя никто не ответил. Можно откликнуться снова.',
    completed: () => 'Рейс завершён.',
    withdrawn: () => 'Вы отозвали отклик и можете откликнуться снова.',
  },
  /** What happens next when a response was accepted and then was not. */
  nextUndone: 'Принятие отменили: этот рейс больше не ваш. Если готовы ехать, откликнитесь снова.',
  /** What happens next when it was rejected for another driver, who has the cargo no more. */
  nextFreed: 'Груз снова свободен. Можно откликнуться ещё раз.',
  history: 'История',
  step: {
    queued: 'Создан',
    sent: 'Передан диспетчеру',
    accepted: 'Принят',
    rejected: 'Отклонён',
    expired: 'Время вышло',
    completed: 'Завершён',
    withdrawn: 'Отозван',
  },
  stepUndone: 'Принятие отменено',
  by: { driver: 'вы', dispatcher: 'диспетчер', shipper: 'грузовладелец', admin: 'администратор', system: '' },
  withdrawQuestion: 'Отозвать отклик?',
  withdrawHint: 'Диспетчер увидит, что вы передумали.',
  withdrawYes: 'Да, отозвать',

  send: 'Откликнуться',
  sendAgain: 'Откликнуться снова',
  sendFor: (price: string) => `Откликнуться: ${price}`,
  add: 'Добавить комментарий или свою цену',
  change: 'Изменить комментарий или цену',
  withPhone: (phone: string) => `Ваш номер: ${phone}`,
  willAskPhone: 'Telegram попросит поделиться номером',
  waitingForPhone: 'Ждём номер из Telegram…',
  phoneLate: 'Номер из Telegram не дошёл. Попробуйте ещё раз или введите его.',
  phoneRefused: 'Без номера с вами не свяжутся. Введите его.',
  typePhone: 'Ввести номер',
  priceChanged: (was: string, now: string) => `Цена изменилась: было ${was}, стало ${now}.`,
  failed: (why: string) => `Отклик не отправлен. ${why}`,
  sent: 'Отклик отправлен',
  exists: 'Вы уже откликнулись на этот груз',
  leaving: (seconds: number) => `Отклик уйдёт через ${seconds}${NO_BREAK_SPACE}с, а если закрыть приложение, то сразу`,
  waiting: 'Нет связи. Отклик сохранён на телефоне и уйдёт сам, как только она появится.',
  recall: 'Отменить',
  recalled: 'Отклик отменён',
  dismiss: 'Убрать',
  notSent: (route: string) => `Отклик не отправлен: ${route}`,
  gone: 'Отклик не отправлен: этого груза больше нет.',
  wrong: 'Отклик не отправлен: проверьте, что в нём введено.',
  old: 'Отклик не отправлен: связи не было слишком долго. Если груз ещё нужен, откликнитесь снова.',

  submit: 'Отправить отклик',
  phone: 'Телефон для связи',
  sharePhone: 'Поделиться номером из Telegram',
  comment: 'Комментарий',
  commentHint: 'Например: какая машина, когда будете на погрузке',
  price: 'Своя цена, ₽',
  priceHint: (price: string) => `Цена груза: ${price}. Оставьте пустым, если согласны.`,
  priceHintOpen: 'Цена груза по запросу: можно предложить свою.',
  errors: {
    missing: 'Введите номер, по которому вам позвонят',
    phone: 'Проверьте номер: например, +7\u00a0916\u00a0123-45-67. Номер другой страны начните с\u00a0+',
    comment: 'Слишком длинный комментарий',
    price_rub: 'Введите сумму в рублях, например 45000',
  },
};

export type RespondMessages = typeof ruRespond;

export const enRespond: RespondMessages = {
  next: {
    queued: () => 'Your response is on its way to the dispatcher. You can close the app.',
    sent: (until) => `The dispatcher has your response; an answer can come until ${until}, here and in the bot’s chat.`,
    accepted: (_, phone) => `You will be called at ${phone}.`,
    rejected: () => 'Not you this time. Have a look at other cargos.',
    expired: () => 'Nobody answered in time. You may respond again.',
    completed: () => 'The trip is completed.',
    withdrawn: () => 'You withdrew your response and may respond again.',
  },
  nextUndone: 'The acceptance was undone: this trip is no longer yours. If you can go, respond again.',
  nextFreed: 'The cargo is free again. You may respond once more.',
  history: 'History',
  step: {
    queued: 'Created',
    sent: 'With the dispatcher',
    accepted: 'Accepted',
    rejected: 'Declined',
    expired: 'Time ran out',
    completed: 'Completed',
    withdrawn: 'Withdrawn',
  },
  stepUndone: 'Acceptance undone',
  by: { driver: 'you', dispatcher: 'dispatcher', shipper: 'cargo owner', admin: 'administrator', system: '' },
  withdrawQuestion: 'Withdraw your response?',
  withdrawHint: 'The dispatcher will see that you changed your mind.',
  withdrawYes: 'Yes, withdraw',

  send: 'Respond',
  sendAgain: 'Respond again',
  sendFor: (price) => `Respond: ${price}`,
  add: 'Add a comment or your own price',
  change: 'Change the comment or price',
  withPhone: (phone) => `Your number: ${phone}`,
  willAskPhone: 'Telegram will ask you to share your number',
  waitingForPhone: 'Waiting for your number from Telegram…',
  phoneLate: 'Your number did not arrive from Telegram. Try again or type it.',
  phoneRefused: 'Without a number nobody can reach you. Type it.',
  typePhone: 'Type the number',
  priceChanged: (was, now) => `The price has changed: it was ${was}, now it is ${now}.`,
  failed: (why) => `Your response was not sent. ${why}`,
  sent: 'Response sent',
  exists: 'You have already responded to this cargo',
  leaving: (seconds) => `Your response leaves in ${seconds}${NO_BREAK_SPACE}s, or at once if you close the app`,
  waiting: 'No connection. Your response is kept on the phone and leaves by itself as soon as there is one.',
  recall: 'Cancel',
  recalled: 'Response cancelled',
  dismiss: 'Remove',
  notSent: (route) => `Response not sent: ${route}`,
  gone: 'Response not sent: this cargo is gone.',
  wrong: 'Response not sent: check what you entered.',
  old: 'Response not sent: there was no connection for too long. If you still want the cargo, respond again.',

  submit: 'Send the response',
  phone: 'Phone to reach you',
  sharePhone: 'Share the number from Telegram',
  comment: 'Comment',
  commentHint: 'For example: your truck, when you can load',
  price: 'Your own price, ₽',
  priceHint: (price) => `The cargo’s price: ${price}. Leave empty if you agree.`,
  priceHintOpen: 'The price is on request: you may offer your own.',
  errors: {
    missing: 'Enter the number to call you at',
    phone: 'Check the number: for example, +7 916 123-45-67. Begin a number of another country with +',
    comment: 'The comment is too long',
    price_rub: 'Enter a sum in rubles, for example 45000',
  },
};

/** The words about responding in the current language. */
export function respondWords(): RespondMessages {
  return language() === 'en' ? enRespond : ruRespond;
}
