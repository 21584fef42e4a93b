import { createSignal, createUniqueId, type JSX, Match, onCleanup, onMount, Show, Switch } from 'solid-js';
import { ApiError, asApiError } from '../../api/error';
import { copyText } from '../../platform/clipboard';
import { screenEntered } from '../../platform/pressGuard';
import { FactRow } from '../../ui/FactRow';
import { formatClock, formatPhone, isoDay, parseLocalDate } from '../../ui/format';
import type { Decision, ShipperView, Taken } from './decision';
import { isRepriced, linkTrouble, shipperRequest, takenBy } from './decision';
import { words } from './words';

/** A driver's response, shown to whoever owns the cargo, and their decision about it. */
export function ShipperPage(props: { token: string | null }) {
  const [view, setView] = createSignal<ShipperView | null>(null);
  const [error, setError] = createSignal<ApiError | null>(props.token ? null : new ApiError('link_invalid', 404));
  const [notice, setNotice] = createSignal('');
  const [busy, setBusy] = createSignal(false);
  /** Others who were accepted, when that stands in the way. */
  const [taken, setTaken] = createSignal<Taken | null>(null);

  async function load(): Promise<void> {
    if (!props.token || busy()) return;
    setBusy(true);
    try {
      setView(await shipperRequest(props.token));
      setError(null);
    } catch (reason) {
      setError(asApiError(reason));
    } finally {
      setBusy(false);
    }
  }

  async function decide(decision: Decision): Promise<void> {
    if (!props.token || busy()) return;
    setBusy(true);
    setNotice('');
    let decided = false;
    try {
      setView(await shipperRequest(props.token, decision));
      setTaken(null);
    } catch (reason) {
      const failure = asApiError(reason);
      const others = takenBy(failure);
      setTaken(others);
      // Where the question stands the answer stood a moment ago.
      screenEntered();
      if (others) return;
      decided = failure.code === 'response_closed';
      if (linkTrouble(failure)) setError(failure);
      else setNotice(decided ? words.decidedMeanwhile : `${words.decisionFailed} ${errorText(failure)}`);
    } finally {
      setBusy(false);
    }
    if (decided) await load();
  }

  onMount(() => {
    void load();
    // Whoever comes back to the page sees what has become of it.
    const look = () => void (!document.hidden && load());
    document.addEventListener('visibilitychange', look);
    onCleanup(() => document.removeEventListener('visibilitychange', look));
  });

  const trouble = () => {
    const failure = error();
    return failure && linkTrouble(failure);
  };
  return (
    <main class="screen" aria-busy={busy()}>
      <Switch
        fallback={
          <p class="shipper-wait" role="status" data-testid="shipper-loading">
            <span class="spinner" /> {words.loading}
          </p>
        }
      >
        <Match when={trouble() === 'expired'}>
          <Message testId="shipper-expired" title={words.expiredTitle} text={words.expiredText} />
        </Match>
        <Match when={trouble() === 'invalid'}>
          <Message testId="shipper-invalid" title={words.invalidTitle} text={words.invalidText} />
        </Match>
        <Match when={view()}>
          {(seen) => (
            <ShownResponse
              view={seen()}
              busy={busy()}
              notice={notice()}
              taken={taken()}
              onCancel={() => setTaken(null)}
              onDecide={(decision) => void decide(decision)}
            />
          )}
        </Match>
        <Match when={!busy() && error()}>
          {(failure) => (
            <Message testId="shipper-error" title={words.failedTitle} text={errorText(failure())}>
              <button class="button" type="button" onClick={() => void load()}>
                {words.retry}
              </button>
            </Message>
          )}
        </Match>
      </Switch>
    </main>
  );
}

function Message(props: { testId: string; title: string; text: string; children?: JSX.Element }) {
  return (
    <div class="notice" role="status" data-testid={props.testId}>
      <h2>{props.title}</h2>
      <p>{props.text}</p>
      <div class="notice-actions">{props.children}</div>
    </div>
  );
}

interface ShownProps {
  view: ShipperView;
  busy: boolean;
  notice: string;
  taken: Taken | null;
  onCancel: () => void;
  onDecide: (decision: Decision) => void;
}

