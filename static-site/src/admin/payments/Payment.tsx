import { createEffect, createSignal, For, onCleanup, Show } from 'solid-js';
import type { AskedRefund, PaymentDetail } from '../../api/admin';
import { ApiError, asApiError } from '../../api/error';
import { randomUuid } from '../../platform/session';
import { showToast } from '../../ui/toast';
import { api, may } from '../app';
import { amountOf, rubles, word } from '../display';
import { fullName } from '../drivers/Drivers';
import { w } from '../messages';
import { hrefOf } from '../route';
import { Badge, DriverLink, Facts, Id, Json, Moment, Opens, Panel, type Tone } from '../ui/bits';
import { CommandDialog } from '../ui/Dialog';
import { Input, Reason, Segments } from '../ui/fields';
import { createLoad } from '../ui/load';
import { ErrorPanel, errorText, Skeleton } from '../ui/States';
import { PaymentBadge } from './Payments';

const REFUND_POLL_MS = 4000;

function refundTone(status: AskedRefund['status']): Tone {
  if (status === 'succeeded') return 'good';
  return status === 'created' || status === 'pending' ? 'warn' : 'bad';
}

/** What became of a refund that was asked for here; others were made in YooKassa's cabinet. */
function doneOf(payment: PaymentDetail, asked: AskedRefund): PaymentDetail['refunds'][number] | undefined {
  return payment.refunds.find(({ id }) => id === asked.yookassa_id);
}

/** A payment with all that is known of it, and what can be done about it. */
export function PaymentScreen(props: { id: string }) {
  const load = createLoad(() => props.id, api.payment);
  const [checking, setChecking] = createSignal(false);
  // What becomes of a refund is found out behind the scenes.
  const isOpen = () =>
    load.data()?.asked_refunds.some(({ status }) => status === 'created' || status === 'pending') ?? false;
  createEffect(() => {
    if (!isOpen() || load.error()) return;
    const timer = setInterval(() => !document.hidden && !load.loading() && void load.reload(), REFUND_POLL_MS);
    onCleanup(() => clearInterval(timer));
  });
  const words = () => w().payments;

  async function recheck(): Promise<void> {
    if (checking()) return;
    setChecking(true);
    try {
      load.set(await api.recheck(props.id));
      showToast(words().rechecked);
    } catch (error) {
      showToast(errorText(asApiError(error)));
    } finally {
      setChecking(false);
    }
  }
  return (
    <>
      <Show when={load.error()}>{(error) => <ErrorPanel error={error()} onRetry={() => void load.reload()} />}</Show>
      <Show when={load.loading() && !load.data()}>
        <Skeleton />
      </Show>
      <Show when={load.data()}>
        {(payment) => (
          <>
            <Panel
              testId="payment"
              title={rubles(payment().amount_rub)}
              actions={<PaymentBadge status={payment().status} />}
            >
              <Facts
                facts={[
                  [words().driver, <DriverLink id={payment().driver_id} name={payment().driver_name} />],
                  [words().plan, payment().plan_name],
                  !!payment().refunded_rub && [words().refunded, rubles(payment().refunded_rub), 'refunded'],
                  payment().refundable_rub !== null && [
                    words().refundable,
                    rubles(payment().refundable_rub),
                    'refundable',
                  ],
                  !!payment().reason && [words().reason, word(words().reasons, payment().reason)],
                  [words().receipt, payment().receipt ? word(words().receipts, payment().receipt) : words().noReceipt],
                  [words().created, <Moment at={payment().created_at} />],
                  [words().updated, <Moment at={payment().updated_at} />],
                  [words().id, <Id id={payment().id} />],
                  !!payment().yookassa_id && [words().yookassaId, <Id id={payment().yookassa_id ?? ''} />],
                ]}
              />
              <div class="actions">
                <Show when={may('recheck_payments')}>
                  <button
                    class="button button-small"
                    type="button"
                    data-testid="recheck"
                    aria-busy={checking()}
                    onClick={() => void recheck()}
                  >
                    {checking() ? words().rechecking : words().recheck}
                  </button>
                </Show>
                <Show when={may('refund') && (payment().refundable_rub ?? 0) > 0}>
                  <Opens
                    text={words().refund}
                    testId="refund"
                    danger
                    dialog={(close) => <RefundDialog payment={payment()} onClose={close} onDone={load.set} />}
                  />
                </Show>
                <Show when={may('see_audit')}>
                  <a
                    class="button button-small"
                    href={hrefOf('audit', null, null, { target: `payment/${payment().id}` })}
                    data-testid="payment-audit"
                  >
                    {w().sections.audit}
                  </a>
                </Show>
              </div>
            </Panel>
            <Show when={payment().asked_refunds.length > 0 || payment().refunds.length > 0}>
              <Panel title={words().refunds} testId="refunds">
                <ul class="entries">
                  <For each={payment().asked_refunds}>
                    {(asked) => (
                      <li data-testid="asked-refund">
                        <div class="entry-head">
                          <b>{rubles(asked.amount_rub)}</b>
                          <Badge tone={refundTone(asked.status)}>{word(words().refundStatus, asked.status)}</Badge>
                        </div>
                        <p>{asked.reason}</p>
                        <p class="small">
                          <Moment at={asked.asked_at} /> · {words().askedBy}{' '}
                          <DriverLink id={asked.admin_id} name={asked.admin_name} />
                          <Show when={doneOf(payment(), asked)}>
                            {(done) => <> · {words().daysTaken(done().days)}</>}
                          </Show>
                        </p>
                        <Show when={asked.cancellation}>
                          {(why) => <p class="small">{word(words().reasons, why())}</p>}
                        </Show>
                      </li>
                    )}
                  </For>
                  <For
                    each={payment().refunds.filter(
                      (done) => !payment().asked_refunds.some((asked) => doneOf(payment(), asked) === done),
                    )}
                  >
                    {(refund) => (
                      <li data-testid="done-refund">
                        <div class="entry-head">
                          <b>{rubles(refund.amount_rub)}</b>
                          <Badge tone="good">{words().returned}</Badge>
                        </div>
                        <p class="small">
                          <Moment at={refund.at} /> · {words().daysTaken(refund.days)} · <Id id={refund.id} short />
                        </p>
                      </li>
                    )}
                  </For>
                </ul>
              </Panel>
            </Show>
            <Panel title={words().history}>
              <ul class="entries" data-testid="payment-history">
                <For each={payment().history}>
                  {(step) => (
                    <li class="entry-line">
                      <PaymentBadge status={step.status} />
                      <span class="small">
                        <Moment at={step.at} />
                      </span>
                    </li>
                  )}
                </For>
              </ul>
            </Panel>
            <Panel title={words().exchange}>
              <Json title={words().request} value={payment().request} />
              <Show when={payment().answer}>
                <Json title={words().answer} value={payment().answer} />
              </Show>
            </Panel>
          </>
        )}
      </Show>
    </>
  );
}

