import { type Age, formatNumber, type LocalDate, NO_BREAK_SPACE } from '../../../ui/format';

const rules = /* @__PURE__ */ new Intl.PluralRules('ru');

/** `5 грузов`: the number and the form that goes with it. */
function count(n: number, one: string, few: string, many: string): string {
  const rule = rules.select(n);
  return `${number(n)} ${rule === 'one' ? one : rule === 'few' ? few : many}`;
}

function number(value: number, digits = 0): string {
  return formatNumber(value, ',', digits);
}

function unit(value: number, name: string, digits = 0): string {
  return number(value, digits) + NO_BREAK_SPACE + name;
}

const MONTHS = ['янв', 'фев', 'мар', 'апр', 'мая', 'июн', 'июл', 'авг', 'сен', 'окт', 'ноя', 'дек'];
const WEEKDAYS = ['вс', 'пн', 'вт', 'ср', 'чт', 'пт', 'сб'];

function age(value: Age): string {
  if (value.unit === 'now') return 'только что';
  if (value.unit === 'minutes') return `${value.count}${NO_BREAK_SPACE}мин назад`;
  if (value.unit === 'hours') return `${value.count}${NO_BREAK_SPACE}ч назад`;
  return `${count(value.count, 'день', 'дня', 'дней')} назад`;
}