function ShownResponse(props: ShownProps) {
  const open = () => props.view.status === 'queued' || props.view.status === 'sent';
  const accepted = () => props.view.status === 'accepted' || props.view.status === 'completed';
  const agreed = () => priceText(props.view.agreed_price_rub);
  return (
    <>
      <header class="shipper-header">
        <p class="small">{words.from}</p>
        <h1>{words.title}</h1>
        <span class="state" data-state={props.view.status} data-testid="shipper-state" role="status">
          {props.view.undone ? words.undone : words.state[props.view.status]}
        </span>
      </header>
      <section class="panel" data-testid="shipper-cargo">
        <b class="shipper-route">{words.place(props.view.cargo.route)}</b>
        <p>{words.measures(props.view.cargo.title)}</p>
        <dl class="facts">
          <FactRow name={words.loadingDate}>{dateText(props.view.cargo.from_date)}</FactRow>
          <FactRow name={words.unloadingDate}>{dateText(props.view.cargo.to_date)}</FactRow>
          <FactRow name={words.size}>{words.measures(props.view.cargo.weight_volume)}</FactRow>
          <FactRow name={words.price}>{words.measures(props.view.cargo.price)}</FactRow>
        </dl>
      </section>
      <section class="panel" data-testid="shipper-driver">
        <span class="small">{words.driver}</span>
        <b class="shipper-route">{props.view.driver.name}</b>
        <dl class="facts">
          <FactRow name={words.ownPrice}>{isRepriced(props.view) ? priceText(props.view.price_rub) : ''}</FactRow>
          <FactRow name={words.agreedPrice}>
            {accepted() ? agreed() && <b data-testid="shipper-agreed">{agreed()}</b> : ''}
          </FactRow>
        </dl>
        <Show when={props.view.comment}>
          <p class="small">{words.comment}</p>
          <p class="shipper-comment">{props.view.comment}</p>
        </Show>
        <Show when={props.view.driver.phone}>{(phone) => <Phone phone={phone()} />}</Show>
        <Show when={accepted() && !props.view.driver.phone}>
          <p data-testid="shipper-not-mine">{words.acceptedByDispatcher}</p>
        </Show>
        <Show when={props.view.reason}>{(reason) => <p>{words.reasonGiven(reason())}</p>}</Show>
        <Show when={props.view.undone}>
          <p data-testid="shipper-undone">{words.undoneHint}</p>
        </Show>
      </section>
      <p role="alert" class="shipper-alert" data-testid="shipper-notice">
        {props.notice}
      </p>
      <Show when={open()}>
        <Show when={props.taken} fallback={<Question busy={props.busy} price={agreed()} onDecide={props.onDecide} />}>
          {(taken) => (
            <TakenQuestion taken={taken()} busy={props.busy} onCancel={props.onCancel} onDecide={props.onDecide} />
          )}
        </Show>
        <p class="small shipper-about">
          {words.phoneLater} {words.until(momentText(Date.parse(props.view.expires_at)))}
        </p>
      </Show>
    </>
  );
}

function Phone(props: { phone: string }) {
  const [copied, setCopied] = createSignal('');
  return (
    <>
      <p class="small">{words.phone}</p>
      <p class="shipper-route" data-testid="shipper-phone">
        {formatPhone(props.phone)}
      </p>
      <div class="shipper-actions">
        <a class="button button-main" href={`tel:${props.phone}`} data-testid="shipper-call">
          {words.call}
        </a>
        <button
          class="button"
          type="button"
          data-testid="shipper-copy"
          onClick={() => void copyText(props.phone).then((done) => setCopied(done ? words.copied : words.copyFailed))}
        >
          {words.copy}
        </button>
      </div>
      <p class="small" role="status">
        {copied()}
      </p>
    </>
  );
}

