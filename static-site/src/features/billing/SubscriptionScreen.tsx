import { createSignal, For, onMount, Show } from 'solid-js';
import type { Payment, Plan, Plans } from '../../api/driver';
import { type ApiError, asApiError } from '../../api/error';
import { randomUuid } from '../../platform/session';
import { haptic } from '../../platform/telegram';
import { Field } from '../../ui/Field';
import { showToast } from '../../ui/toast';
import { emailFault } from '../profile/email';
import { AccessLink } from '../session/AccessLink';
import { api, driver, refreshAccess, session, storage } from '../shell/app';
import { errorText, priceText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { t } from '../shell/messages';
import { ErrorNotice } from '../shell/Notice';
import { hrefOf, replaceRoute } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { Skeletons } from '../shell/Skeletons';
import { access, isOn } from './access';
import { type MoneyMessages, money } from './messages';
import { placeOrder } from './order';
import { openPayment, returnTo } from './paying';
import { isOpen } from './paymentWatch';
import { accessText, dayText, endsSoonText, isRunning, opensText, paymentNotes, untilText } from './subscription';
import '../responses/responses.css';
import './money.css';

/** How long an order that is placed waits for its e-mail to be remembered. */
const REMEMBER_MS = 1500;

/** What the driver has, what can be bought, and what was. */
export function SubscriptionScreen() {
  const [plans, setPlans] = createSignal<Plans | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);

  async function load(): Promise<void> {
    setError(null);
    try {
      setPlans(await api.plans());
    } catch (reason) {
      setError(asApiError(reason));
    }
  }
  onMount(() => {
    void refreshAccess();
    void load();
  });

  return (
    <main class="screen money-screen" data-testid="subscription-screen">
      <ScreenHeader title={money().title} />
      <AccessPanel />
      <Show
        when={plans()}
        fallback={
          <Show when={error()} fallback={<Skeletons />}>
            {(failure) => <ErrorNotice error={failure()} onRetry={() => void load()} />}
          </Show>
        }
      >
        {(loaded) => (
          <Show when={loaded().payments && loaded().items.length > 0} fallback={<PaymentsOff />}>
            <OrderForm
              plans={loaded()}
              onChanged={() => void load()}
              onOff={() => setPlans({ ...loaded(), payments: false })}
            />
          </Show>
        )}
      </Show>
      <Show when={isOn('app.promo_codes')}>
        <PromoCode />
      </Show>
      <Show when={isOn('app.access_link')}>
        <AccessLink />
      </Show>
      <History />
    </main>
  );
}

function AccessPanel() {
  return (
    <Show when={access()}>
      {(known) => (
        <>
          <section class="panel access" data-testid="subscription-state" data-state={known().subscription.state}>
            <b>{accessText(known().subscription)}</b>
            <Show when={untilText(known().subscription)}>{(text) => <p>{text()}</p>}</Show>
            <Show when={opensText(known().features)}>{(text) => <p>{text()}</p>}</Show>
          </section>
          <Show when={endsSoonText(known().subscription)}>
            {(text) => (
              <p class="banner" data-testid="ends-soon">
                {text()}
              </p>
            )}
          </Show>
        </>
      )}
    </Show>
  );
}

function PaymentsOff() {
  return (
    <section class="panel" data-testid="payments-off" role="status">
      <h2>{money().offTitle}</h2>
      <p>{money().offText}</p>
    </section>
  );
}

