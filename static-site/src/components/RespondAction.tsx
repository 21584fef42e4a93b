import { Match, Show, Switch } from 'solid-js';
import { isLocked } from '../access';
import type { ApiError, Card } from '../api';
import { driver, rememberCargo } from '../app';
import { errorText, phoneText, priceText } from '../display';
import { t } from '../messages';
import { createResponding, draftFor, type Trouble } from '../responding';
import { hrefOf, navigate } from '../route';
import { canRequestPhone } from '../telegram';
import { MainAction } from './MainAction';
import './responses.css';

/** Responds to a cargo with one tap; a comment and a price of one's own are a tap away. */
export function RespondAction(props: { cargo: Card; again: boolean; onGone: (error: ApiError) => void }) {
  const { id } = props.cargo;
  const responding = createResponding(id, () => props.cargo.price_rub, (error) => props.onGone(error));
  const { busy, trouble } = responding;
  const phone = () => draftFor(id).phone ?? driver()?.phone ?? null;

  async function press(): Promise<void> {
    if (busy()) return;
    if (isLocked('respond')) {
      rememberCargo();
      return navigate({ name: 'subscription' });
    }
    // Without a number to ask Telegram for, it is typed with the rest.
    if (!phone() && canRequestPhone() && !(await responding.share())) return;
    if (!(await responding.send())) navigate({ name: 'respond', id });
    // Its state stands at the top.
    else if (!trouble()) window.scrollTo(0, 0);
  }

  const text = () => {
    const blocked = trouble();
    if (blocked?.name === 'changed') return t().respond.sendFor(priceText(blocked.now));
    return props.again ? t().respond.sendAgain : t().respond.send;
  };

  return (
    <MainAction text={text()} busy={busy() !== null} onPress={() => void press()}>
      <div class="respond">
        <Switch
          fallback={
            <Show when={phone() || canRequestPhone()}>
              <p class="small" data-testid="respond-phone">
                {phone() ? t().respond.withPhone(phoneText(phone() ?? '')) : t().respond.willAskPhone}
              </p>
            </Show>
          }
        >
          <Match when={isLocked('respond')}>
            <p class="small" data-testid="respond-locked">
              {t().locked.respond}
            </p>
          </Match>
          <Match when={busy() === 'phone'}>
            <p class="small" role="status">
              {t().respond.waitingForPhone}
            </p>
          </Match>
          <Match when={trouble()}>{(blocked) => <TroubleText trouble={blocked()} />}</Match>
        </Switch>
        <Show when={!isLocked('respond')}>
          <a class="button button-plain" href={hrefOf({ name: 'respond', id })} data-testid="respond-more">
            {moreText(id, trouble())}
          </a>
        </Show>
      </div>
    </MainAction>
  );
}

function moreText(id: string, trouble: Trouble | null): string {
  if (trouble?.name === 'phone') return t().respond.typePhone;
  const { comment, price } = draftFor(id);
  return comment.trim() || price.trim() ? t().respond.change : t().respond.add;
}

/** Why a response is not sent yet, and what can be done. It stays until that is done. */
export function TroubleText(props: { trouble: Trouble }) {
  const text = () => {
    const { trouble } = props;
    const words = t().respond;
    switch (trouble.name) {
      case 'changed':
        return words.priceChanged(priceText(trouble.was), priceText(trouble.now));
      case 'phone':
        return trouble.shared === 'late' ? words.phoneLate : words.phoneRefused;
      case 'failed':
        return words.failed(errorText(trouble.error));
    }
  };
  return (
    <p class="trouble" role="alert" data-testid={`respond-${props.trouble.name}`}>
      {text()}
    </p>
  );
}