/** Asks whether one more driver shall have the cargo; the answer counts for those who are named. */
function TakenQuestion(props: {
  taken: Taken;
  busy: boolean;
  onCancel: () => void;
  onDecide: (decision: Decision) => void;
}) {
  const question = () => words.acceptTooQuestion(props.taken.names.map((name) => name || words.someDriver));
  const decide = () => props.onDecide({ decision: 'accept', reason: null, choices: props.taken.choices });
  return (
    <section class="panel" role="group" aria-label={question()} data-testid="shipper-taken">
      <h2 tabindex="-1" ref={(heading) => queueMicrotask(() => heading.focus())}>
        {question()}
      </h2>
      <p>{words.acceptTooHint}</p>
      <div class="shipper-actions">
        <button class="button" type="button" data-testid="shipper-not-too" onClick={() => props.onCancel()}>
          {words.cancel}
        </button>
        <button
          class="button button-main"
          type="button"
          data-testid="shipper-too"
          aria-busy={props.busy}
          onClick={() => !props.busy && decide()}
        >
          {words.acceptToo}
        </button>
      </div>
    </section>
  );
}

/** The decision, which is asked for twice because it cannot be taken back. */
function Question(props: { busy: boolean; price: string; onDecide: (decision: Decision) => void }) {
  const [asked, setAsked] = createSignal<Decision['decision'] | null>(null);
  const [reason, setReason] = createSignal('');
  const id = createUniqueId();
  const accepting = () => asked() === 'accept';
  const acceptText = () => (props.price ? words.acceptFor(props.price) : words.accept);
  // Where the question stands the answer stood a moment ago.
  const ask = (next: Decision['decision'] | null) => {
    setAsked(next);
    screenEntered();
  };
  const decide = () => {
    const decision = asked();
    if (decision) props.onDecide({ decision, reason: decision === 'reject' ? reason().trim() || null : null });
  };
  return (
    <Show
      when={asked()}
      fallback={
        <div class="shipper-actions">
          <button class="button button-danger" type="button" data-testid="shipper-reject" onClick={() => ask('reject')}>
            {words.reject}
          </button>
          <button class="button button-main" type="button" data-testid="shipper-accept" onClick={() => ask('accept')}>
            {acceptText()}
          </button>
        </div>
      }
    >
      <section class="panel" role="group" aria-label={accepting() ? words.acceptQuestion : words.rejectQuestion}>
        <h2 tabindex="-1" ref={(heading) => queueMicrotask(() => heading.focus())}>
          {accepting() ? words.acceptQuestion : words.rejectQuestion}
        </h2>
        <p>{accepting() ? words.acceptHint : words.rejectHint}</p>
        <Show when={!accepting()}>
          <div class="field">
            <label for={id}>{words.reason}</label>
            <textarea
              id={id}
              rows="2"
              data-testid="shipper-reason"
              value={reason()}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </div>
        </Show>
        <div class="shipper-actions">
          <button class="button" type="button" onClick={() => ask(null)}>
            {words.cancel}
          </button>
          <button
            class="button button-main"
            type="button"
            data-testid="shipper-yes"
            aria-busy={props.busy}
            onClick={decide}
          >
            <Show
              when={props.busy}
              fallback={accepting() ? (props.price ? acceptText() : words.acceptYes) : words.rejectYes}
            >
              <span class="spinner" role="status" aria-label={words.loading} />
            </Show>
          </button>
        </div>
      </section>
    </Show>
  );
}

function priceText(rubles: number | null): string {
  return rubles === null ? '' : words.rubles(rubles);
}

function errorText(error: ApiError): string {
  if (error.code === 'offline') return words.offline;
  if (error.code === 'network') return words.network;
  if (error.code === 'feature_off') return words.featureOff;
  return error.code === 'rate_limited' ? words.rateLimited : words.unknown;
}

/** `ср, 25 ноя, 08:00` as written; empty when there is no date. */
function dateText(date: string | null): string {
  const parsed = parseLocalDate(date);
  return parsed ? words.date(parsed) + (parsed.time ? `, ${parsed.time}` : '') : (date ?? '');
}

function momentText(milliseconds: number): string {
  const day = parseLocalDate(isoDay(new Date(milliseconds)));
  return `${day ? `${words.date(day)}, ` : ''}${formatClock(milliseconds)}`;
}