/** Every string that a driver reads, in Russian. The other catalogues have the same shape. */
export const ru = {
  app: 'Грузы',
  back: 'Назад',
  cancel: 'Отмена',
  retry: 'Повторить',
  loading: 'Загрузка…',

  format: {
    number,
    tonnes: (t: number) => unit(t, 'т', 2),
    cubicMetres: (m3: number) => unit(m3, 'м³', 1),
    kilometres: (km: number) => unit(km, 'км'),
    rubles: (rub: number) => unit(rub, '₽'),
    rublesPerKilometre: (rub: number) => unit(rub, '₽/км', rub < 100 ? 1 : 0),
    onRequest: 'по запросу',
    /** Sizes in words, as the server writes them. */
    measures: (text: string) => text,
    date: ({ day, month, weekday }: LocalDate) => `${WEEKDAYS[weekday]}, ${day}\u00a0${MONTHS[month]}`,
    shortDate: ({ day, month }: LocalDate) => `${day}\u00a0${MONTHS[month]}`,
    age,
  },

  list: {
    filters: 'Фильтры',
    filtersActive: (n: number) => `Фильтры, выбрано: ${n}`,
    profile: 'Профиль',
    refresh: 'Обновить',
    responses: 'Мои отклики',
    navigation: 'Разделы',
    found: (n: number) => count(n, 'груз', 'груза', 'грузов'),
    updated: (value: Age) => `обновлено ${age(value)}`,
    updating: 'обновляем…',
    pull: 'Потяните, чтобы обновить',
    release: 'Отпустите, чтобы обновить',
    from: 'Откуда',
    to: 'Куда',
    price: 'Цена',
    end: 'Это все грузы',
    moreFailed: 'Следующие грузы не загрузились',
    upstreamDown: (time: string) => `CargoTech не отвечает, данные от ${time}`,
    offline: (time: string) => `Нет сети, данные от ${time}`,
    notApplied: (offline: boolean, time: string) =>
      `${offline ? 'Нет сети' : 'Связи с сервером нет'}, фильтры не применены. Прежний список, данные от ${time}`,
    notRefreshed: (time: string) => `Обновить не удалось, данные от ${time}`,
    emptyTitle: 'Грузов не нашлось',
    emptyFiltered: 'По этим фильтрам сейчас ничего нет. Попробуйте искать шире.',
    emptyAll: 'Сейчас грузов нет. Загляните чуть позже.',
    widen: 'Расширить радиус',
    clear: 'Сбросить фильтры',
    change: 'Изменить фильтры',
    chips: 'Выбранные фильтры',
    remove: (chip: string) => `Убрать фильтр: ${chip}`,
    refreshed: (total: number | null) =>
      total === null ? 'Список обновлён' : `Список обновлён: ${count(total, 'груз', 'груза', 'грузов')}`,
  },

  filters: {
    title: 'Фильтры',
    show: 'Показать',
    reset: 'Сбросить',
    start: 'Откуда',
    finish: 'Куда',
    cityPlaceholder: 'Город или регион',
    clearCity: 'Очистить город',
    recent: 'Недавние',
    nothingFound: 'Такого города нет',
    citiesFailed: 'Список городов не загрузился',
    found: (n: number) => count(n, 'вариант', 'варианта', 'вариантов'),
    unknownCity: 'выбранный город',
    radius: 'Радиус',
    radiusValue: (km: number) => (km === 0 ? 'только город' : `+${unit(km, 'км')}`),
    date: 'Дата погрузки',
    anyDate: 'любая',
    today: 'сегодня',
    tomorrow: 'завтра',
    otherDate: 'Другая дата',
    weightVolume: 'Грузоподъёмность и объём',
    any: 'любая',
    ownPair: 'своя',
    upTo: (tonnes: number, cubicMetres: number | null) =>
      `до ${unit(tonnes, 'т')}, ${cubicMetres === null ? 'объём любой' : `до ${unit(cubicMetres, 'м³')}`}`,
    tonnes: 'Вес, т',
    cubicMetres: 'Объём, м³',
    truckTypes: 'Тип кузова',
    loadTypes: 'Загрузка',
    choicesFailed: 'Список не загрузился',
    price: 'Цена, ₽',
    pricePerKm: 'Цена за км, ₽',
    distance: 'Расстояние, км',
    inn: 'ИНН грузовладельца',
    min: 'от',
    max: 'до',
    chip: {
      start: (city: string, radius: string) => `Откуда: ${city} ${radius}`,
      finish: (city: string, radius: string) => `Куда: ${city} ${radius}`,
      date: (date: string) => `Погрузка ${date}`,
      between: (min: string | null, max: string | null) =>
        [min && `от ${min}`, max && `до ${max}`].filter(Boolean).join(' '),
      several: (first: string, others: number) => `${first} + ${others}`,
      inn: (inn: string) => `ИНН ${inn}`,
    },
  },

  cargo: {
    title: 'Груз',
    loading: 'Погрузка',
    unloading: 'Выгрузка',
    distance: 'Расстояние',
    weight: 'Вес',
    volume: 'Объём',
    truckTypes: 'Тип кузова',
    loadTypes: 'Загрузка',
    cargoType: 'Тип груза',
    name: 'Груз',
    shipper: 'Грузовладелец',
    inn: (inn: string) => `ИНН ${inn}`,
    roundTrip: 'Кругорейс',
    partialLoad: 'Догруз',
    note: 'Комментарий',
    contacts: 'Контакты',
    noContacts: 'Телефон не указан',
    call: 'Позвонить',
    extension: (extension: string) => `доб. ${extension}`,
    callPhone: (phone: string) => `Позвонить: ${phone}`,
    copy: 'Скопировать',
    copyPhone: (phone: string) => `Скопировать ${phone}`,
    copied: 'Номер скопирован',
    linkCopied: 'Ссылка скопирована',
    copyFailed: 'Скопировать не удалось',
    share: 'Поделиться',
    shareText: (route: string, price: string) => `${route}, ${price}`,
    source: 'Открыть на сайте',
    goneTitle: 'Этого груза больше нет',
    goneText: 'Его забрали или сняли с публикации.',
    toList: 'К списку грузов',
    upstreamDown: (time: string) => `CargoTech не отвечает, данные от ${time}`,
  },

  /** Its other words are in features/responses/messages.ts. */
  respond: { title: 'Отклик' },

  responses: {
    title: 'Мои отклики',
    yours: 'Ваш отклик',
    state: {
      queued: 'Отправляем',
      sent: 'Ждём ответа',
      accepted: 'Принят',
      rejected: 'Отказ',
      expired: 'Без ответа',
      completed: 'Завершён',
      withdrawn: 'Отозван',
      /** It has not left the phone. */
      kept: 'Ждёт отправки',
      stopped: 'Не отправлен',
    },
    reason: (text: string) => `Причина: ${text}`,
    comment: (text: string) => `Комментарий: ${text}`,
    price: (price: string) => `Ваша цена: ${price}`,
    cargoPrice: (price: string) => `Цена груза: ${price}`,
    agreed: (price: string) => `Согласованная цена: ${price}`,
    phone: (phone: string, confirmed: boolean) => `${phone}, ${confirmed ? 'подтверждён' : 'не подтверждён'}`,
    withdraw: 'Отозвать отклик',
    withdrawn: 'Отклик отозван',
    alreadyDecided: 'Ответ уже пришёл',
    accepted: (route: string) => `Отклик принят: ${route}`,
    rejected: (route: string) => `Отказ: ${route}`,
    emptyTitle: 'Откликов пока нет',
    emptyText: 'Откройте груз и нажмите «Откликнуться».',
    more: 'Показать ещё',
    moreFailed: 'Следующие отклики не загрузились',
    offline: 'Нет сети, ответы могли измениться',
    notRefreshed: 'Обновить не удалось, ответы могли измениться',
  },

  profile: {
    title: 'Профиль',
    subscription: 'Подписка',
    support: 'Написать в поддержку',
  },

  session: {
    expiredTitle: 'Сеанс истёк',
    expiredText: 'Откройте приложение из бота ещё раз, это займёт секунду.',
    refusedTitle: 'Не удалось войти',
    refusedText: 'Telegram передал данные, которые не подошли. Откройте приложение из бота ещё раз.',
    replacedTitle: 'Вы вошли на другом устройстве',
    replacedText: 'Приложение работает только на одном устройстве. Чтобы продолжить здесь, откройте его из бота.',
    signedOutTitle: 'Вы вышли',
    signedOutText: 'Чтобы войти снова, откройте приложение из бота.',
    linkAgain: 'Чтобы войти здесь снова, откройте свою ссылку для входа или бота.',
    outsideTitle: 'Откройте приложение из бота',
    outsideText: 'Так мы узнаем, что это вы. Пароль не нужен.',
    open: 'Открыть из бота',
  },

  locked: {
    title: 'Нужна подписка',
    open: 'Открыть доступ',
    list: 'Грузы видны с подпиской. Оформите её, это займёт минуту.',
    detail: 'Подробности груза открываются с подпиской.',
    contacts: 'Телефоны и комментарий грузовладельца открываются с подпиской.',
    respond: 'Чтобы откликнуться, нужна подписка',
  },

  errors: {
    title: 'Не получилось загрузить',
    offline: 'Нет сети. Проверьте связь и попробуйте ещё раз.',
    network: 'Сервер не ответил. Возможно, связь слабая.',
    upstream: 'CargoTech сейчас не отвечает. Попробуйте через минуту.',
    rateLimited: 'Слишком много запросов подряд. Подождите несколько секунд.',
    store: 'У нас сбой. Попробуйте через минуту.',
    featureOff: 'Сейчас это отключено. Попробуйте позже.',
    telegramNeeded: 'Вы вошли по ссылке. Это можно сделать в приложении в Telegram.',
    tooLarge: 'Слишком длинный текст. Сократите его и попробуйте ещё раз.',
    forbidden: 'Доступ закрыт, обратитесь в поддержку',
    unknown: 'Что-то пошло не так у нас. Попробуйте ещё раз.',
    partOffline: 'Нет сети. Экран откроется сам, когда появится связь.',
    part: 'Эта часть приложения не загрузилась. Возможно, вышла новая версия.',
    reload: 'Загрузить заново',
    requestId: (id: string) => `Код запроса: ${id}`,
  },
};

