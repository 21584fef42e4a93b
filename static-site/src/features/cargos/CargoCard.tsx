import { For, type JSX, Show } from 'solid-js';
import type { Card } from '../../api/driver';
import type { ResponseStatus } from '../../api/types';
import { haptic } from '../../platform/telegram';
import { Icon } from '../../ui/Icon';
import { responseTo } from '../responses/known';
import { isLeaving, keptFor } from '../responses/outbox';
import { StateBadge } from '../responses/StateBadge';
import { driver, saveCargo } from '../shell/app';
import { goodsText, priceText, routeText, wayText } from '../shell/display';
import { t } from '../shell/messages';
import { hrefOf, route } from '../shell/route';
import { isNew, isSaved, seen } from './marks';

/** Puts a cargo aside, or back. */
export function Star(props: { card: Card }) {
  return (
    <button
      class="icon-button star"
      type="button"
      data-testid="star"
      aria-label={t().list.star(routeText(props.card))}
      aria-pressed={isSaved(props.card.id)}
      onClick={() => {
        haptic('selection');
        saveCargo(props.card, !isSaved(props.card.id));
      }}
    >
      <Icon name="star" />
    </button>
  );
}

/** Cargos below each other, each with its star or with what else can be done about it. */
export function Cards(props: { cards: readonly Card[]; testId: string; action?: (card: Card) => JSX.Element }) {
  return (
    <ul class="cards" data-testid={props.testId}>
      <For each={props.cards}>
        {(card) => (
          <li>
            <CargoCard card={card} />
            {props.action ? props.action(card) : <Star card={card} />}
          </li>
        )}
      </For>
    </ul>
  );
}

/** A cargo: the whole card is one link. */
function CargoCard(props: { card: Card }) {
  const state = (): ResponseStatus | 'kept' | 'stopped' | undefined => {
    const entry = keptFor(props.card.id);
    return entry ? (isLeaving(entry) ? 'kept' : 'stopped') : responseTo(props.card.id)?.status;
  };
  const isOpen = () => {
    const current = route();
    return current.name === 'cargo' && current.id === props.card.id;
  };
  return (
    <a
      class="card"
      classList={{ 'card-seen': seen().includes(props.card.id) }}
      data-testid="cargo-card"
      data-cargo-id={props.card.id}
      href={hrefOf({ name: 'cargo', id: props.card.id })}
      aria-current={isOpen() ? 'page' : undefined}
    >
      <span class="card-row">
        <b class="card-route">{routeText(props.card)}</b>
        <b class="card-price">{priceText(props.card.price_rub)}</b>
      </span>
      <span class="card-row">
        <span class="card-way">{wayText(props.card)}</span>
        <Show when={props.card.price_per_km_rub} keyed>
          {(price) => <b>{t().format.rublesPerKilometre(price)}</b>}
        </Show>
      </span>
      <Show when={props.card.deadhead_km}>{(km) => <span>{t().list.deadhead(km())}</span>}</Show>
      <span class="card-goods">
        <Show when={isNew(props.card)}>
          <b class="state" data-testid="card-new">
            {t().list.isNew}
          </b>{' '}
        </Show>
        {goodsText(props.card)}
      </span>
      <Show when={driver()?.truck && props.card.profit}>
        {(profit) => (
          <span class="card-was" data-testid="card-profit">
            {t().list.net(profit().net_rub)}
          </span>
        )}
      </Show>
      <Show when={props.card.price_change}>
        {(change) => <span class="card-was">{t().list.was(priceText(change().from_rub))}</span>}
      </Show>
      <Show when={state()}>
        {(status) => (
          <span class="card-response" data-testid="card-response">
            {t().responses.yours}: <StateBadge status={status()} />
          </span>
        )}
      </Show>
    </a>
  );
}
