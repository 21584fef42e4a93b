import { number, shortDate } from '../../ui/en';
import { NO_BREAK_SPACE } from '../../ui/format';
import { audit } from '../audit/en';
import { deliveries } from '../deliveries/en';
import { driver, drivers } from '../drivers/en';
import { health } from '../health/en';
import { overview } from '../overview/en';
import { differences, payments } from '../payments/en';
import { promo } from '../promoCodes/en';
import { responses } from '../responses/en';
import { roles } from '../roles/en';
import { flags, settings } from '../settings/en';
import { requests, subscriptions } from '../subscriptions/en';
import type { AdminMessages } from '.';
import { count, days, rubles, tenths } from './words.en';

/** Every string that an admin reads, in English. */
export const en: AdminMessages = {
  title: 'Administration',
  loading: 'Loading…',
  sending: 'Sending…',
  back: 'Back',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  retry: 'Try again',
  reload: 'Reload',
  refresh: 'Refresh',
  more: 'Show more',
  menu: 'More',
  navigation: 'Sections',
  toApp: 'To the app',
  any: 'any',
  on: 'on',
  off: 'off',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Could not copy',
  filters: 'Filters',
  filtersActive: (n) => `Filters: ${n}`,
  find: 'Find',
  show: 'Show',
  clear: 'Clear',
  from: 'From (Moscow)',
  until: 'Until (Moscow)',
  driverId: 'Driver’s Telegram ID',
  reason: 'Reason',
  reasonHint: 'Kept in the audit log',
  reasonMissing: 'Give a reason',
  requestId: 'Request id',
  csv: 'Download CSV',
  csvCopy: 'Copy CSV',
  csvLines: (n) => `Collecting: ${count(n, 'row')}`,
  csvCopied: 'CSV copied: files cannot be saved here',
  csvFailed: 'No CSV was made.',
  lookedUntil: (at) => `Looked back to ${at.slice(0, 10)}, nothing found so far`,

  format: {
    number: (value) => number(value),
    rubles,
    day: shortDate,
    days,
    signedDays: (n) => (tenths(n) > 0 ? '+' : tenths(n) < 0 ? '−' : '') + days(Math.abs(n)),
    hours: (n) => count(n, 'hour'),
    minutes: (n) => `${n}${NO_BREAK_SPACE}min`,
    seconds: (n) => `${n}${NO_BREAK_SPACE}s`,
    short: (value) =>
      value >= 1_000_000
        ? `${number(value / 1_000_000, 1)}M`
        : value >= 10_000
          ? `${number(value / 1000, 1)}k`
          : number(value),
  },

  sections: {
    overview: 'Overview',
    payments: 'Payments',
    drivers: 'Drivers',
    responses: 'Responses',
    subscriptions: 'Subscriptions',
    'promo-codes': 'Promo codes',
    requests: 'Requests',
    differences: 'Differences',
    deliveries: 'Messages',
    settings: 'Settings',
    flags: 'Flags',
    roles: 'Roles',
    audit: 'Audit log',
    health: 'Health',
  },
  one: { payments: 'Payment', drivers: 'Driver', 'promo-codes': 'Promo code', responses: 'Response' },
  notHere: { title: 'There is no such section', text: 'Or it is closed to your role.', action: 'To the start' },

  session: {
    title: 'Sign in first',
    open: 'Open from the bot',
    blocked: 'You are blocked. Ask an owner.',
    reasons: {
      outside: 'Open the app from the bot, then “Profile”, “Administration”.',
      expired: 'The sign-in is too old. Open the app from the bot again.',
      refused: 'Telegram sent data that does not fit. Open the app from the bot again.',
      replaced: 'You signed in on another device. To go on here, open the app from the bot.',
      signed_out: 'You signed out. To sign in again, open the app from the bot.',
      invalid: 'A link does not lead here. Open the app from the bot.',
      over: 'A link does not lead here. Open the app from the bot.',
    },
  },
  refused: {
    title: 'This part is for administrators',
    text: 'You have no role, or you signed in by a personal link: then open the app from the bot.',
  },

  errors: {
    title: 'That did not work',
    tooOldTitle: 'A recent sign-in is needed',
    unknown: 'Something went wrong on our side. Try again.',
    part: 'A part of the page did not load. There may be a new version.',
    codes: {
      offline: 'No network. Check the connection and try again.',
      network: 'The server did not answer. The connection may be weak.',
      unreadable: 'The answer cannot be read. The network you are in may be in the way.',
      upstream_unavailable: 'The service on the other side does not answer. Nothing was changed; try in a minute.',
      store_unavailable: 'We have a failure. Try in a minute.',
      rate_limited: 'Too many requests in a row. Wait a few seconds.',
      admin_only: 'Your role does not allow this.',
      sign_in_too_old:
        'For this you must have signed in within the last hour. Open the app from the bot again; administration opens by itself.',
      not_found: 'It is not there. The address may be incomplete.',
      validation_failed: 'Check what you entered.',
      not_refundable: 'Nothing can go back: the payment is not paid, or all of it went back or is on its way.',
      promo_code_exists: 'There is such a code. Choose another.',
      settings_changed: 'Somebody changed this before you. Look at how it is now and try again.',
      own_role: 'You cannot change your own role.',
      configured_role: 'This owner is named in the configuration and cannot be changed here.',
      market_size_changed: 'The last sweep has found another number by now. See what it is.',
      difference_resolved: 'This has been dealt with.',
      delivery_not_failed: 'This message is no longer among the failed ones.',
      subscription_ended: 'There is nothing to take back: no access runs.',
      own_account: 'Nobody does this for themselves. Ask another admin.',
      request_decided: 'It has been decided otherwise.',
      driver_is_admin: 'This is an admin. Take the role away first.',
      other_shop: 'The payment was made at another shop: only its cabinet can return it.',
      internal: 'Something went wrong on our side. Try again.',
    },
    fields: {
      missing: 'Fill this in',
      malformed: 'Check what you entered',
      too_long: 'Too long',
      out_of_range: 'This number does not fit',
      unknown: 'There is no such thing',
      refused: 'YooKassa refused this key. Nothing was changed.',
      in_the_past: 'This date has passed',
      too_much: 'Too much',
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
