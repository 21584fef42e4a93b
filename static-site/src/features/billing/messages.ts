import type { Subscription } from '../../api/driver';
import type { PaymentStatus } from '../../api/types';
import { formatNumber, NO_BREAK_SPACE } from '../../ui/format';
import { language } from '../shell/messages';

/** What a driver reads about money. It comes with the screens that speak of it: most drivers start without them. */

type Source = NonNullable<Subscription['source']>;

const ruRules = /* @__PURE__ */ new Intl.PluralRules('ru');

function ruDays(days: number): string {
  const rule = ruRules.select(days);
  return `${days}${NO_BREAK_SPACE}${rule === 'one' ? 'день' : rule === 'few' ? 'дня' : 'дней'}`;
}

export const ruMoney = {
  title: 'Подписка',
  access: {
    none: 'Подписки пока нет',
    expired: 'Подписка закончилась',
    trial: 'Пробный доступ',
    active: 'Подписка активна',
  } satisfies Record<Subscription['state'], string>,
  source: { payment: '', promo: 'по промокоду', trial: '', gift: 'подарок' } satisfies Record<Source, string>,
  until: (date: string) => `до ${date}`,
  trialEnded: 'Пробный доступ закончился',
  left: (days: number) =>
    days === 0 ? 'последний день' : `${ruRules.select(days) === 'one' ? 'остался' : 'осталось'} ${ruDays(days)}`,
  endsSoon: (date: string) => `Доступ закончится ${date}. Продлите его заранее: дни прибавятся к оставшимся.`,
  opens: (features: string) => `С подпиской доступны: ${features}.`,
  features: {
    list: 'список грузов',
    detail: 'подробности грузов',
    contacts: 'телефоны грузовладельцев',
    respond: 'отклики',
  },
  and: ' и ',
  plans: 'Срок подписки',
  prolong: 'Продлить',
  perDay: (price: number) => `${formatNumber(price, ',', 2)}${NO_BREAK_SPACE}₽ в${NO_BREAK_SPACE}день`,
  saving: (percent: number) => `выгода ${percent}${NO_BREAK_SPACE}%`,
  planName: (name: string, _days: number) => name,
  email: 'E-mail для чека',
  emailHint: 'На него придёт чек об оплате. Запомним для следующего раза.',
  emailWrong: {
    latin: 'Адрес пишется латинскими буквами: например, name@mail.ru',
    wrong: 'Проверьте адрес: например, name@mail.ru',
    refused: 'ЮKassa не приняла этот адрес. Проверьте его или укажите другой.',
  },
  phoneRefused: 'ЮKassa не приняла ваш номер телефона. Проверьте его в профиле.',
  pay: (price: string) => `Оплатить ${price}`,
  payHint: 'Откроется страница ЮKassa',
  offTitle: 'Оплата временно не работает',
  offText: 'Загляните чуть позже. Промокод можно применить и сейчас.',
  notOrdered: (why: string) => `Перейти к оплате не получилось. ${why}`,
  refusedNow: 'ЮKassa не приняла платёж. Деньги не списаны. Попробуйте позже.',
  planGone: 'Условия изменились. Выберите срок ещё раз.',

  promo: 'Промокод',
  promoPlaceholder: 'Введите код',
  promoApply: 'Применить',
  promoDone: (days: number) => `Промокод применён: ${ruDays(days)}`,
  promoErrors: {
    empty: 'Введите код',
    promo_code_unknown: 'Такого промокода нет. Проверьте, всё ли введено верно.',
    promo_code_too_early: 'Этот промокод ещё не начал действовать',
    promo_code_over: 'Срок промокода закончился',
    promo_code_used_up: 'Промокод уже использовали максимальное число раз',
    promo_code_repeated: 'Вы уже применили этот промокод',
    promo_code_not_for_subscribers: 'Этот промокод для тех, у кого ещё нет подписки',
    promo_code_own: 'Свой промокод применить нельзя',
    validation_failed: 'Промокод состоит из букв и цифр. Проверьте его.',
  } as Record<string, string>,
  wait: (minutes: number) => `Слишком много попыток. Попробуйте через ${minutes}${NO_BREAK_SPACE}мин.`,

  history: 'Платежи',
  historyFailed: 'Платежи не загрузились',
  more: 'Показать ещё',
  status: {
    created: 'Проверяем',
    pending: 'Ждёт оплаты',
    waiting_for_capture: 'Проверяем',
    succeeded: 'Оплачен',
    canceled: 'Не оплачен',
    refused: 'Не принят',
    lost: 'Не подтверждён',
  } satisfies Record<PaymentStatus, string>,
  refunded: (sum: string) => `Возвращено ${sum}`,
  receipt: { pending: 'Чек готовится', succeeded: 'Чек отправлен', canceled: 'Чек не сформирован' },
  open: 'Открыть',

  payment: 'Оплата',
  checking: 'Проверяем оплату…',
  waiting: 'Ждём оплату',
  checkingCreated: 'ЮKassa пока не ответила. Второй раз платить не нужно: мы всё узнаем сами.',
  checkingPending: 'Оплатите на странице ЮKassa и вернитесь сюда.',
  checkingHeld: 'Деньги получены, подтверждаем платёж.',
  checkingFailed: 'Узнать не получилось, пробуем снова.',
  toPay: 'Перейти к оплате',
  paid: 'Оплата прошла',
  paidText: (until: string) => `Доступ открыт до ${until}`,
  paidTextPlain: 'Доступ открыт',
  toCargo: 'Вернуться к грузу',
  toList: 'К грузам',
  declined: 'Оплата не прошла',
  refused: 'Платёж не принят',
  refusedText: 'ЮKassa не приняла запрос. Деньги не списаны.',
  lost: 'Платёж не подтвердился',
  lostText: 'ЮKassa о нём не знает. Если деньги всё же списались, напишите в поддержку.',
  notFound: 'Такого платежа нет',
  notFoundText: 'Возможно, его сделали из другого аккаунта.',
  again: 'Попробовать ещё раз',
  toPlans: 'К подписке',
  noMoney: 'Деньги не списаны.',
  reasons: {
    '3d_secure_failed': 'Не пройдено подтверждение банка (код из СМС или приложения).',
    call_issuer: 'Банк отклонил оплату. Позвоните в банк или возьмите другую карту.',
    canceled_by_merchant: 'Платёж отменён с нашей стороны.',
    card_expired: 'Срок карты истёк. Возьмите другую карту.',
    country_forbidden: 'Картой этой страны заплатить нельзя. Возьмите другую.',
    expired_on_capture: 'Платёж не успели подтвердить, деньги вернутся.',
    expired_on_confirmation: 'Время на оплату вышло.',
    fraud_suspected: 'Банк счёл оплату подозрительной. Возьмите другую карту.',
    general_decline: 'Банк отклонил оплату. Попробуйте другую карту.',
    identification_required: 'Кошелёк ЮMoney не идентифицирован. Заплатите картой.',
    insufficient_funds: 'На карте не хватает денег.',
    internal_timeout: 'ЮKassa не успела обработать платёж. Попробуйте ещё раз.',
    invalid_card_number: 'Номер карты введён с ошибкой.',
    invalid_csc: 'Код с обратной стороны карты введён с ошибкой.',
    issuer_unavailable: 'Банк карты сейчас не отвечает. Попробуйте позже.',
    payment_method_limit_exceeded: 'Превышен лимит карты или кошелька.',
    payment_method_restricted: 'Операции по этой карте запрещены. Возьмите другую.',
    permission_revoked: 'Разрешение на списание отозвано.',
    unsupported_mobile_operator: 'С этого номера телефона заплатить нельзя.',
    rejected_by_timeout: 'Время на оплату вышло.',
  } as Record<string, string>,
  otherReason: 'Банк или ЮKassa отклонили оплату. Попробуйте другую карту.',
};

