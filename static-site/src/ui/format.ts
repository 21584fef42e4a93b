/** Texts made of numbers, dates and phones. The words come from the message catalogue; nothing here knows a language. */

/** Groups digits. Neither space ever breaks the line. */
const THIN_SPACE = '\u202f';
/** Keeps a unit beside its number. */
export const NO_BREAK_SPACE = '\u00a0';

/** A number with its thousands grouped and at most `digits` decimals, trailing zeros dropped. */
export function formatNumber(value: number, decimalMark: string, digits = 0): string {
  const [whole = '', fraction] = String(Number(Math.abs(value).toFixed(digits))).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
  return (value < 0 && grouped !== '0' ? '−' : '') + grouped + (fraction ? decimalMark + fraction : '');
}

/** A number as a driver types it, with a comma, a point or spaces; null when it is none. */
export function parseNumber(text: string): number | null {
  const compact = text.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.');
  return /^\d+(\.\d+)?$/.test(compact) ? Number(compact) : null;
}

/** The parts of a local date of CargoTech, as written. */
export interface LocalDate {
  year: number;
  day: number;
  /** 0 is January. */
  month: number;
  /** 0 is Sunday. */
  weekday: number;
  /** `08:00`, or null when only the day is known. */
  time: string | null;
}

/** Takes `2026-11-25` or `2026-11-25T08:00:00` apart. No zone is converted: it is the clock of the place. */
export function parseLocalDate(text: string | null): LocalDate | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d))?/.exec(text ?? '');
  if (!match) return null;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1) return null;
  return { year, day, month: month - 1, weekday: date.getUTCDay(), time: match[4] ?? null };
}

/** The phone's date as YYYY-MM-DD, `days` from `now`. */
export function isoDay(now: Date, days = 0): string {
  const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  const pad = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** `14:05`, by the phone's clock. */
export function formatClock(milliseconds: number): string {
  const date = new Date(milliseconds);
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}

/** How long ago, in the largest unit that fits. */
export type Age = { unit: 'now' } | { unit: 'minutes' | 'hours' | 'days'; count: number };

/** The age of something of the time `then`; a clock that was set back counts as now. */
export function ageOf(then: number, now: number): Age {
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) return { unit: 'now' };
  if (minutes < 60) return { unit: 'minutes', count: minutes };
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? { unit: 'hours', count: hours } : { unit: 'days', count: Math.floor(hours / 24) };
}

/** `+7 916 123-45-67`; a phone of another country as it is. */
export function formatPhone(phone: string): string {
  const parts = /^\+7(\d{3})(\d{3})(\d\d)(\d\d)$/.exec(phone);
  return parts ? `+7\u00a0${parts[1]}\u00a0${parts[2]}-${parts[3]}-${parts[4]}` : phone;
}

/** `https` links only: what partners send is not to be trusted with any other scheme. */
export function safeUrl(url: string | null | undefined): string | null {
  try {
    const parsed = new URL(url ?? '');
    return parsed.protocol === 'https:' ? parsed.href : null;
  } catch {
    return null;
  }
}
