import { createSignal, For, Show } from 'solid-js';
import type { DriverResponse } from '../../api/driver';
import { asApiError } from '../../api/error';
import { type CallNumber, dialled } from '../../platform/phone';
import { haptic } from '../../platform/telegram';
import { Answers } from '../../ui/Answers';
import { Icon } from '../../ui/Icon';
import { createQuestion } from '../../ui/question';
import { showToast } from '../../ui/toast';
import { cargoWords } from '../cargos/messages';
import { api } from '../shell/app';
import { errorText, momentText, phoneText, priceText } from '../shell/display';
import { t } from '../shell/messages';
import { respondWords } from './messages';
import { isFreed, isOpen, isUndone } from './responseStore';
import { responses } from './responses';
import { StateBadge } from './StateBadge';
import './responses.css';

/** The driver's response to a cargo: its state, what happens next, what was offered, and the way back. */
export function ResponsePanel(props: { response: DriverResponse; freed: boolean; call: CallNumber | undefined }) {
  return (
    <section
      class="panel response-panel"
      classList={{ 'response-accepted': props.response.status === 'accepted' }}
      data-testid="response-panel"
    >
      <div class="response-title">
        <h2>{t().responses.yours}</h2>
        <StateBadge status={props.response.status} />
      </div>
      <Show when={props.response.status === 'accepted' && props.call}>
        {(number) => (
          <a class="button button-main" href={`tel:${dialled(number())}`} data-testid="call-accepted">
            <Icon name="phone" />
            {cargoWords().call}
          </a>
        )}
      </Show>
      <p data-testid="response-next">{nextText(props.response, props.freed)}</p>
      <Show when={props.response.reason}>
        {(reason) => <p data-testid="response-reason">{respondWords().reason(reason())}</p>}
      </Show>
      {/* Once accepted, the line above names the number. */}
      <OfferLines response={props.response} withPhone={props.response.status !== 'accepted'} />
      <History response={props.response} />
      <Show when={isOpen(props.response.status)}>
        <Withdraw cargoId={props.response.cargo_id} />
      </Show>
    </section>
  );
}

function nextText(response: DriverResponse, freed: boolean): string {
  const { status, expires_at, offer } = response;
  if (isUndone(response)) return respondWords().nextUndone;
  if (isFreed(response, freed)) return respondWords().nextFreed;
  return respondWords().next[status](momentText(Date.parse(expires_at)), phoneText(offer.phone));
}

/** What the driver offered beyond a plain yes, and the price that was agreed. */
export function OfferLines(props: { response: DriverResponse; withPhone?: boolean }) {
  const offer = () => props.response.offer;
  const agreed = () => props.response.status === 'accepted' || props.response.status === 'completed';
  const repriced = () => offer().price_rub !== null && offer().price_rub !== props.response.cargo.price_rub;
  return (
    <ul class="response-offer">
      <Show when={repriced()}>
        <li>{respondWords().cargoPrice(priceText(props.response.cargo.price_rub))}</li>
      </Show>
      <Show when={offer().price_rub !== null && !(agreed() && repriced())}>
        <li>{respondWords().priceSaid(priceText(offer().price_rub))}</li>
      </Show>
      <Show when={agreed()}>
        <li data-testid="agreed-price">
          <b>{respondWords().agreed(priceText(props.response.agreed_price_rub))}</b>
        </li>
      </Show>
      <Show when={offer().comment}>{(comment) => <li>{respondWords().commentSaid(comment())}</li>}</Show>
      <Show when={props.withPhone}>
        <li>{respondWords().phoneSaid(phoneText(offer().phone), offer().phone_confirmed)}</li>
      </Show>
    </ul>
  );
}

/** What happened to a response, when, and by whom. */
export function History(props: { response: DriverResponse }) {
  return (
    <ol class="history" data-testid="response-history" aria-label={respondWords().history}>
      <For each={props.response.history}>
        {(step, nth) => (
          <li>
            <span>
              {nth() > 0 && isUndone(props.response) && step.status === 'rejected'
                ? respondWords().stepUndone
                : respondWords().step[step.status]}
            </span>
            <span class="small">
              {[respondWords().by[step.by], momentText(Date.parse(step.at))].filter(Boolean).join(', ')}
            </span>
          </li>
        )}
      </For>
    </ol>
  );
}

function Withdraw(props: { cargoId: string }) {
  const [asking, ask] = createQuestion();
  const [busy, setBusy] = createSignal(false);

  async function withdraw(): Promise<void> {
    setBusy(true);
    try {
      responses.take([await api.withdraw(props.cargoId)], true);
      haptic('success');
      showToast(respondWords().withdrawn);
    } catch (reason) {
      const error = asApiError(reason);
      haptic('error');
      showToast(error.code === 'response_closed' ? respondWords().alreadyDecided : errorText(error));
      if (error.response) responses.take([error.response], true);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Show
      when={asking()}
      fallback={
        <button class="button button-danger" type="button" data-testid="withdraw" onClick={() => ask(true)}>
          {respondWords().withdraw}
        </button>
      }
    >
      <div role="group" aria-label={respondWords().withdrawQuestion}>
        <h2>{respondWords().withdrawQuestion}</h2>
        <p class="small">{respondWords().withdrawHint}</p>
        <Answers
          cancel={t().cancel}
          yes={respondWords().withdrawYes}
          yesTestId="withdraw-yes"
          busy={busy()}
          onCancel={() => ask(false)}
          onYes={() => void withdraw()}
        />
      </div>
    </Show>
  );
}
