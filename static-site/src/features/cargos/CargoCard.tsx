import { Show } from 'solid-js';
import type { Card } from '../../api/driver';
import type { ResponseStatus } from '../../api/types';
import { responseTo } from '../responses/known';
import { isLeaving, keptFor } from '../responses/outbox';
import { StateBadge } from '../responses/StateBadge';
import { cityText, dateText, priceText, sizeText, titleText } from '../shell/display';
import { t } from '../shell/messages';
import { hrefOf } from '../shell/route';

/** A cargo in the list: the whole card is one link. */
export function CargoCard(props: { card: Card }) {
  const about = () => [titleText(props.card), props.card.truck_types.join(', ')].filter(Boolean).join(' · ');
  const state = (): ResponseStatus | 'kept' | 'stopped' | undefined => {
    const entry = keptFor(props.card.id);
    return entry ? (isLeaving(entry) ? 'kept' : 'stopped') : responseTo(props.card.id)?.status;
  };
  return (
    <a
      class="card"
      data-testid="cargo-card"
      data-cargo-id={props.card.id}
      href={hrefOf({ name: 'cargo', id: props.card.id })}
    >
      <span class="card-route">
        <span class="card-stop">
          <span class="visually-hidden">{t().list.from}: </span>
          <b>{cityText(props.card.from)}</b>
          <span class="card-date">{dateText(props.card.from.date)}</span>
        </span>
        <span class="card-stop">
          <span class="visually-hidden">{t().list.to}: </span>
          <b>{cityText(props.card.to)}</b>
          <span class="card-date">{dateText(props.card.to.date)}</span>
        </span>
      </span>
      <span class="card-price" classList={{ 'card-price-open': props.card.price_rub === null }}>
        <span class="visually-hidden">{t().list.price}: </span>
        <b>{priceText(props.card.price_rub)}</b>
        <Show when={props.card.price_per_km_rub} keyed>
          {(price) => <span>{t().format.rublesPerKilometre(price)}</span>}
        </Show>
      </span>
      <span class="card-size">{sizeText(props.card)}</span>
      <span class="card-title">{about()}</span>
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
