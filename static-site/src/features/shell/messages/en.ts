import { type Age, formatNumber, NO_BREAK_SPACE } from '../../../ui/format';
import type { Messages, ShipperMessages } from '.';

const rules = /* @__PURE__ */ new Intl.PluralRules('en');

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

/** `Груз 17,5 т / 82 м³`, `50 000 ₽` and `по запросу`, as the server writes them, in English. */
function measures(text: string): string {
  return text
    .replace(/^Груз(?= |$)/, 'Cargo')
    .replace(/^по запросу$/, 'on request')
    .replace(/(\d),(\d)/g, '$1.$2')
    .replace(/(\d[\s\u00a0\u202f]?)т(?![а-яё])/g, '$1t')
    .replace(/м³/g, 'm³')
    .replace(/(\d[\s\u00a0\u202f]?)км(?![а-яё])/g, '$1km');
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
    measures,
    date: ({ day, month, weekday }) => `${WEEKDAYS[weekday]}, ${day}\u00a0${MONTHS[month]}`,
    shortDate: ({ day, month }) => `${day}\u00a0${MONTHS[month]}`,
    age,
  },

  list: {
    filters: 'Filters',
    filtersActive: (n) => `Filters, ${n} selected`,
    profile: 'Profile',
    refresh: 'Refresh',
    responses: 'My responses',
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
    notApplied: (offline, time) =>
      `${offline ? 'No network' : 'The server does not answer'}, filters not applied. The list before, data of ${time}`,
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
    weightVolume: 'Truck capacity and volume',
    any: 'any',
    ownPair: 'custom',
    upTo: (tonnes, cubicMetres) =>
      `up to ${unit(tonnes, 't')}, ${cubicMetres === null ? 'any volume' : `up to ${unit(cubicMetres, 'm³')}`}`,
    tonnes: 'Weight, t',
    cubicMetres: 'Volume, m³',
    truckTypes: 'Truck type',
    loadTypes: 'Loading type',
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
      between: (min, max) => [min && `from ${min}`, max && `up to ${max}`].filter(Boolean).join(' '),
      several: (first, others) => `${first} + ${others}`,
      inn: (inn) => `INN ${inn}`,
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
    loadTypes: 'Loading type',
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
    extension: (extension: string) => `ext. ${extension}`,
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

  respond: { title: 'Response' },

  responses: {
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
    reason: (text) => `Reason: ${text}`,
    comment: (text) => `Comment: ${text}`,
    price: (price) => `Your price: ${price}`,
    cargoPrice: (price) => `The cargo’s price: ${price}`,
    agreed: (price) => `Agreed price: ${price}`,
    phone: (phone, confirmed) => `${phone}, ${confirmed ? 'confirmed' : 'not confirmed'}`,
    withdraw: 'Withdraw the response',
    withdrawn: 'Response withdrawn',
    alreadyDecided: 'The answer has already come',
    accepted: (route) => `Response accepted: ${route}`,
    rejected: (route) => `Declined: ${route}`,
    emptyTitle: 'No responses yet',
    emptyText: 'Open a cargo and press “Respond”.',
    more: 'Show more',
    moreFailed: 'The next responses did not load',
    offline: 'No network, answers may have changed',
    notRefreshed: 'Could not refresh, answers may have changed',
  },

  profile: {
    title: 'Profile',
    subscription: 'Subscription',
    support: 'Write to support',
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
    linkAgain: 'To sign in here again, open your sign-in link or the bot.',
    outsideTitle: 'Open the app from the bot',
    outsideText: 'That is how we know it is you. No password needed.',
    open: 'Open from the bot',
  },

  locked: {
    title: 'A subscription is needed',
    open: 'Get access',
    list: 'The cargos come with a subscription. Getting one takes a minute.',
    detail: 'The details of a cargo come with a subscription.',
    contacts: 'The owner’s phones and comment come with a subscription.',
    respond: 'To respond, you need a subscription',
  },

  errors: {
    title: 'Could not load',
    offline: 'No network. Check your connection and try again.',
    network: 'The server did not answer. The connection may be weak.',
    upstream: 'CargoTech is not answering right now. Try again in a minute.',
    rateLimited: 'Too many requests at once. Wait a few seconds.',
    store: 'We have a fault on our side. Try again in a minute.',
    featureOff: 'This is switched off at the moment. Try later.',
    telegramNeeded: 'You signed in by a link. This can be done in the app in Telegram.',
    tooLarge: 'The text is too long. Shorten it and try again.',
    forbidden: 'Access is closed, contact support',
    unknown: 'Something went wrong on our side. Try again.',
    partOffline: 'No network. The screen opens by itself when it is back.',
    part: 'This part of the app did not load. There may be a new version.',
    reload: 'Load again',
    requestId: (id) => `Request: ${id}`,
  },
};