/** Gives money back. Its key is made with the dialog: however often the button is pressed, it is one refund. */
function RefundDialog(props: {
  payment: PaymentDetail;
  onClose: () => void;
  onDone: (payment: PaymentDetail) => void;
}) {
  const words = () => w().payments;
  let key = randomUuid();
  const all = props.payment.refundable_rub ?? 0;
  const [part, setPart] = createSignal<'all' | 'part'>('all');
  const [amount, setAmount] = createSignal('');
  const [email, setEmail] = createSignal('');
  const [reason, setReason] = createSignal('');
  const sum = () => (part() === 'all' ? all : amountOf(amount()));
  /** The receipt of a part goes somewhere; the rest of a payment is a part too. */
  const isPart = () => part() === 'part' || all < (props.payment.amount_rub ?? 0);
  const needsEmail = () => 'receipt' in props.payment.request && isPart();
  const name = createLoad(
    () => String(props.payment.driver_id),
    async (id) => (may('see_drivers') ? fullName((await api.driver(id)).driver) : null),
  );
  const driver = () => (name.data() ? `${name.data()} (${props.payment.driver_id})` : String(props.payment.driver_id));

  async function run(): Promise<void> {
    const amount_rub = part() === 'all' ? null : sum();
    const order = { amount_rub, reason: reason().trim(), email: (needsEmail() && email().trim()) || null };
    const { refund, payment } = await api.refund(props.payment.id, order, key).catch((error: unknown) => {
      // What YooKassa refused is over: whoever mends it asks for another one.
      if (error instanceof ApiError && error.fields.some(({ code }) => code === 'refused')) key = randomUuid();
      throw error;
    });
    props.onDone(payment);
    showToast(word(words().refundToast, refund.status));
  }
  return (
    <CommandDialog
      title={words().refundTitle}
      submit={sum() ? words().refundSubmit(rubles(sum())) : words().refund}
      danger
      testId="refund-dialog"
      onClose={props.onClose}
      run={run}
      check={() => {
        const value = sum();
        return {
          amount_rub:
            value === null || value <= 0
              ? words().amountWrong
              : value > all
                ? words().amountTooMuch(rubles(all))
                : undefined,
          reason: reason().trim() === '' ? w().reasonMissing : undefined,
        };
      }}
    >
      {(form) => (
        <>
          <Segments
            label={words().refundHowMuch}
            value={part()}
            onChange={setPart}
            testId="refund-part"
            options={[
              ['all', words().refundAll(rubles(all))],
              ['part', words().refundPart],
            ]}
          />
          <Show when={part() === 'part'}>
            <Input
              label={words().refundAmount}
              name="amount_rub"
              inputmode="decimal"
              value={amount()}
              onInput={setAmount}
              form={form}
              hint={words().refundMost(rubles(all))}
            />
          </Show>
          <Show when={needsEmail()}>
            <Input
              label={words().refundEmail}
              name="email"
              value={email()}
              onInput={setEmail}
              form={form}
              hint={words().refundEmailHint}
            />
          </Show>
          <Reason value={reason()} onInput={setReason} form={form} focus hint={words().refundReasonHint} />
          <Show when={sum()}>
            {(rub) => (
              <p class="confirmation" data-testid="refund-confirmation">
                {words().refundConfirm(rubles(rub()), driver())}
              </p>
            )}
          </Show>
        </>
      )}
    </CommandDialog>
  );
}
