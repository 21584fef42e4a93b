import { formatNumber, NO_BREAK_SPACE, type Age, type LocalDate } from '../format';

const rules = new Intl.PluralRules('ru');

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
    date: ({ day, month, weekday }: LocalDate) => `${WEEKDAYS[weekday]}, ${day}\u00a0${MONTHS[month]}`,
    shortDate: ({ day, month }: LocalDate) => `${day}\u00a0${MONTHS[month]}`,
    age,
  },

  list: {
    filters: 'Фильтры',
    filtersActive: (n: number) => `Фильтры, выбрано: ${n}`,
    profile: 'Профиль',
    refresh: 'Обновить',
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
    notRefreshed: (time: string) => `Обновить не удалось, данные от ${time}`,
    emptyTitle: 'Грузов не нашлось',
    emptyFiltered: 'По этим фильтрам сейчас ничего нет. Попробуйте искать шире.',
    emptyAll: 'Сейчас грузов нет. Загляните чуть позже.',
    widen: 'Расширить радиус',
    clear: 'Сбросить фильтры',
    change: 'Изменить фильтры',
    chips: 'Выбранные фильтры',
    remove: (chip: string) => `Убрать фильтр: ${chip}`,
    refreshed: (total: number | null) => (total === null ? 'Список обновлён' : `Список обновлён: ${count(total, 'груз', 'груза', 'грузов')}`),
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
    mode: 'Какие грузы',
    modeAll: 'все',
    modeMy: 'мои',
    weightVolume: 'Грузоподъёмность и объём',
    any: 'любой',
    ownPair: 'свой',
    range: (from: number, to: number | null) =>
      to === null ? `от ${unit(from, 'т')}` : `${number(from)}–${unit(to, 'т')}`,
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
      start: (city: string, radius: string) => `Из: ${city} ${radius}`,
      finish: (city: string, radius: string) => `В: ${city} ${radius}`,
      date: (date: string) => `Погрузка ${date}`,
      my: 'Мои грузы',
      truck: (size: string) => `Машина ${size}`,
      between: (min: string | null, max: string | null) =>
        [min && `от ${min}`, max && `до ${max}`].filter(Boolean).join(' '),
      several: (first: string, others: number) => `${first} + ${others}`,
      inn: (inn: string) => `ИНН ${inn}`,
    },
    errors: {
      city: 'Выберите город из списка',
      number: 'Введите число',
      order: '«От» больше, чем «до»',
      pair: 'Укажите и вес, и объём',
      past: 'Эта дата уже прошла',
      inn: 'ИНН состоит из 10 или 12 цифр',
    },
    /** The server took offence at a filter. */
    refused: {
      start: 'Выберите город из списка ещё раз',
      finish: 'Выберите город из списка ещё раз',
      start_date: 'Выберите дату от сегодня до года вперёд',
      mode: 'Выберите ещё раз',
      weight_volume: 'Вес от 0,1 до 1000 т, объём от 0,1 до 200 м³',
      truck_types: 'Выберите типы ещё раз',
      load_types: 'Выберите способы ещё раз',
      price: 'Целые рубли, не больше 999 999',
      price_per_km_min: 'Целые рубли, не больше 999',
      distance: 'Целые километры, не больше 9 999',
      owner_inn: 'ИНН состоит из 10 или 12 цифр',
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

  profile: {
    title: 'Профиль',
    phone: 'Телефон',
    phoneConfirmed: 'подтверждён',
    phoneNotConfirmed: 'не подтверждён',
    phoneHint: 'Например, +7\u00a0916\u00a0123-45-67',
    company: 'Компания',
    email: 'E-mail',
    language: 'Язык',
    ru: 'Русский',
    en: 'English',
    support: 'Написать в поддержку',
    save: 'Сохранить',
    saved: 'Сохранено',
    signOut: 'Выйти',
    signOutQuestion: 'Выйти из приложения?',
    signOutHint: 'Чтобы войти снова, откройте приложение из бота.',
    signOutYes: 'Да, выйти',
    errors: {
      phone: 'Проверьте номер: например, +7\u00a0916\u00a0123-45-67',
      company: 'Одна строка, не больше 100 знаков',
      email: 'Проверьте адрес: например, name@mail.ru',
    },
  },

  session: {
    expiredTitle: 'Вход устарел',
    expiredText: 'Откройте приложение из бота ещё раз, это займёт секунду.',
    refusedTitle: 'Войти не получилось',
    refusedText: 'Telegram передал данные, которые не подошли. Откройте приложение из бота ещё раз.',
    replacedTitle: 'Вы вошли на другом устройстве',
    replacedText: 'Приложение работает только на одном устройстве. Чтобы продолжить здесь, откройте его из бота.',
    signedOutTitle: 'Вы вышли',
    signedOutText: 'Чтобы войти снова, откройте приложение из бота.',
    outsideTitle: 'Откройте приложение из бота',
    outsideText: 'Так мы узнаем, что это вы. Пароль не нужен.',
    open: 'Открыть из бота',
  },

  errors: {
    title: 'Не получилось загрузить',
    offline: 'Нет сети. Проверьте связь и попробуйте ещё раз.',
    network: 'Сервер не ответил. Возможно, связь слабая.',
    upstream: 'CargoTech сейчас не отвечает. Попробуйте через минуту.',
    rateLimited: 'Слишком много запросов подряд. Подождите несколько секунд.',
    store: 'У нас сбой. Попробуйте через минуту.',
    tooLarge: 'Слишком длинный текст. Сократите его и попробуйте ещё раз.',
    forbidden: 'Доступ закрыт, обратитесь в поддержку',
    unknown: 'Что-то пошло не так у нас. Попробуйте ещё раз.',
    part: 'Эта часть приложения не загрузилась. Возможно, вышла новая версия.',
    reload: 'Загрузить заново',
    requestId: (id: string) => `Код запроса: ${id}`,
  },
};
