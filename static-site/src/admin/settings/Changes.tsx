import { For } from 'solid-js';
import type { Plan, Settings, Tariff } from '../../api/admin';
import { dayOf, rubles, word } from '../display';
import { w } from '../messages';
import { changesBetween } from './settingsDraft';

/** A value of the settings in words. */
function valueText(name: Exclude<keyof Settings, 'plans' | 'tariffs'>, value: Settings[keyof Settings]): string {
  const words = w().settings;
  if (name === 'payments_on') return value ? w().on : w().off;
  if (name === 'trial_days') return w().format.days(value as number);
  if (name === 'response_expiry_hours') return w().format.hours(value as number);
  if (name === 'receipts') {
    const receipts = value as Settings['receipts'];
    return receipts
      ? words.receiptsLine(
          word(words.vat, String(receipts.vat_code)),
          receipts.payment_subject,
          receipts.payment_mode,
          receipts.tax_system_code,
        )
      : w().off;
  }
  return String(value);
}

/** What differs between plans, each with its title, old and new; their order when nothing else does. */
function planChanges(before: Plan[], after: Plan[]): string[][] {
  const words = w().settings;
  const line = (plan: Plan | undefined) =>
    plan ? words.planLine(plan.name, plan.days, rubles(plan.price_rub)) : words.planNone;
  const ids = [...new Set([...before, ...after].map(({ id }) => id))];
  const changed = ids
    .map((id) => [
      `${words.names.plans}: ${id}`,
      line(before.find((plan) => plan.id === id)),
      line(after.find((plan) => plan.id === id)),
    ])
    .filter(([, old, now]) => old !== now);
  const order = (plans: Plan[]) => plans.map(({ name }) => name).join(', ');
  return changed.length > 0 ? changed : [[words.names.plans, order(before), order(after)]];
}

/** What differs between tariffs, each with its kind and day, old and new. */
function tariffChanges(before: Tariff[], after: Tariff[]): string[][] {
  const { tariffKinds, tariffLine, tariffTitle, planNone } = w().settings;
  const keyOf = ({ kind, from }: Tariff) => `${kind} ${from}`;
  const known = new Map([...before, ...after].map((tariff) => [keyOf(tariff), tariff]));
  const line = (tariffs: Tariff[], key: string) => {
    const tariff = tariffs.find((each) => keyOf(each) === key);
    return tariff ? tariffLine(tariff.value, tariff.source, tariff.is_estimate) : planNone;
  };
  return [...known]
    .map(([key, { kind, from }]) => [
      tariffTitle(word(tariffKinds, kind), dayOf(from, true)),
      line(before, key),
      line(after, key),
    ])
    .filter(([, old, now]) => old !== now);
}

/** Title, old and new of what changed in a member of the settings. */
function linesOf(name: keyof Settings, before: Settings, after: Settings): string[][] {
  if (name === 'plans') return planChanges(before.plans, after.plans);
  if (name === 'tariffs') return tariffChanges(before.tariffs, after.tariffs);
  return [[w().settings.names[name], valueText(name, before[name]), valueText(name, after[name])]];
}

/** Old and new of what changed, side by side. */
export function Changes(props: { before: Settings; after: Settings }) {
  return (
    <dl class="changes" data-testid="changes">
      <For each={changesBetween(props.before, props.after)}>
        {(name) => (
          <For each={linesOf(name, props.before, props.after)}>
            {([title, before, after]) => (
              <div>
                <dt>{title}</dt>
                <dd>
                  <del>{before}</del> → <ins>{after}</ins>
                </dd>
              </div>
            )}
          </For>
        )}
      </For>
    </dl>
  );
}
