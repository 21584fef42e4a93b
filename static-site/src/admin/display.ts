import { isFramed } from '../platform/bridge';
import { isoDay, parseLocalDate } from '../ui/format';
import { w } from './messages';

/** Numbers, instants and codes as the texts that the page shows. */

/** `24 ноя, 14:05` by the clock of who looks, with the year unless it is this one and need not be named. */
export function momentOf(at: string, withYear = false): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  return `${dayOf(isoDay(date), withYear)}, ${clock}`;
}

/** With seconds and the year. */
export function fullMoment(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return `${isoDay(date)} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** `24 ноя` of a day such as `2026-11-24`, with the year unless it is this one and need not be named. */
export function dayOf(day: string, withYear = false): string {
  const parsed = parseLocalDate(day);
  if (!parsed) return day;
  const year = day.slice(0, 4);
  return w().format.day(parsed) + (!withYear && year === String(new Date().getFullYear()) ? '' : `\u00a0${year}`);
}

function pad(part: number): string {
  return String(part).padStart(2, '0');
}

export function rubles(amount: number | null | undefined): string {
  return amount === null || amount === undefined ? '—' : w().format.rubles(amount);
}

/** What a table of words calls a code; the code itself when it has no word for it. */
export function word(table: Record<string, string>, code: string | null | undefined): string {
  if (!code) return '—';
  return Object.prototype.hasOwnProperty.call(table, code) ? (table[code] ?? code) : code;
}

/** `3 ч 5 мин` of seconds. */
export function duration(seconds: number | null): string {
  if (seconds === null) return '—';
  const { format } = w();
  if (seconds < 60) return format.seconds(Math.round(seconds));
  if (seconds < 3600) return format.minutes(Math.floor(seconds / 60));
  if (seconds < 172_800) return format.hours(Math.floor(seconds / 3600));
  return format.days(Math.floor(seconds / 86_400));
}

/** The day in Moscow, which lists are filtered by, `days` from now. */
export function moscowDay(days = 0, now = Date.now()): string {
  return new Date(now + 3 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);
}

/** Telegram's phone clients show the page in a web view that saves no files, its web client in a frame that may not. */
export function canDownload(): boolean {
  return !isFramed() && !(/Android|iPhone|iPad/.test(navigator.userAgent) && 'TelegramWebviewProxy' in window);
}

/** Saves bytes as a file, as they are. */
export function download(name: string, bytes: Blob): void {
  const url = URL.createObjectURL(bytes);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A number as an admin types it; null when it is none. */
export function amountOf(text: string): number | null {
  const compact = text.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.');
  return /^\d+(\.\d{1,2})?$/.test(compact) ? Number(compact) : null;
}

/** A whole number from 1; null when it is none. */
export function wholeOf(text: string, least = 1, most = Number.MAX_SAFE_INTEGER): number | null {
  const compact = text.replace(/[\s\u00a0\u202f]/g, '');
  const value = /^\d+$/.test(compact) ? Number(compact) : NaN;
  return value >= least && value <= most ? value : null;
}

/** What a plan costs a day, and how many percent it saves against the first; by the server's own rule, as drivers will see it. */
export function planPreview(
  plan: { days: number; price_rub: number },
  first: { days: number; price_rub: number },
): { perDay: number; saving: number } {
  const kopecks = (each: { price_rub: number }) => Math.round(each.price_rub * 100);
  const full = kopecks(first) * plan.days;
  const paid = kopecks(plan) * first.days;
  return {
    perDay: Math.ceil(kopecks(plan) / plan.days) / 100,
    saving: full > paid ? Math.floor(((full - paid) * 100) / full) : 0,
  };
}
