/** Phone numbers, read by the same table and the same cases as on the server (`shared/kernel/src/phone/mod.rs`). */
import table from '../phonePlans.json';

interface Plan {
  code: string;
  lengths: number[];
  starts: string[];
}

const plans: Plan[] = table.plans;
/** Russia's and Kazakhstan's code. */
const RUSSIA = '7';
const BELARUS = '375';
/** The beginning of Telegram's anonymous numbers, on which nobody can be called. */
const ANONYMOUS = '888';
const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;
const DASHES = /[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]/g;

/** E.164 of a phone as drivers write it (`8 916 …`, `8 029 …`, `+998 …`); null when it is none or could be several countries'. */
export function parsePhone(text: string): string | null {
  const plain = text
    .replace(INVISIBLE, '')
    .replace(DASHES, '-')
    .replace(/\uff0b/g, '+')
    .replace(/[^\S\r\n]/g, ' ');
  if (!/^[ (]*\+?[\d ().-]*$/.test(plain)) return null;
  const hasPlus = plain.includes('+');
  // What is dialled at home only, written for those at home.
  const abroad = plain.replace(/^([^\d]*7[^\d]*)\(8\)/, '$1');
  const digits = (/^\D*(\+|00|8\D*10|7\D*\()/.test(plain) ? abroad.replace(/(\d.*?)\(0\)/, '$1') : abroad).replace(
    /\D/g,
    '',
  );
  if (digits.startsWith(ANONYMOUS)) return null;
  return hasPlus ? withPlus(digits) : withoutPlus(digits);
}

function withPlus(digits: string): string | null {
  // No country's code begins with 89: this is the 8 of those at home.
  return international(digits) ?? (/^89\d{9}$/.test(digits) ? ofPlan(RUSSIA, digits.slice(1)) : null);
}

function withoutPlus(digits: string): string | null {
  const abroad = /^(?:810|00)(.*)$/.exec(digits);
  if (abroad) return international(abroad[1] ?? '');
  // At home both Russia and Belarus dial an 8, and Belarus a 0 after it, with which no number of Russia begins.
  if (/^80\d{9}$/.test(digits)) return ofPlan(BELARUS, digits.slice(2));
  if (/^8\d{10}$/.test(digits)) return ofPlan(RUSSIA, digits.slice(1));
  if (/^9\d{9}$/.test(digits)) return ofPlan(RUSSIA, digits);
  return plans.some(({ code }) => digits.startsWith(code)) ? international(digits) : null;
}

function has(plan: Plan, number: string): boolean {
  return plan.lengths.includes(number.length) && plan.starts.some((start) => number.startsWith(start));
}

function ofPlan(code: string, number: string): string | null {
  const plan = plans.find((known) => known.code === code);
  return plan && has(plan, number) ? `+${code}${number}` : null;
}

/** Digits that begin with a country's code. */
function international(digits: string): string | null {
  if (digits.length < 8) return null;
  const plan = plans.find(({ code }) => digits.startsWith(code));
  if (!plan) return digits.length <= 15 && table.codes.some((code) => digits.startsWith(code)) ? `+${digits}` : null;
  const rest = digits.slice(plan.code.length);
  // No area of Russia begins with 89, so its 8 is that of those at home and no digit of a number with one too many.
  const trunks = plan.code === RUSSIA && rest.startsWith('89') ? ['', '0', '80', '8'] : ['', '0', '80'];
  const trunk = trunks.find((prefix) => rest.startsWith(prefix) && has(plan, rest.slice(prefix.length)));
  return trunk === undefined ? null : `+${plan.code}${rest.slice(trunk.length)}`;
}

/** Whom to call: E.164 and the extension to ask for, both null where the text is no number. */
export interface CallNumber {
  number: string | null;
  extension: string | null;
}

/** A phone of a cargo as the server gives it (`+74951234567;ext=12`). */
export function callNumber(phone: string): CallNumber {
  const [, number = '', extension] = /^([^;]*)(?:;ext=(\d+))?$/.exec(phone) ?? [];
  const parsed = parsePhone(number);
  return { number: parsed, extension: (parsed && extension) ?? null };
}

/** What a phone dials for it, the extension after a pause; empty where there is nothing to dial. */
export function dialled({ number, extension }: CallNumber): string {
  return `${number ?? ''}${number && extension ? `,${extension}` : ''}`;
}

/** A piece of a note: plain text, or a phone number as written together with its E.164 form. */
export interface NotePart {
  text: string;
  phone: string | null;
}

/**
 * Finds the phone numbers of a note. Only what is surely one: a full number as dialled at home in Russia, Kazakhstan or
 * Belarus, or an international one with its plus; an INN, a price or a piece of a longer number is text.
 */
export function splitPhones(note: string): NotePart[] {
  const dash = '\\-\\u2010-\\u2015\\u2212';
  const home = `(?:\\+?7|8)[\\s(${dash}]*[03-9]\\d{2}[\\s)${dash}]*\\d{3}[\\s${dash}]*\\d{2}[\\s${dash}]*\\d{2}(?!\\d)`;
  const pattern = new RegExp(`${home}|\\+(?!7)\\d[\\d\\s()${dash}]{8,17}\\d(?!\\d)`, 'g');
  const parts: NotePart[] = [];
  let end = 0;
  for (let match = pattern.exec(note); match; match = pattern.exec(note)) {
    const phone = /[\d+]/.test(note[match.index - 1] ?? '') ? null : parsePhone(match[0].replace(/\n/g, ' '));
    if (!phone) continue;
    if (match.index > end) parts.push({ text: note.slice(end, match.index), phone: null });
    parts.push({ text: match[0], phone });
    end = match.index + match[0].length;
  }
  if (end < note.length) parts.push({ text: note.slice(end), phone: null });
  return parts;
}
