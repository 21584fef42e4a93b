import { Show } from 'solid-js';
import type { Card } from '../../api/driver';
import type { ResponseStatus } from '../../api/types';
import { responseTo } from '../responses/known';
import { isLeaving, keptFor } from '../responses/outbox';
import { StateBadge } from '../responses/StateBadge';
import { goodsText, priceText, routeText, wayText } from '../shell/display';
import { t } from '../shell/messages';
import { hrefOf, route } from '../shell/route';
import { seen } from './seen';

/** A cargo in the list: the whole card is one link. */
export function CargoCard(props: { card: Card }) {
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
      <span class="card-goods">{goodsText(props.card)}</span>
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
