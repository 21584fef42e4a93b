import { createSignal, Index, onCleanup, Show } from 'solid-js';
import { createStore, reconcile, unwrap } from 'solid-js/store';
import type { Settings, SettingsAnswer } from '../../api/admin';
import { ApiError } from '../../api/error';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { amountOf, planPreview, wholeOf } from '../display';
import { w } from '../messages';
import { answerLeaving, holdHere, leaving } from '../route';
import { Panel } from '../ui/bits';
import { CommandDialog, Dialog } from '../ui/Dialog';
import { Input, Select, Switch } from '../ui/fields';
import { createLoad } from '../ui/load';
import { ErrorPanel, fieldText, Skeleton } from '../ui/States';
import { Changes } from './Changes';
import { ShopPanel } from './Shop';
import { changesBetween, type Draft, draftOf, settingsOf, type Wrong } from './settingsDraft';
import { TariffsPanel } from './Tariffs';

/** What the product does, as far as admins decide it. */
export function SettingsSection() {
  const load = createLoad(
    () => 0,
    () => api.settings(),
  );
  return (
    <>
      <Show when={load.error()}>{(error) => <ErrorPanel error={error()} onRetry={() => void load.reload()} />}</Show>
      <Show when={load.loading() && !load.data()}>
        <Skeleton />
      </Show>
      <Show when={load.data()}>
        {(answer) => (
          <>
            <Form answer={answer()} onSaved={load.set} />
            <ShopPanel shop={answer().yookassa} onSaved={(yookassa) => load.set({ ...answer(), yookassa })} />
          </>
        )}
      </Show>
    </>
  );
}

/** What is said of a field that the server refuses, by its name. */
const WRONG: Record<string, Wrong> = {
  plans: 'no_plans',
  'plans.*.id': 'plan_id',
  'plans.*.name': 'plan_name',
  'plans.*.days': 'plan_days',
  'plans.*.price_rub': 'plan_price',
  trial_days: 'trial_days',
  response_expiry_hours: 'expiry',
  support_contact: 'support',
  'receipts.vat_code': 'receipts',
  'tariffs.*.from': 'tariff_from',
  'tariffs.*.value': 'tariff_value',
  'tariffs.*.source': 'tariff_source',
};