export type MoneyMessages = typeof ruMoney;

function enDays(days: number): string {
  return `${days}${NO_BREAK_SPACE}${days === 1 ? 'day' : 'days'}`;
}

export const enMoney: MoneyMessages = {
  title: 'Subscription',
  access: {
    none: 'No subscription yet',
    expired: 'Your subscription has ended',
    trial: 'Trial',
    active: 'Subscription active',
  },
  source: { payment: '', promo: 'by promo code', trial: '', gift: 'a gift' },
  until: (date) => `until ${date}`,
  trialEnded: 'Your trial has ended',
  left: (days) => (days === 0 ? 'last day' : `${enDays(days)} left`),
  endsSoon: (date) => `Your access ends ${date}. Extend it ahead of time: the days are added to those left.`,
  opens: (features) => `A subscription opens ${features}.`,
  features: {
    list: 'the list of cargos',
    detail: 'the details of cargos',
    contacts: 'the owners’ phones',
    respond: 'responses',
  },
  and: ' and ',
  plans: 'How long',
  prolong: 'Extend',
  perDay: (price) => `${formatNumber(price, '.', 2)}${NO_BREAK_SPACE}₽ a${NO_BREAK_SPACE}day`,
  saving: (percent) => `save ${percent}${NO_BREAK_SPACE}%`,
  // The server names them in Russian.
  planName: (_name, days) => {
    const months = Math.max(1, Math.round(days / 30.4));
    return Math.abs(days - months * 30.4) < months + 2
      ? `${months} ${months === 1 ? 'month' : 'months'}`
      : enDays(days);
  },
  email: 'E-mail for the receipt',
  emailHint: 'Your receipt goes there. We keep it for the next time.',
  emailWrong: {
    latin: 'An address has Latin letters: for example, name@mail.com',
    wrong: 'Check the address: for example, name@mail.com',
    refused: 'YooKassa did not take this address. Check it or enter another.',
  },
  phoneRefused: 'YooKassa did not take your phone number. Check it in your profile.',
  pay: (price) => `Pay ${price}`,
  payHint: 'You pay through YooKassa, on its own page',
  offTitle: 'Payments are not available right now',
  offText: 'Come back a little later. A promo code works even now.',
  notOrdered: (why) => `Could not go on to the payment. ${why}`,
  refusedNow: 'YooKassa did not take the payment. You have not been charged. Try again later.',
  planGone: 'The offer has changed. Choose again.',

  promo: 'Promo code',
  promoPlaceholder: 'Enter the code',
  promoApply: 'Apply',
  promoDone: (days) => `Promo code applied: ${enDays(days)}`,
  promoErrors: {
    empty: 'Enter the code',
    promo_code_unknown: 'There is no such code. Check that it is typed right.',
    promo_code_too_early: 'This code does not work yet',
    promo_code_over: 'This code has expired',
    promo_code_used_up: 'This code has been used as often as it may be',
    promo_code_repeated: 'You have already used this code',
    promo_code_not_for_subscribers: 'This code is for drivers without a subscription',
    promo_code_own: 'Nobody redeems a code of their own making',
    validation_failed: 'A code has letters and digits. Check it.',
  },
  wait: (minutes) => `Too many attempts. Try again in ${minutes}${NO_BREAK_SPACE}min.`,

  history: 'Payments',
  historyFailed: 'The payments did not load',
  more: 'Show more',
  status: {
    created: 'Checking',
    pending: 'To be paid',
    waiting_for_capture: 'Checking',
    succeeded: 'Paid',
    canceled: 'Not paid',
    refused: 'Not taken',
    lost: 'Not confirmed',
  },
  refunded: (sum) => `${sum} returned`,
  receipt: { pending: 'The receipt is being made', succeeded: 'Receipt sent', canceled: 'No receipt was made' },
  open: 'Open',

  payment: 'Payment',
  checking: 'Checking your payment…',
  waiting: 'Waiting for your payment',
  checkingCreated: 'YooKassa has not answered yet. Do not pay twice: we find out by ourselves.',
  checkingPending: 'Pay on YooKassa’s page and come back here.',
  checkingHeld: 'The money has arrived; we are confirming the payment.',
  checkingFailed: 'Could not find out, trying again.',
  toPay: 'Go to the payment',
  paid: 'Paid',
  paidText: (until) => `You have access until ${until}`,
  paidTextPlain: 'You have access',
  toCargo: 'Back to the cargo',
  toList: 'To the cargos',
  declined: 'The payment failed',
  refused: 'The payment was not taken',
  refusedText: 'YooKassa did not take the request. You have not been charged.',
  lost: 'The payment was not confirmed',
  lostText: 'YooKassa does not know of it. If you were charged after all, write to support.',
  notFound: 'There is no such payment',
  notFoundText: 'Perhaps it was made from another account.',
  again: 'Try again',
  toPlans: 'To the subscription',
  noMoney: 'You have not been charged.',
  reasons: {
    '3d_secure_failed': 'The bank’s confirmation was not passed (a code by SMS or in the app).',
    call_issuer: 'The bank declined. Call the bank or use another card.',
    canceled_by_merchant: 'The payment was canceled on our side.',
    card_expired: 'The card has expired. Use another one.',
    country_forbidden: 'A card of this country cannot be used. Use another one.',
    expired_on_capture: 'The payment was not confirmed in time; the money comes back.',
    expired_on_confirmation: 'The time to pay is over.',
    fraud_suspected: 'The bank found the payment suspicious. Use another card.',
    general_decline: 'The bank declined. Try another card.',
    identification_required: 'The YooMoney wallet is not identified. Pay by card.',
    insufficient_funds: 'There is not enough money on the card.',
    internal_timeout: 'YooKassa could not process it in time. Try again.',
    invalid_card_number: 'The card number was mistyped.',
    invalid_csc: 'The code from the back of the card was mistyped.',
    issuer_unavailable: 'The card’s bank is not answering. Try again later.',
    payment_method_limit_exceeded: 'The limit of the card or wallet is exceeded.',
    payment_method_restricted: 'This card may not be used. Use another one.',
    permission_revoked: 'The permission to charge was withdrawn.',
    unsupported_mobile_operator: 'This phone number cannot be paid from.',
    rejected_by_timeout: 'The time to pay is over.',
  },
  otherReason: 'The bank or YooKassa declined. Try another card.',
};

/** The words about money in the current language. */
export function money(): MoneyMessages {
  return language() === 'en' ? enMoney : ruMoney;
}
