import type { Messages } from '.';
import { formatNumber, NO_BREAK_SPACE, type Age } from '../format';

const rules = new Intl.PluralRules('en');

function count(n: number, one: string, other: string): string {
  return `${number(n)} ${rules.select(n) === 'one' ? one : other}`;
}

function number(value: number, digits = 0): string {
  return formatNumber(value, '.', digits);
}

function unit(value: number, name: string, digits = 0): string {
  return number(value, digits) + NO_BREAK_SPACE + name;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function age(value: Age): string {
  if (value.unit === 'now') return 'just now';
  if (value.unit === 'minutes') return `${value.count}${NO_BREAK_SPACE}min ago`;
  if (value.unit === 'hours') return `${value.count}${NO_BREAK_SPACE}h ago`;
  return `${count(value.count, 'day', 'days')} ago`;
}

/** Every string that a driver reads, in English. */
export const en: Messages = {
  app: 'Cargos',
  back: 'Back',
  cancel: 'Cancel',
  retry: 'Try again',
  loading: 'Loading…',

  format: {
    number,
    tonnes: (t) => unit(t, 't', 2),
    cubicMetres: (m3) => unit(m3, 'm³', 1),
    kilometres: (km) => unit(km, 'km'),
    rubles: (rub) => unit(rub, '₽'),
    rublesPerKilometre: (rub) => unit(rub, '₽/km', rub < 100 ? 1 : 0),
    onRequest: 'on request',
    date: ({ day, month, weekday }) => `${WEEKDAYS[weekday]}, ${day}\u00a0${MONTHS[month]}`,
    shortDate: ({ day, month }) => `${day}\u00a0${MONTHS[month]}`,
    age,
  },

  list: {
    filters: 'Filters',
    filtersActive: (n) => `Filters, ${n} selected`,
    profile: 'Profile',
    refresh: 'Refresh',
    navigation: 'Sections',
    found: (n) => count(n, 'cargo', 'cargos'),
    updated: (value) => `updated ${age(value)}`,
    updating: 'updating…',
    pull: 'Pull to refresh',
    release: 'Release to refresh',
    from: 'From',
    to: 'To',
    price: 'Price',
    end: 'These are all the cargos',
    moreFailed: 'The next cargos did not load',
    upstreamDown: (time) => `CargoTech is not answering, data from ${time}`,
    offline: (time) => `No network, data from ${time}`,
    notRefreshed: (time) => `Could not refresh, data from ${time}`,
    emptyTitle: 'No cargos found',
    emptyFiltered: 'Nothing matches these filters right now. Try a wider search.',
    emptyAll: 'There are no cargos right now. Look in again a little later.',
    widen: 'Widen the radius',
    clear: 'Clear filters',
    change: 'Change filters',
    chips: 'Selected filters',
    remove: (chip) => `Remove filter: ${chip}`,
    refreshed: (total) => (total === null ? 'List updated' : `List updated: ${count(total, 'cargo', 'cargos')}`),
  },

  filters: {
    title: 'Filters',
    show: 'Show',
    reset: 'Clear',
    start: 'From',
    finish: 'To',
    cityPlaceholder: 'City or region',
    clearCity: 'Clear the city',
    recent: 'Recent',
    nothingFound: 'No such city',
    citiesFailed: 'The cities did not load',
    found: (n) => count(n, 'match', 'matches'),
    unknownCity: 'selected city',
    radius: 'Radius',
    radiusValue: (km) => (km === 0 ? 'city only' : `+${unit(km, 'km')}`),
    date: 'Loading date',
    anyDate: 'any',
    today: 'today',
    tomorrow: 'tomorrow',
    otherDate: 'Another date',
    mode: 'Which cargos',
    modeAll: 'all',
    modeMy: 'mine',
    weightVolume: 'Truck capacity and volume',
    any: 'any',
    ownPair: 'custom',
    range: (from, to) => (to === null ? `from ${unit(from, 't')}` : `${number(from)}–${unit(to, 't')}`),
    tonnes: 'Weight, t',
    cubicMetres: 'Volume, m³',
    truckTypes: 'Truck type',
    loadTypes: 'Loading',
    choicesFailed: 'The choices did not load',
    price: 'Price, ₽',
    pricePerKm: 'Price per km, ₽',
    distance: 'Distance, km',
    inn: 'Cargo owner’s INN',
    min: 'from',
    max: 'to',
    chip: {
      start: (city, radius) => `From: ${city} ${radius}`,
      finish: (city, radius) => `To: ${city} ${radius}`,
      date: (date) => `Loading ${date}`,
      my: 'My cargos',
      truck: (size) => `Truck ${size}`,
      between: (min, max) => [min && `from ${min}`, max && `up to ${max}`].filter(Boolean).join(' '),
      several: (first, others) => `${first} + ${others}`,
      inn: (inn) => `INN ${inn}`,
    },
    errors: {
      city: 'Choose a city from the list',
      number: 'Enter a number',
      order: 'The minimum is above the maximum',
      pair: 'Enter both weight and volume',
      past: 'This date has passed',
      inn: 'An INN has 10 or 12 digits',
    },
    refused: {
      start: 'Choose the city from the list again',
      finish: 'Choose the city from the list again',
      start_date: 'Choose a date from today to a year ahead',
      mode: 'Choose again',
      weight_volume: 'Weight from 0.1 to 1000 t, volume from 0.1 to 200 m³',
      truck_types: 'Choose the types again',
      load_types: 'Choose the ways of loading again',
      price: 'Whole rubles, at most 999 999',
      price_per_km_min: 'Whole rubles, at most 999',
      distance: 'Whole kilometres, at most 9 999',
      owner_inn: 'An INN has 10 or 12 digits',
    },
  },

  cargo: {
    title: 'Cargo',
    loading: 'Loading',
    unloading: 'Unloading',
    distance: 'Distance',
    weight: 'Weight',
    volume: 'Volume',
    truckTypes: 'Truck type',
    loadTypes: 'Loading',
    cargoType: 'Cargo type',
    name: 'Cargo',
    shipper: 'Cargo owner',
    inn: (inn) => `INN ${inn}`,
    roundTrip: 'Round trip',
    partialLoad: 'Partial load',
    note: 'Comment',
    contacts: 'Contacts',
    noContacts: 'No phone given',
    call: 'Call',
    callPhone: (phone) => `Call ${phone}`,
    copy: 'Copy',
    copyPhone: (phone) => `Copy ${phone}`,
    copied: 'Number copied',
    linkCopied: 'Link copied',
    copyFailed: 'Could not copy',
    share: 'Share',
    shareText: (route, price) => `${route}, ${price}`,
    source: 'Open on the website',
    goneTitle: 'This cargo is gone',
    goneText: 'Someone took it, or it was withdrawn.',
    toList: 'Back to the cargos',
    upstreamDown: (time) => `CargoTech is not answering, data from ${time}`,
  },

  profile: {
    title: 'Profile',
    phone: 'Phone',
    phoneConfirmed: 'confirmed',
    phoneNotConfirmed: 'not confirmed',
    phoneHint: 'For example, +7 916 123-45-67',
    company: 'Company',
    email: 'E-mail',
    language: 'Language',
    ru: 'Русский',
    en: 'English',
    support: 'Write to support',
    save: 'Save',
    saved: 'Saved',
    signOut: 'Sign out',
    signOutQuestion: 'Sign out of the app?',
    signOutHint: 'To sign in again, open the app from the bot.',
    signOutYes: 'Yes, sign out',
    errors: {
      phone: 'Check the number: for example, +7 916 123-45-67',
      company: 'One line of at most 100 characters',
      email: 'Check the address: for example, name@mail.com',
    },
  },

  session: {
    expiredTitle: 'Your sign-in has expired',
    expiredText: 'Open the app from the bot once more; it takes a second.',
    refusedTitle: 'Could not sign in',
    refusedText: 'What Telegram handed over was not accepted. Open the app from the bot once more.',
    replacedTitle: 'You signed in on another device',
    replacedText: 'The app works on one device at a time. To go on here, open it from the bot.',
    signedOutTitle: 'You are signed out',
    signedOutText: 'To sign in again, open the app from the bot.',
    outsideTitle: 'Open the app from the bot',
    outsideText: 'That is how we know it is you. No password needed.',
    open: 'Open from the bot',
  },

  errors: {
    title: 'Could not load',
    offline: 'No network. Check your connection and try again.',
    network: 'The server did not answer. The connection may be weak.',
    upstream: 'CargoTech is not answering right now. Try again in a minute.',
    rateLimited: 'Too many requests at once. Wait a few seconds.',
    store: 'We have a fault on our side. Try again in a minute.',
    tooLarge: 'The text is too long. Shorten it and try again.',
    forbidden: 'Access is closed, contact support',
    unknown: 'Something went wrong on our side. Try again.',
    part: 'This part of the app did not load. There may be a new version.',
    reload: 'Load again',
    requestId: (id) => `Request: ${id}`,
  },
};