/** The plans and the way to pay for one of them. */
function OrderForm(props: { plans: Plans; onChanged: () => void; onOff: () => void }) {
  const [chosen, setChosen] = createSignal(props.plans.items[0]?.id ?? '');
  const [email, setEmail] = createSignal(driver()?.email ?? '');
  const [emailWrong, setEmailWrong] = createSignal<keyof MoneyMessages['emailWrong'] | null>(null);
  const [phoneWrong, setPhoneWrong] = createSignal(false);
  let emailInput: HTMLInputElement | undefined;
  const [busy, setBusy] = createSignal(false);
  const [trouble, setTrouble] = createSignal('');
  const emailFaultText = () => {
    const fault = emailWrong();
    return fault ? money().emailWrong[fault] : undefined;
  };
  const plan = (): Plan | undefined => props.plans.items.find(({ id }) => id === chosen()) ?? props.plans.items[0];

  async function pay(): Promise<void> {
    const buying = plan();
    if (busy() || !buying) return;
    const address = email().trim();
    setTrouble('');
    setPhoneWrong(false);
    const fault = props.plans.email_needed ? emailFault(address) : null;
    if (fault) return refuseEmail(fault);
    setBusy(true);
    try {
      const remembered = props.plans.email_needed && address !== driver()?.email ? rememberEmail(address) : null;
      const order = { plan: buying.id, return_to: returnTo(), ...(props.plans.email_needed && { email: address }) };
      const payment = await placeOrder({ order: api.order, storage, newKey: randomUuid, now: Date.now }, order);
      // YooKassa's page would break it off where it opens in place of the app.
      await Promise.race([remembered, new Promise((resolve) => setTimeout(resolve, REMEMBER_MS))]);
      // First, so that the way back from YooKassa's page leads to what has become of it.
      replaceRoute({ name: 'payment', id: payment.id });
      if (payment.status === 'pending' && payment.confirmation_url) openPayment(payment.confirmation_url);
    } catch (reason) {
      explain(asApiError(reason));
    } finally {
      setBusy(false);
    }
  }

  /** Leads the driver to the field. */
  function refuseEmail(fault: keyof MoneyMessages['emailWrong']): void {
    setEmailWrong(fault);
    haptic('error');
    emailInput?.focus({ preventScroll: true });
    emailInput?.scrollIntoView({ block: 'center' });
  }

  function explain(failure: ApiError): void {
    const email = failure.fields.find(({ field }) => field === 'email');
    if (email) return refuseEmail(email.code === 'refused' ? 'refused' : 'wrong');
    haptic('error');
    if (failure.fields.some(({ field }) => field === 'phone')) return void setPhoneWrong(true);
    if (failure.code === 'payments_off') return props.onOff();
    if (failure.fields.some(({ field }) => field === 'plan')) {
      setTrouble(money().planGone);
      props.onChanged();
    } else if (failure.code === 'payment_refused') {
      setTrouble(money().refusedNow);
    } else if (failure.code === 'rate_limited') {
      setTrouble(money().wait(minutesToWait(failure)));
    } else {
      setTrouble(money().notOrdered(errorText(failure)));
    }
  }

  const running = () => {
    const current = access();
    return current !== null && isRunning(current.subscription);
  };
  return (
    <>
      <section class="panel">
        <h2 id="plans">{running() ? money().prolong : money().plans}</h2>
        <div role="radiogroup" aria-labelledby="plans" data-testid="plans">
          <For each={props.plans.items}>
            {(each) => (
              <label class="plan" classList={{ 'plan-chosen': plan()?.id === each.id }} data-testid={`plan-${each.id}`}>
                <input
                  class="visually-hidden"
                  type="radio"
                  name="plan"
                  checked={plan()?.id === each.id}
                  onChange={() => {
                    haptic('selection');
                    setChosen(each.id);
                  }}
                />
                <span class="plan-mark" />
                <span>
                  <b>{money().planName(each.name, each.days)}</b>
                  <span class="small">{money().perDay(each.price_per_day_rub)}</span>
                </span>
                <span>
                  <b>{priceText(each.price_rub)}</b>
                  <Show when={each.saving_percent > 0}>
                    <span class="tag">{money().saving(each.saving_percent)}</span>
                  </Show>
                </span>
              </label>
            )}
          </For>
        </div>
      </section>
      <Show when={props.plans.email_needed}>
        <section class="panel">
          <Field label={money().email} error={emailFaultText()} hint={<p class="small">{money().emailHint}</p>}>
            {(id, aboutId) => (
              <input
                id={id}
                aria-describedby={aboutId}
                ref={emailInput}
                aria-invalid={emailWrong() !== null}
                type="email"
                autocomplete="email"
                data-testid="receipt-email"
                value={email()}
                onInput={(event) => {
                  setEmailWrong(null);
                  setEmail(event.currentTarget.value);
                }}
              />
            )}
          </Field>
        </section>
      </Show>
      <Show when={phoneWrong()}>
        <section class="panel field-wrong" role="alert" data-testid="phone-refused">
          <p>{money().phoneRefused}</p>
          <a class="button" href={hrefOf({ name: 'profile' })}>
            {t().profile.title}
          </a>
        </section>
      </Show>
      <MainAction text={money().pay(priceText(plan()?.price_rub ?? 0))} busy={busy()} onPress={() => void pay()}>
        <Show when={trouble()} fallback={<p class="small pay-hint">{money().payHint}</p>}>
          <p class="trouble" role="alert" data-testid="pay-trouble">
            {trouble()}
          </p>
        </Show>
      </MainAction>
    </>
  );
}

