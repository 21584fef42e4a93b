import type { Plan, Receipts, Settings, Tariff } from '../../api/admin';
import { parsePhone } from '../../platform/phone';
import { amountOf, wholeOf } from '../display';

/** The settings as they stand in the form: texts, as they are typed. */
export interface Draft {
  payments_on: boolean;
  plans: { id: string; name: string; days: string; price_rub: string }[];
  trial_days: string;
  receipts_on: boolean;
  receipts: {
    vat_code: string;
    tax_system_code: string;
    payment_subject: string;
    payment_mode: string;
    measure: string;
  };
  response_expiry_hours: string;
  support_contact: string;
  tariffs: TariffDraft[];
}

/** A tariff as it is typed. */
export type TariffDraft = Omit<Tariff, 'value'> & { value: string };

const RECEIPTS: Draft['receipts'] = {
  vat_code: '1',
  tax_system_code: '',
  payment_subject: 'service',
  payment_mode: 'full_payment',
  measure: 'piece',
};

export function draftOf(settings: Settings): Draft {
  const { receipts } = settings;
  return {
    payments_on: settings.payments_on,
    plans: settings.plans.map(({ id, name, days, price_rub }) => ({
      id,
      name,
      days: String(days),
      price_rub: String(price_rub),
    })),
    trial_days: String(settings.trial_days),
    receipts_on: receipts !== null,
    receipts: receipts
      ? {
          ...receipts,
          vat_code: String(receipts.vat_code),
          tax_system_code: receipts.tax_system_code === null ? '' : String(receipts.tax_system_code),
        }
      : RECEIPTS,
    response_expiry_hours: String(settings.response_expiry_hours),
    support_contact: settings.support_contact,
    tariffs: settings.tariffs.map((tariff) => ({ ...tariff, value: String(tariff.value) })),
  };
}

export type Wrong =
  | 'plan_id'
  | 'plan_repeated'
  | 'plan_name'
  | 'plan_days'
  | 'plan_price'
  | 'no_plans'
  | 'trial_days'
  | 'expiry'
  | 'support'
  | 'receipts'
  | 'tariff_from'
  | 'tariff_repeated'
  | 'tariff_value'
  | 'tariff_source';

/** The settings of a form, or what is wrong with them, each with its field. */
export function settingsOf(draft: Draft): { settings: Settings } | { wrong: Record<string, Wrong> } {
  const wrong: Record<string, Wrong> = {};
  const plans = draft.plans.map((plan, at): Plan => {
    const id = plan.id.trim();
    const days = wholeOf(plan.days, 1, 3650);
    const price = amountOf(plan.price_rub);
    if (!/^[a-z0-9]{1,8}$/.test(id)) wrong[`plans.${at}.id`] = 'plan_id';
    else if (draft.plans.some((other, earlier) => earlier < at && other.id.trim() === id))
      wrong[`plans.${at}.id`] = 'plan_repeated';
    if (plan.name.trim() === '') wrong[`plans.${at}.name`] = 'plan_name';
    if (days === null) wrong[`plans.${at}.days`] = 'plan_days';
    if (price === null || price < 1 || price > 1_000_000) wrong[`plans.${at}.price_rub`] = 'plan_price';
    return { id, name: plan.name.trim(), days: days ?? 0, price_rub: price ?? 0 };
  });
  if (plans.length === 0) wrong.plans = 'no_plans';
  const trial = wholeOf(draft.trial_days, 0, 90);
  if (trial === null) wrong.trial_days = 'trial_days';
  const expiry = wholeOf(draft.response_expiry_hours, 1, 168);
  if (expiry === null) wrong.response_expiry_hours = 'expiry';
  const typed = draft.support_contact.trim();
  const phone = parsePhone(typed);
  const support = phone ?? typed;
  if (!phone && !/^(@[a-z0-9_]{3,32}|https:\/\/\S+)$/i.test(typed)) wrong.support_contact = 'support';
  const tariffs = tariffsOf(draft.tariffs, wrong);
  let receipts: Receipts | null = null;
  if (draft.receipts_on) {
    const vat = wholeOf(draft.receipts.vat_code, 1, 12);
    const tax = draft.receipts.tax_system_code === '' ? null : wholeOf(draft.receipts.tax_system_code, 1, 6);
    if (vat === null) wrong['receipts.vat_code'] = 'receipts';
    receipts = { ...draft.receipts, vat_code: vat ?? 0, tax_system_code: tax };
  }
  if (Object.keys(wrong).length > 0) return { wrong };
  return {
    settings: {
      payments_on: draft.payments_on,
      plans,
      trial_days: trial ?? 0,
      receipts,
      response_expiry_hours: expiry ?? 0,
      support_contact: support,
      tariffs,
    },
  };
}

/** The tariffs of a form; what is wrong with them goes to `wrong`. */
function tariffsOf(drafts: TariffDraft[], wrong: Record<string, Wrong>): Tariff[] {
  return drafts.map((tariff, at) => {
    const value = amountOf(tariff.value);
    const source = tariff.source.trim();
    const isRepeated = drafts.some(
      (other, earlier) => earlier < at && other.kind === tariff.kind && other.from === tariff.from,
    );
    if (!/^\d{4}-\d\d-\d\d$/.test(tariff.from)) wrong[`tariffs.${at}.from`] = 'tariff_from';
    else if (isRepeated) wrong[`tariffs.${at}.from`] = 'tariff_repeated';
    if (value === null || value > 1000) wrong[`tariffs.${at}.value`] = 'tariff_value';
    if (source === '') wrong[`tariffs.${at}.source`] = 'tariff_source';
    return { ...tariff, source, value: value ?? 0 };
  });
}

/** The members that differ. */
export function changesBetween(before: Settings, after: Settings): (keyof Settings)[] {
  return (Object.keys(after) as (keyof Settings)[]).filter(
    (name) => canonical(before[name]) !== canonical(after[name]),
  );
}

/** As JSON with its names in order: the server's order of members is its own. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