function Form(props: { answer: SettingsAnswer; onSaved: (answer: SettingsAnswer) => void }) {
  const words = () => w().settings;
  const [base, setBase] = createSignal(props.answer);
  const [draft, setDraft] = createStore<Draft>(draftOf(props.answer.settings));
  const [wrong, setWrong] = createSignal<Record<string, string>>({});
  const [confirming, setConfirming] = createSignal<Settings | null>(null);
  /** What somebody else changed meanwhile. */
  const [theirs, setTheirs] = createSignal<{ before: Settings; after: Settings } | null>(null);
  const locked = () => !may('change_settings');
  const parsed = () => settingsOf(draft);
  const dirty = () => {
    const result = parsed();
    return 'wrong' in result || changesBetween(base().settings, result.settings).length > 0;
  };
  const planOf = (plan: Draft['plans'][number]) => ({
    days: wholeOf(plan.days) ?? 0,
    price_rub: amountOf(plan.price_rub) ?? 0,
  });

  onCleanup(holdHere(() => !locked() && dirty()));

  function take(answer: SettingsAnswer): void {
    setBase(answer);
    setDraft(reconcile(draftOf(answer.settings)));
  }

  function review(): void {
    const result = parsed();
    if ('wrong' in result) {
      setWrong(Object.fromEntries(Object.entries(result.wrong).map(([field, code]) => [field, words().wrong[code]])));
      queueMicrotask(() =>
        document
          .querySelector<HTMLElement>('.settings-form .field-wrong input, .settings-form .field-wrong select')
          ?.focus(),
      );
      return;
    }
    setWrong({});
    setTheirs(null);
    setConfirming(result.settings);
  }

  async function save(next: Settings): Promise<void> {
    const before = base();
    const names = changesBetween(before.settings, next);
    try {
      const answer = await api.saveSettings(
        before.version,
        Object.fromEntries(names.map((name) => [name, next[name]])),
      );
      take(answer);
      props.onSaved(answer);
      showToast(words().saved);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'settings_changed') {
        const now = await api.settings();
        setTheirs({ before: before.settings, after: now.settings });
        // What was typed stays where somebody else changed nothing.
        const mine = unwrap(draft);
        const other = draftOf(now.settings);
        const changed = changesBetween(before.settings, now.settings);
        setBase(now);
        setDraft(
          reconcile({
            ...mine,
            ...(changed.includes('payments_on') && { payments_on: other.payments_on }),
            ...(changed.includes('plans') && { plans: other.plans }),
            ...(changed.includes('trial_days') && { trial_days: other.trial_days }),
            ...(changed.includes('receipts') && { receipts: other.receipts, receipts_on: other.receipts_on }),
            ...(changed.includes('response_expiry_hours') && { response_expiry_hours: other.response_expiry_hours }),
            ...(changed.includes('support_contact') && { support_contact: other.support_contact }),
            ...(changed.includes('tariffs') && { tariffs: other.tariffs }),
          }),
        );
      } else if (error instanceof ApiError && error.fields.length > 0) {
        setWrong(
          Object.fromEntries(
            error.fields.map(({ field, ...fault }) => {
              const name = field.replace(/\[(\d+)\]/g, '.$1');
              const known = WRONG[name.replace(/\d+/, '*')];
              return [name, known ? words().wrong[known] : fieldText(fault)];
            }),
          ),
        );
      }
      throw error;
    }
  }

  return (
    <form
      class="settings-form"
      novalidate
      data-testid="settings-form"
      onSubmit={(event) => {
        event.preventDefault();
        review();
      }}
    >
      <Show when={theirs()}>
        {(change) => (
          <div class="panel warn-panel" role="alert" data-testid="settings-conflict">
            <p>
              <b>{words().conflict}</b>
            </p>
            <Changes before={change().before} after={change().after} />
          </div>
        )}
      </Show>
      <fieldset disabled={locked()}>
        <Panel
          title={words().names.payments_on}
          actions={
            <Switch
              label={words().names.payments_on}
              checked={draft.payments_on}
              disabled={locked()}
              testId="payments-on"
              onChange={(on) => setDraft('payments_on', on)}
            />
          }
        >
          <p class="small">{words().paymentsHint}</p>
        </Panel>
        <Panel title={words().names.plans} testId="settings-plans">
          <Show when={wrong().plans}>{(text) => <p class="field-error">{text()}</p>}</Show>
          <Index each={draft.plans}>
            {(plan, at) => (
              <div class="plan" data-testid={`plan-${at}`}>
                <div class="form-grid">
                  <Input
                    label={words().planId}
                    name={`plan-id-${at}`}
                    value={plan().id}
                    onInput={(value) => setDraft('plans', at, 'id', value)}
                    error={wrong()[`plans.${at}.id`]}
                  />
                  <Input
                    label={words().planName}
                    name={`plan-name-${at}`}
                    value={plan().name}
                    onInput={(value) => setDraft('plans', at, 'name', value)}
                    error={wrong()[`plans.${at}.name`]}
                  />
                  <Input
                    label={words().planDays}
                    name={`plan-days-${at}`}
                    inputmode="numeric"
                    value={plan().days}
                    onInput={(value) => setDraft('plans', at, 'days', value)}
                    error={wrong()[`plans.${at}.days`]}
                  />
                  <Input
                    label={words().planPrice}
                    name={`plan-price-${at}`}
                    inputmode="decimal"
                    value={plan().price_rub}
                    onInput={(value) => setDraft('plans', at, 'price_rub', value)}
                    error={wrong()[`plans.${at}.price_rub`]}
                  />
                </div>
                <div class="plan-foot">
                  <p class="small" data-testid={`plan-preview-${at}`}>
                    <PlanPreview
                      plan={planOf(plan())}
                      first={draft.plans[0] ? planOf(draft.plans[0]) : planOf(plan())}
                    />
                  </p>
                  <Show when={!locked() && draft.plans.length > 1}>
                    <button
                      class="button button-small button-danger"
                      type="button"
                      data-testid={`plan-remove-${at}`}
                      aria-label={words().planRemoveLabel(plan().name)}
                      onClick={() => setDraft('plans', (plans) => plans.filter((_, index) => index !== at))}
                    >
                      {words().planRemove}
                    </button>
                  </Show>
                </div>
              </div>
            )}
          </Index>
          <Show when={!locked()}>
            <button
              class="button button-small"
              type="button"
              data-testid="plan-add"
              onClick={() => setDraft('plans', draft.plans.length, { id: '', name: '', days: '', price_rub: '' })}
            >
              {words().planAdd}
            </button>
          </Show>
        </Panel>
        <Panel title={words().general}>
          <div class="form-grid">
            <Input
              label={words().trialDays}
              name="trial_days"
              inputmode="numeric"
              value={draft.trial_days}
              onInput={(value) => setDraft('trial_days', value)}
              error={wrong().trial_days}
              hint={words().trialHint}
            />
            <Input
              label={words().expiryHours}
              name="response_expiry_hours"
              inputmode="numeric"
              value={draft.response_expiry_hours}
              onInput={(value) => setDraft('response_expiry_hours', value)}
              error={wrong().response_expiry_hours}
              hint={words().expiryHint}
            />
          </div>
          <Input
            label={words().support}
            name="support_contact"
            value={draft.support_contact}
            onInput={(value) => setDraft('support_contact', value)}
            error={wrong().support_contact}
            hint={words().supportHint}
          />
        </Panel>
        <Panel
          title={words().names.receipts}
          actions={
            <Switch
              label={words().names.receipts}
              checked={draft.receipts_on}
              disabled={locked()}
              testId="receipts-on"
              onChange={(on) => setDraft('receipts_on', on)}
            />
          }
        >
          <p class="small">{words().receiptsHint}</p>
          <Show when={draft.receipts_on}>
            <div class="form-grid">
              <Select
                label={words().vatCode}
                name="vat_code"
                value={draft.receipts.vat_code}
                onChange={(value) => setDraft('receipts', 'vat_code', value)}
                options={Object.entries(words().vat)}
                error={wrong()['receipts.vat_code']}
              />
              <Select
                label={words().taxSystem}
                name="tax_system_code"
                value={draft.receipts.tax_system_code}
                onChange={(value) => setDraft('receipts', 'tax_system_code', value)}
                options={[['', words().taxNone], ...Object.entries(words().tax)]}
                error={wrong()['receipts.tax_system_code']}
              />
              <Input
                label={words().subject}
                name="payment_subject"
                value={draft.receipts.payment_subject}
                onInput={(value) => setDraft('receipts', 'payment_subject', value)}
                error={wrong()['receipts.payment_subject']}
              />
              <Input
                label={words().mode}
                name="payment_mode"
                value={draft.receipts.payment_mode}
                onInput={(value) => setDraft('receipts', 'payment_mode', value)}
                error={wrong()['receipts.payment_mode']}
              />
              <Input
                label={words().measure}
                name="measure"
                value={draft.receipts.measure}
                onInput={(value) => setDraft('receipts', 'measure', value)}
                error={wrong()['receipts.measure']}
              />
            </div>
          </Show>
        </Panel>
        <TariffsPanel
          tariffs={draft.tariffs}
          wrong={wrong()}
          locked={locked()}
          onChange={(tariffs) => setDraft('tariffs', tariffs)}
        />
      </fieldset>
      <Show when={!locked() && dirty()}>
        <div class="save-bar">
          <button
            class="button"
            type="button"
            data-testid="settings-reset"
            onClick={() => {
              setDraft(reconcile(draftOf(base().settings)));
              setWrong({});
            }}
          >
            {words().reset}
          </button>
          <button class="button button-main" type="submit" data-testid="settings-review">
            {words().review}
          </button>
        </div>
      </Show>
      <Show when={leaving()}>
        <Dialog title={words().leaveTitle} onClose={() => answerLeaving(false)} testId="leave-dialog">
          <p>{words().leaveText}</p>
          <div class="actions actions-end">
            <button class="button" type="button" data-testid="leave-stay" onClick={() => answerLeaving(false)}>
              {words().leaveStay}
            </button>
            <button
              class="button button-main button-bad"
              type="button"
              data-testid="leave-go"
              onClick={() => answerLeaving(true)}
            >
              {words().leaveGo}
            </button>
          </div>
        </Dialog>
      </Show>
      <Show when={confirming()}>
        {(next) => (
          <CommandDialog
            title={words().confirmTitle}
            text={<Changes before={base().settings} after={next()} />}
            submit={w().save}
            testId="settings-confirm"
            onClose={() => setConfirming(null)}
            run={async () => {
              try {
                await save(next());
              } catch (error) {
                // The form shows what is wrong with it, and what changed.
                const isShown =
                  error instanceof ApiError && (error.code === 'settings_changed' || error.fields.length > 0);
                if (!isShown) throw error;
                showToast(words().notSaved);
                window.scrollTo(0, 0);
              }
            }}
          />
        )}
      </Show>
    </form>
  );
}

function PlanPreview(props: { plan: { days: number; price_rub: number }; first: { days: number; price_rub: number } }) {
  const preview = () =>
    props.plan.days > 0 && props.plan.price_rub > 0 && props.first.days > 0
      ? planPreview(props.plan, props.first)
      : null;
  return (
    <Show when={preview()} fallback="—">
      {(shown) => (
        <>
          {w().settings.perDay(w().format.rubles(shown().perDay))}
          <Show when={shown().saving > 0}> · {w().settings.saving(shown().saving)}</Show>
        </>
      )}
    </Show>
  );
}
