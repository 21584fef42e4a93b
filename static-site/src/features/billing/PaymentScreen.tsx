import { createEffect, createSignal, type JSX, Match, on, onCleanup, onMount, Show, Switch } from 'solid-js';
import type { Payment } from '../../api/driver';
import type { ApiError } from '../../api/error';
import { foreground, haptic } from '../../platform/telegram';
import { Icon } from '../../ui/Icon';
import { api, cargoPaidFor, online, refreshAccess } from '../shell/app';
import { errorText, priceText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { goToList, openFromList, replaceRoute } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { SupportLink } from '../shell/SupportLink';
import { access } from './access';
import { money } from './messages';
import { openPayment } from './paying';
import { isOpen, watchPayment } from './paymentWatch';
import { dayText, reasonText } from './subscription';
import './money.css';

/** What becomes of a payment: here the driver waits for it, and returns to after paying. */
export function PaymentScreen(props: { id: string }) {
  const [payment, setPayment] = createSignal<Payment | null>(null);
  const [error, setError] = createSignal<ApiError | null>(null);

  async function take(next: Payment): Promise<void> {
    const before = payment();
    setError(null);
    if (next.status === 'succeeded') {
      // With it, what it has opened.
      await refreshAccess();
      if (before?.status !== 'succeeded') haptic('success');
    } else if (before && !isOpen(next)) {
      haptic('error');
    }
    setPayment(next);
  }

  onMount(() => {
    const watch = watchPayment({
      load: () => api.payment(props.id),
      hidden: () => document.hidden,
      onPayment: (next) => void take(next),
      onError: setError,
    });
    watch.check();
    createEffect(on([foreground, online], watch.check, { defer: true }));
    onCleanup(watch.stop);
  });

  const unknown = () => error()?.status === 404;
  const status = () => payment()?.status;
  const payUrl = () => (status() === 'pending' ? payment()?.confirmation_url : null);
  const until = () => access()?.subscription.expires_at;
  const toPlans = () => replaceRoute({ name: 'subscription' });

  return (
    <main class="screen" data-testid="payment-screen" data-status={status()}>
      <ScreenHeader title={money().payment} />
      <Switch fallback={<Checking payment={payment()} error={error()} />}>
        <Match when={unknown()}>
          <Outcome testId="payment-unknown" title={money().notFound}>
            <p>{money().notFoundText}</p>
          </Outcome>
          <MainAction text={money().toPlans} onPress={toPlans} />
        </Match>
        <Match when={status() === 'succeeded'}>
          <Outcome testId="payment-succeeded" title={money().paid} good>
            <p>{until() ? money().paidText(dayText(until() ?? '')) : money().paidTextPlain}</p>
            <Show when={payment()?.refunded_rub}>{(sum) => <p>{money().refunded(priceText(sum()))}</p>}</Show>
          </Outcome>
          <Show when={cargoPaidFor()} fallback={<MainAction text={money().toList} onPress={goToList} />}>
            {(id) => <MainAction text={money().toCargo} onPress={() => openFromList({ name: 'cargo', id: id() })} />}
          </Show>
        </Match>
        <Match when={status() === 'canceled'}>
          <Outcome testId="payment-canceled" title={money().declined} good={false}>
            <p>{reasonText(payment()?.reason ?? null)}</p>
            <p class="small">{payment()?.reason === 'expired_on_capture' ? '' : money().noMoney}</p>
          </Outcome>
          <MainAction text={money().again} onPress={toPlans} />
        </Match>
        <Match when={status() === 'refused'}>
          <Outcome testId="payment-refused" title={money().refused} good={false}>
            <p>{money().refusedText}</p>
          </Outcome>
          <MainAction text={money().again} onPress={toPlans} />
        </Match>
        <Match when={status() === 'lost'}>
          <Outcome testId="payment-lost" title={money().lost} good={false}>
            <p>{money().lostText}</p>
            <div class="notice-actions">
              <SupportLink />
            </div>
          </Outcome>
          <MainAction text={money().again} onPress={toPlans} />
        </Match>
      </Switch>
      <Show when={payUrl()}>{(url) => <MainAction text={money().toPay} onPress={() => openPayment(url())} />}</Show>
    </main>
  );
}

function Checking(props: { payment: Payment | null; error: ApiError | null }) {
  const hint = () => {
    switch (props.payment?.status) {
      case 'created':
        return money().checkingCreated;
      case 'pending':
        return money().checkingPending;
      case 'waiting_for_capture':
        return money().checkingHeld;
      default:
        return '';
    }
  };
  return (
    <div class="payment-about" role="status" data-testid="payment-checking">
      <span class="outcome">
        <span class="spinner" />
      </span>
      <h2>{props.payment?.status === 'pending' ? money().waiting : money().checking}</h2>
      <p>{hint()}</p>
      <Show when={props.payment}>
        {(known) => (
          <p class="small">
            {known().plan_name} · {priceText(known().amount_rub)}
          </p>
        )}
      </Show>
      <Show when={props.error}>
        {(failure) => (
          <p class="small" data-testid="payment-trouble">
            {errorText(failure())} {money().checkingFailed}
          </p>
        )}
      </Show>
    </div>
  );
}

function Outcome(props: { testId: string; title: string; good?: boolean; children: JSX.Element }) {
  return (
    <div class="payment-about" role="status" data-testid={props.testId}>
      <Show when={props.good !== undefined}>
        <span class={`outcome ${props.good ? 'outcome-good' : 'outcome-bad'}`}>
          <Icon name={props.good ? 'check' : 'close'} />
        </span>
      </Show>
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}