/** What a shipper reads on the page behind their link; it is a page of its own. */
export const ruShipper = {
  measures: (text: string) => text,
  language: 'ru',
  from: 'CargoTech',
  title: 'Отклик на ваш груз',
  loading: 'Загрузка…',
  loadingDate: 'Погрузка',
  unloadingDate: 'Выгрузка',
  size: 'Вес и объём',
  price: 'Цена груза',
  driver: 'Водитель',
  ownPrice: 'Цена водителя',
  agreedPrice: 'Согласованная цена',
  comment: 'Комментарий',
  phone: 'Телефон водителя',
  call: 'Позвонить',
  copy: 'Скопировать',
  copied: 'Номер скопирован',
  copyFailed: 'Скопировать не удалось',
  phoneLater: 'Телефон водителя откроется, когда вы примете отклик.',
  until: (moment: string) => `Ответить можно до ${moment}.`,
  acceptedByDispatcher: 'Отклик принял диспетчер. Телефон водителя спросите у него.',
  accept: 'Принять',
  acceptFor: (price: string) => `Принять за ${price}`,
  acceptTooQuestion: (names: string[]) =>
    `${names.length > 1 ? 'Уже приняты:' : 'Уже принят'} ${names.join(', ')}. Принять ещё?`,
  acceptTooHint: 'На этот груз тогда поедет больше одной машины.',
  acceptToo: 'Принять ещё',
  someDriver: 'другой водитель',
  reject: 'Отклонить',
  acceptQuestion: 'Принять отклик?',
  acceptHint: 'Водитель сразу узнает об этом. Изменить решение нельзя.',
  acceptYes: 'Да, принять',
  rejectQuestion: 'Отклонить отклик?',
  rejectHint: 'Водитель сразу узнает об этом. Изменить решение нельзя.',
  rejectYes: 'Да, отклонить',
  reason: 'Причина (по желанию)',
  cancel: 'Отмена',
  retry: 'Повторить',
  state: {
    queued: 'Ждёт вашего решения',
    sent: 'Ждёт вашего решения',
    accepted: 'Отклик принят',
    rejected: 'Отклик отклонён',
    expired: 'Срок ответа истёк',
    completed: 'Рейс завершён',
    withdrawn: 'Водитель отозвал отклик',
  },
  undone: 'Принятие отменено',
  undoneHint: 'Принятие отменил диспетчер: этот водитель не приедет. О другой машине спросите у диспетчера.',
  reasonGiven: (reason: string) => `Причина: ${reason}`,
  expiredTitle: 'Ссылка больше не действует',
  expiredText: 'Попросите диспетчера прислать новую.',
  invalidTitle: 'Ссылка не подходит',
  invalidText: 'Откройте её целиком, как прислал диспетчер.',
  decidedMeanwhile: 'Решение уже принято.',
  failedTitle: 'Не получилось загрузить',
  decisionFailed: 'Решение не отправлено.',
  offline: 'Нет сети. Проверьте связь и попробуйте ещё раз.',
  network: 'Сервер не ответил. Возможно, связь слабая.',
  featureOff: 'Страница временно отключена. Ответьте диспетчеру, который прислал ссылку.',
  rateLimited: 'Слишком много запросов подряд. Подождите немного.',
  unknown: 'Что-то пошло не так у нас. Попробуйте ещё раз.',
  rubles: (rub: number) => unit(rub, '₽'),
  date: ({ day, month, weekday }: LocalDate) => `${WEEKDAYS[weekday]}, ${day}\u00a0${MONTHS[month]}`,
};