/** What a shipper reads on the page behind their link. */
export const enShipper: ShipperMessages = {
  measures,
  language: 'en',
  from: 'CargoTech',
  title: 'A response to your cargo',
  loading: 'Loading…',
  loadingDate: 'Loading',
  unloadingDate: 'Unloading',
  size: 'Weight and volume',
  price: 'Cargo’s price',
  driver: 'Driver',
  ownPrice: 'Driver’s price',
  agreedPrice: 'Agreed price',
  comment: 'Comment',
  phone: 'Driver’s phone',
  call: 'Call',
  copy: 'Copy',
  copied: 'Number copied',
  copyFailed: 'Could not copy',
  phoneLater: 'You will see the driver’s phone once you accept.',
  until: (moment) => `You can answer until ${moment}.`,
  acceptedByDispatcher: 'A dispatcher accepted this response. Ask them for the driver’s phone.',
  accept: 'Accept',
  acceptFor: (price) => `Accept for ${price}`,
  acceptTooQuestion: (names) =>
    `${names.join(', ')} ${names.length > 1 ? 'were' : 'was'} accepted already. Accept one more?`,
  acceptTooHint: 'More than one truck will then come for this cargo.',
  acceptToo: 'Accept one more',
  someDriver: 'Another driver',
  reject: 'Decline',
  acceptQuestion: 'Accept this response?',
  acceptHint: 'The driver is told at once. You cannot change your decision.',
  acceptYes: 'Yes, accept',
  rejectQuestion: 'Decline this response?',
  rejectHint: 'The driver is told at once. You cannot change your decision.',
  rejectYes: 'Yes, decline',
  reason: 'Reason (optional)',
  cancel: 'Cancel',
  retry: 'Try again',
  state: {
    queued: 'Waiting for your decision',
    sent: 'Waiting for your decision',
    accepted: 'Response accepted',
    rejected: 'Response declined',
    expired: 'The time to answer is over',
    completed: 'The trip is completed',
    withdrawn: 'The driver withdrew the response',
  },
  undone: 'Acceptance undone',
  undoneHint: 'A dispatcher undid the acceptance: this driver will not come. Ask the dispatcher about another truck.',
  reasonGiven: (reason) => `Reason: ${reason}`,
  expiredTitle: 'This link no longer works',
  expiredText: 'Ask the dispatcher for a new one.',
  invalidTitle: 'This link is not right',
  invalidText: 'Open all of it, as the dispatcher sent it.',
  decidedMeanwhile: 'A decision has already been made.',
  failedTitle: 'Could not load',
  decisionFailed: 'Your decision was not sent.',
  offline: 'No network. Check your connection and try again.',
  network: 'The server did not answer. The connection may be weak.',
  featureOff: 'This page is switched off at the moment. Answer the dispatcher who sent the link.',
  rateLimited: 'Too many requests at once. Wait a little.',
  unknown: 'Something went wrong on our side. Try again.',
  rubles: (rub) => unit(rub, '₽'),
  date: ({ day, month, weekday }) => `${WEEKDAYS[weekday]}, ${day}\u00a0${MONTHS[month]}`,
};
