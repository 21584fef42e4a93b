import type { Card, Place, Settlement } from '../../api/driver';
import type { ApiError } from '../../api/error';
import { formatClock, formatPhone, isoDay, parseLocalDate } from '../../ui/format';
import { cityOf, type End, type FilterCity, type Filters } from '../filters/filters';
import { choices, now, filters as shownFilters } from './app';
import { t } from './messages';

/** Numbers and codes of the API as the texts that screens show, in the current language. */

export function priceText(price: number | null): string {
  return price === null ? t().format.onRequest : t().format.rubles(price);
}

/** `завтра 18:00 · 1 372 км`, of what is known. */
export function wayText(card: Card): string {
  return joined(dateText(card.from.date), distanceText(card));
}

/** `1 372 км`, or `≈ 1 372 км` where nobody measured it; empty when it is not known. */
export function distanceText(card: Card): string {
  if (card.distance_km === null) return '';
  return (card.distance_is_estimated ? '≈\u00a0' : '') + t().format.kilometres(card.distance_km);
}

/** What a settlement is called in the language of the app. */
export function settlementText(place: Settlement): string {
  return t().format.place(place.name, place.name_en);
}

/** A city of the filters, which remember its Russian name. */
export function filterCityText(city: FilterCity | null): string {
  return city?.name ? t().format.place(city.name, null) : t().filters.unknownCity;
}

/** `Москва +100 → Куда угодно` */
export function filterRouteText(filters: Filters): string {
  const end = (name: End) => {
    const city = cityOf(filters, name);
    if (!city) return t().list.anywhere[name];
    return `${filterCityText(city)}${city.radius > 0 ? ` +${city.radius}` : ''}`;
  };
  return `${end('start')} → ${end('finish')}`;
}

/** `20 т · 82 м³ · тент +1 · задняя · мебель`, of what is known. */
export function goodsText(card: Card): string {
  const { tonnes, cubicMetres } = t().format;
  return joined(
    card.weight_kg !== null && tonnes(card.weight_kg / 1000),
    card.volume_m3 !== null && cubicMetres(card.volume_m3),
    typesText(card.truck_types, 'truck_types'),
    typesText(card.load_types, 'load_types'),
    titleText(card),
  );
}

/** The dot stays with what follows it: none is left at the end of a line. */
function joined(...parts: (string | false)[]): string {
  return parts.filter(Boolean).join(' ·\u00a0');
}

/** The first of several types, one that the driver filters by before all others. */
function typesText(names: string[], filter: 'truck_types' | 'load_types'): string {
  const asked = shownFilters()[filter];
  const known = choices(filter === 'truck_types' ? 'truck-types' : 'load-types');
  const isAsked = (name: string) => known?.some((choice) => choice.name === name && asked?.includes(String(choice.id)));
  const first = t().format.type(names.find(isAsked) ?? names[0] ?? '');
  return names.length > 1 ? t().filters.several(first, names.length - 1) : first;
}

/**
 * What the cargo is called. The server calls a nameless one by its size ("Груз 20 т / 82 м³"), which stands beside it
 * anyway: then empty.
 */
export function titleText(card: Card): string {
  return card.title.endsWith(card.display.weight_volume) && card.display.weight_volume ? '' : card.title;
}

/** `завтра 18:00` or `ср, 25 ноя, 08:00`, by the clock of the place; empty when there is no date. */
export function dateText(date: string | null): string {
  const parsed = parseLocalDate(date);
  if (!date || !parsed) return date ?? '';
  const near = nearDay(date.slice(0, 10));
  return (near || t().format.date(parsed)) + (parsed.time ? `${near ? ' ' : ', '}${parsed.time}` : '');
}

/** `сегодня`, `завтра` or nothing. */
function nearDay(day: string): string {
  const at = new Date(now());
  if (day === isoDay(at)) return t().filters.today;
  return day === isoDay(at, 1) ? t().filters.tomorrow : '';
}

/** `14:05`, by the phone's clock; with its day unless that is today. */
export function momentText(milliseconds: number): string {
  const day = isoDay(new Date(milliseconds));
  const date = day === isoDay(new Date()) ? null : parseLocalDate(day);
  return (date ? `${t().format.shortDate(date)}, ` : '') + formatClock(milliseconds);
}

/** A place's city, or a dash for one without. */
export function cityText(place: Place): string {
  return t().format.place(place.city, place.city_en) || '—';
}

export function routeText(card: Card): string {
  return `${cityText(card.from)} → ${cityText(card.to)}`;
}

/** A phone in running text, where it must not be broken at its hyphens. */
export function phoneText(phone: string): string {
  return formatPhone(phone).replace(/-/g, '\u2011');
}

/** What to tell the driver about a failed request. */
export function errorText(error: ApiError): string {
  const { errors } = t();
  switch (error.code) {
    case 'offline':
      return errors.offline;
    case 'network':
      return errors.network;
    case 'upstream_unavailable':
      return errors.upstream;
    case 'rate_limited':
      return errors.rateLimited;
    case 'upstream_forbidden':
    case 'forbidden':
      return errors.forbidden;
    case 'store_unavailable':
      return errors.store;
    case 'feature_off':
      return errors.featureOff;
    case 'telegram_needed':
      return errors.telegramNeeded;
    case 'body_too_large':
      return errors.tooLarge;
    default:
      return errors.unknown;
  }
}

/** Whether only a person can help: trying again will not. */
export function needsSupport(error: ApiError): boolean {
  return error.code === 'upstream_forbidden' || error.code === 'forbidden';
}
