import { NO_BREAK_SPACE } from '../../ui/format';
import { number, shortDate } from '../../ui/ru';
import { audit } from '../audit/ru';
import { deliveries } from '../deliveries/ru';
import { driver, drivers } from '../drivers/ru';
import { health } from '../health/ru';
import { overview } from '../overview/ru';
import { differences, payments } from '../payments/ru';
import { promo } from '../promoCodes/ru';
import { responses } from '../responses/ru';
import { roles } from '../roles/ru';
import { flags, settings } from '../settings/ru';
import { requests, subscriptions } from '../subscriptions/ru';
import { count, days, rubles, tenths } from './words.ru';

/** Every string that an admin reads, in Russian. The other catalogues have the same shape. */
export const ru = {
  title: 'Администрирование',
  loading: 'Загрузка…',
  sending: 'Отправляем…',
  back: 'Назад',
  close: 'Закрыть',
  cancel: 'Отмена',
  save: 'Сохранить',
  retry: 'Повторить',
  reload: 'Загрузить заново',
  refresh: 'Обновить',
  more: 'Показать ещё',
  menu: 'Ещё',
  navigation: 'Разделы',
  toApp: 'В приложение',
  any: 'любое',
  on: 'включено',
  off: 'выключено',
  copy: 'Скопировать',
  copied: 'Скопировано',
  copyFailed: 'Скопировать не удалось',
  filters: 'Фильтры',
  filtersActive: (n: number) => `Фильтры: ${n}`,
  find: 'Найти',
  show: 'Показать',
  clear: 'Сбросить',
  from: 'С даты (Москва)',
  until: 'По дату (Москва)',
  driverId: 'Telegram ID водителя',
  reason: 'Причина',
  reasonHint: 'Останется в журнале',
  reasonMissing: 'Напишите причину',
  requestId: 'Код запроса',
  csv: 'Скачать CSV',
  csvCopy: 'Скопировать CSV',
  csvLines: (n: number) => `Собираем: ${count(n, 'строка', 'строки', 'строк')}`,
  csvCopied: 'CSV скопирован: здесь файлы не сохраняются',
  csvFailed: 'CSV не получился.',
  lookedUntil: (at: string) => `Просмотрено до ${at.slice(0, 10)}, пока ничего не нашлось`,

  format: {
    number: (value: number) => number(value),
    rubles,
    day: shortDate,
    days,
    signedDays: (n: number) => (tenths(n) > 0 ? '+' : tenths(n) < 0 ? '−' : '') + days(Math.abs(n)),
    hours: (n: number) => count(n, 'час', 'часа', 'часов'),
    minutes: (n: number) => `${n}${NO_BREAK_SPACE}мин`,
    seconds: (n: number) => `${n}${NO_BREAK_SPACE}с`,
    /** For the axis of a chart. */
    short: (value: number) =>
      value >= 1_000_000
        ? `${number(value / 1_000_000, 1)}${NO_BREAK_SPACE}млн`
        : value >= 10_000
          ? `${number(value / 1000, 1)}${NO_BREAK_SPACE}тыс`
          : number(value),
  },

  sections: {
    overview: 'Обзор',
    payments: 'Платежи',
    drivers: 'Водители',
    responses: 'Отклики',
    subscriptions: 'Подписки',
    'promo-codes': 'Промокоды',
    requests: 'Запросы',
    differences: 'Расхождения',
    deliveries: 'Сообщения',
    settings: 'Настройки',
    flags: 'Функции',
    roles: 'Роли',
    audit: 'Журнал',
    health: 'Состояние',
  },
  one: { payments: 'Платёж', drivers: 'Водитель', 'promo-codes': 'Промокод', responses: 'Отклик' },
  notHere: { title: 'Такого раздела нет', text: 'Или он закрыт для вашей роли.', action: 'К началу' },

  session: {
    title: 'Нужен вход',
    open: 'Открыть из бота',
    blocked: 'Вас заблокировали. Обратитесь к владельцу.',
    reasons: {
      outside: 'Откройте приложение из бота, а в нём: «Профиль», «Администрирование».',
      expired: 'Сеанс истёк. Откройте приложение из бота ещё раз.',
      refused: 'Telegram передал данные, которые не подошли. Откройте приложение из бота ещё раз.',
      replaced: 'Вы вошли на другом устройстве. Чтобы продолжить здесь, откройте приложение из бота.',
      signed_out: 'Вы вышли. Чтобы войти снова, откройте приложение из бота.',
      invalid: 'По ссылке сюда не войти. Откройте приложение из бота.',
      over: 'По ссылке сюда не войти. Откройте приложение из бота.',
    },
  },
  refused: {
    title: 'Этот раздел для администраторов',
    text: 'У вас нет роли, или вы вошли по личной ссылке: тогда откройте приложение из бота.',
  },

  errors: {
    title: 'Не получилось',
    tooOldTitle: 'Нужен свежий вход',
    unknown: 'Что-то пошло не так у нас. Попробуйте ещё раз.',
    part: 'Часть страницы не загрузилась. Возможно, вышла новая версия.',
    codes: {
      offline: 'Нет сети. Проверьте связь и попробуйте ещё раз.',
      network: 'Сервер не ответил. Возможно, связь слабая.',
      unreadable: 'Ответ не читается. Возможно, мешает сеть, в которой вы сейчас.',
      upstream_unavailable: 'Сервис на той стороне сейчас не отвечает. Ничего не изменилось, попробуйте через минуту.',
      store_unavailable: 'У нас сбой. Попробуйте через минуту.',
      rate_limited: 'Слишком много запросов подряд. Подождите несколько секунд.',
      admin_only: 'Вашей роли это не разрешено.',
      sign_in_too_old:
        'Для этого действия нужно было войти не больше часа назад. Откройте приложение из бота ещё раз, администрирование откроется само.',
      not_found: 'Этого нет. Возможно, адрес скопирован не целиком.',
      validation_failed: 'Проверьте, что введено.',
      not_refundable: 'Вернуть нечего: платёж не оплачен, либо всё уже возвращено или возвращается.',
      promo_code_exists: 'Такой промокод уже есть. Придумайте другой.',
      settings_changed: 'Кто-то изменил это раньше вас. Посмотрите, что стало, и попробуйте ещё раз.',
      own_role: 'Свою роль изменить нельзя.',
      configured_role: 'Этот владелец задан в конфигурации, здесь его не изменить.',
      market_size_changed: 'Последний обход нашёл уже другое число грузов. Посмотрите, что стало.',
      difference_resolved: 'Это уже разобрано.',
      delivery_not_failed: 'Это сообщение больше не в числе неудачных.',
      subscription_ended: 'Забирать нечего: доступа сейчас нет.',
      own_account: 'Для себя этого не сделать. Попросите другого администратора.',
      request_decided: 'По этому запросу уже решили иначе.',
      driver_is_admin: 'Это администратор. Сначала заберите роль.',
      other_shop: 'Платёж сделан в другом магазине ЮKassa: вернуть можно только в его кабинете.',
      internal: 'Что-то пошло не так у нас. Попробуйте ещё раз.',
    },
    fields: {
      missing: 'Заполните это поле',
      malformed: 'Проверьте, что введено',
      too_long: 'Слишком длинно',
      out_of_range: 'Число не подходит',
      unknown: 'Такого нет',
      refused: 'ЮKassa этого не приняла. Ничего не изменилось.',
      in_the_past: 'Эта дата уже прошла',
      too_much: 'Слишком много',
    },
  },
  overview,
  payments,
  differences,
  drivers,
  driver,
  responses,
  requests,
  subscriptions,
  promo,
  settings,
  flags,
  deliveries,
  roles,
  audit,
  health,
};
