import { createEffect, createMemo, createSignal, Match, onCleanup, Show, Switch } from 'solid-js';
import type { Card } from '../../api/driver';
import { ApiError } from '../../api/error';
import { call } from '../../platform/calls';
import { type CallNumber, dialled } from '../../platform/phone';
import { screenEntered } from '../../platform/pressGuard';
import { canRequestPhone, hasBottomButton, setBottomButton } from '../../platform/telegram';
import { formatPhone } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { showToast } from '../../ui/toast';
import { cargoWords } from '../cargos/messages';
import { driver, online, rememberCargo } from '../shell/app';
import { errorText, phoneText, priceText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { t } from '../shell/messages';
import { hrefOf, navigate } from '../shell/route';
import { respondWords } from './messages';
import type { Kept } from './outbox';
import { COUNTDOWN_MS } from './outboxStore';
import { createResponding, type Trouble } from './responding';
import { draftFor } from './responseDrafts';
import { outbox } from './sending';
import './responses.css';

/** Responds to a cargo with one tap; a comment and a price of one's own are a tap away. */
export function RespondAction(props: { cargo: Card; again: boolean; call: CallNumber | undefined }) {
  const { id } = props.cargo;
  const { asking, trouble, send, share } = createResponding(() => props.cargo);
  const phone = () => draftFor(id).phone ?? driver()?.phone ?? null;

  async function press(): Promise<void> {
    if (asking()) return;
    // Without a number to ask Telegram for, it is typed with the rest.
    if (!phone() && canRequestPhone() && !(await share())) return;
    if (!phone() || !send()) navigate({ name: 'respond', id });
  }

  const text = () => {
    const blocked = trouble();
    if (blocked?.name === 'changed') return respondWords().sendFor(priceText(blocked.now));
    return props.again ? respondWords().sendAgain : respondWords().send;
  };
  const side = () => (
    <>
      <Show when={props.call}>{(number) => <CallButton number={number()} />}</Show>
      <a class="button" href={hrefOf({ name: 'respond', id })} data-testid="respond-more">
        {moreText(id, trouble())}
      </a>
    </>
  );

  return (
    <MainAction text={text()} busy={asking()} onPress={() => void press()} side={side()}>
      <div class="respond">
        <Switch
          fallback={
            <Show when={phone() || canRequestPhone()}>
              <p class="small" data-testid="respond-phone">
                {phone() ? respondWords().withPhone(phoneText(phone() ?? '')) : respondWords().willAskPhone}
              </p>
            </Show>
          }
        >
          <Match when={asking()}>
            <p class="small" role="status">
              {respondWords().waitingForPhone}
            </p>
          </Match>
          <Match when={trouble()}>{(blocked) => <TroubleText trouble={blocked()} />}</Match>
        </Switch>
      </div>
    </MainAction>
  );
}

/** The whole of what is locked behind one button, which says what it opens. */
export function LockedAction(props: { contacts: boolean }) {
  const open = () => {
    rememberCargo();
    navigate({ name: 'subscription' });
  };
  return (
    <MainAction text={props.contacts ? respondWords().openContacts : respondWords().openRespond} onPress={open}>
      <div class="respond">
        <p class="small" data-testid="respond-locked">
          {t().locked.respond}
        </p>
      </div>
    </MainAction>
  );
}

/** Calls the number: Telegram's second button, or a button beside the main action. */
function CallButton(props: { number: CallNumber }) {
  const telegrams = createMemo(() => hasBottomButton('secondary'));
  createEffect(() => {
    const { number } = props;
    if (telegrams()) {
      setBottomButton('secondary', { text: cargoWords().call, busy: false, press: () => call(number) });
    }
  });
  onCleanup(() => setBottomButton('secondary', null));
  return (
    <Show when={!telegrams()}>
      <a
        class="button"
        href={`tel:${dialled(props.number)}`}
        aria-label={cargoWords().callPhone(formatPhone(props.number.number ?? ''))}
        data-testid="call-first"
      >
        <Icon name="phone" />
      </a>
    </Show>
  );
}

function moreText(id: string, trouble: Trouble | null): string {
  if (trouble?.name === 'phone') return respondWords().typePhone;
  const { comment, price } = draftFor(id);
  return comment.trim() || price.trim() ? respondWords().change : respondWords().add;
}

/** Presses that follow each other within so long are of one who is impatient. */
const IMPATIENT_MS = 1500;

/** A response that leaves by itself, and the way to call it back. */
export function LeavingAction(props: { entry: Kept }) {
  // Who presses on and on wants the response to go, not to come back; "Cancel" stands where "Respond" was.
  let pressedAt = props.entry.madeAt;
  const press = () => {
    const calm = props.entry.state !== 'counting' || Date.now() - pressedAt > IMPATIENT_MS;
    pressedAt = Date.now();
    if (calm) recall(props.entry);
  };
  return (
    <MainAction text={respondWords().recall} busy={props.entry.state === 'sending'} onPress={press}>
      <div class="respond">
        <LeavingText entry={props.entry} />
      </div>
    </MainAction>
  );
}

/** Calls a response back, or puts away one that was not sent. */
export function recall({ cargoId, stopped }: Kept): void {
  outbox.cancel(cargoId);
  screenEntered();
  if (!stopped) showToast(respondWords().recalled);
}

/** What a response that leaves by itself waits for. */
export function LeavingText(props: { entry: Kept }) {
  const [now, setNow] = createSignal(Date.now());
  const timer = setInterval(() => setNow(Date.now()), 250);
  onCleanup(() => clearInterval(timer));
  const seconds = () => Math.max(1, Math.ceil((props.entry.leavesAt - now()) / 1000));
  return (
    <Switch>
      <Match when={props.entry.state === 'counting' && online()}>
        {/* Heard once, and not every second. */}
        <span class="visually-hidden" role="status">
          {respondWords().leaving(COUNTDOWN_MS / 1000)}
        </span>
        <p class="small" aria-hidden="true" data-testid="respond-leaving">
          {respondWords().leaving(seconds())}
        </p>
      </Match>
      <Match when={props.entry.state === 'waiting' || props.entry.state === 'counting'}>
        <p class="small" role="status" data-testid="respond-waiting">
          {respondWords().waiting}
        </p>
      </Match>
      <Match when={props.entry.state === 'sending'}>
        <p class="small" role="status" data-testid="respond-sending">
          {t().responses.state.queued}…
        </p>
      </Match>
    </Switch>
  );
}

/** Why a response is not sent yet, and what can be done. It stays until that is done. */
export function TroubleText(props: { trouble: Trouble }) {
  const text = () => {
    const { trouble } = props;
    const words = respondWords();
    switch (trouble.name) {
      case 'changed':
        return words.priceChanged(priceText(trouble.was), priceText(trouble.now));
      case 'phone':
        return trouble.shared === 'late' ? words.phoneLate : words.phoneRefused;
      case 'failed':
        return words.failed(errorText(new ApiError(trouble.code)));
      case 'gone':
      case 'wrong':
      case 'old':
        return words[trouble.name];
    }
  };
  return (
    <p class="trouble" role="alert" data-testid={`respond-${props.trouble.name}`}>
      {text()}
    </p>
  );
}