/** For the next time. Quietly: the order has it anyway. */
async function rememberEmail(email: string): Promise<void> {
  if (session.isByLink()) return;
  return api.saveMe({ email }).then(
    (me) => session.setDriver(me),
    () => undefined,
  );
}

function PromoCode() {
  const [code, setCode] = createSignal('');
  const [wrong, setWrong] = createSignal('');
  const [busy, setBusy] = createSignal(false);

  async function redeem(): Promise<void> {
    if (busy()) return;
    setWrong('');
    if (code().trim() === '') return refuse(money().promoErrors.empty ?? '');
    setBusy(true);
    try {
      const { days_added } = await api.redeem(code().trim());
      setCode('');
      haptic('success');
      showToast(money().promoDone(days_added));
      void refreshAccess();
    } catch (reason) {
      const failure = asApiError(reason);
      const words = money().promoErrors[failure.code];
      const waiting = failure.code === 'rate_limited' && money().wait(minutesToWait(failure));
      refuse(waiting || (words ?? errorText(failure)));
      // Perhaps it was this very tap whose answer was lost.
      if (failure.code === 'promo_code_repeated') void refreshAccess();
    } finally {
      setBusy(false);
    }
  }

  function refuse(text: string): void {
    setWrong(text);
    haptic('error');
  }

  return (
    <form
      class="panel"
      novalidate
      onSubmit={(event) => {
        event.preventDefault();
        void redeem();
      }}
    >
      <Field label={money().promo} error={wrong() || undefined}>
        {(id, aboutId) => (
          <div class="promo">
            <input
              id={id}
              aria-describedby={aboutId}
              aria-invalid={wrong() !== ''}
              type="text"
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              placeholder={money().promoPlaceholder}
              data-testid="promo-code"
              value={code()}
              onInput={(event) => {
                setWrong('');
                setCode(event.currentTarget.value);
              }}
            />
            <button class="button" type="submit" data-testid="promo-apply" aria-busy={busy()}>
              {money().promoApply}
            </button>
          </div>
        )}
      </Field>
    </form>
  );
}

function History() {
  const [items, setItems] = createSignal<Payment[]>([]);
  const [cursor, setCursor] = createSignal<string | null>(null);
  const [failed, setFailed] = createSignal(false);
  const [busy, setBusy] = createSignal(false);

  async function load(): Promise<void> {
    if (busy()) return;
    setBusy(true);
    setFailed(false);
    try {
      const page = await api.payments(cursor());
      setItems([...items(), ...page.items]);
      setCursor(page.cursor);
    } catch {
      setFailed(true);
    } finally {
      setBusy(false);
    }
  }
  onMount(() => void load());

  return (
    <Show when={items().length > 0 || failed()}>
      <section class="panel" data-testid="payment-history">
        <h2>{money().history}</h2>
        <ul class="payments">
          <For each={items()}>{(payment) => <HistoryRow payment={payment} />}</For>
        </ul>
        <Show when={failed()}>
          <p>{money().historyFailed}</p>
        </Show>
        <Show when={failed() || cursor()}>
          <button
            class="button"
            type="button"
            aria-busy={busy()}
            data-testid="payments-more"
            onClick={() => void load()}
          >
            {failed() ? t().retry : money().more}
          </button>
        </Show>
      </section>
    </Show>
  );
}

function HistoryRow(props: { payment: Payment }) {
  return (
    <li data-testid="payment-row" data-payment-id={props.payment.id}>
      <div class="row">
        <b>{priceText(props.payment.amount_rub)}</b>
        <span class="state" data-state={props.payment.status}>
          {money().status[props.payment.status]}
        </span>
      </div>
      <p class="small">
        {props.payment.plan_name} · {dayText(props.payment.created_at)}
      </p>
      <For each={paymentNotes(props.payment, priceText)}>{(note) => <p class="small">{note}</p>}</For>
      <Show when={isOpen(props.payment)}>
        <a class="button" data-testid="open-payment" href={hrefOf({ name: 'payment', id: props.payment.id })}>
          {money().open}
        </a>
      </Show>
    </li>
  );
}

/** How long a driver who was too fast waits. */
function minutesToWait(failure: ApiError): number {
  return Math.max(1, Math.ceil((failure.retryAfter ?? 60) / 60));
}
