import { For, Match, onMount, Show, Switch } from 'solid-js';
import type { DriverResponse } from '../../api/driver';
import { isLocked } from '../billing/access';
import { cargoWords } from '../cargos/messages';
import { isCargoGone, openCargo, openedCargo } from '../cargos/openedCargos';
import { online } from '../shell/app';
import { dateText, priceText } from '../shell/display';
import { t } from '../shell/messages';
import { ErrorNotice, Notice } from '../shell/Notice';
import { goToList, hrefOf } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { Skeletons } from '../shell/Skeletons';
import { known } from './known';
import { respondWords } from './messages';
import { kept, keptFor } from './outbox';
import { LeavingText, recall, TroubleText } from './RespondAction';
import { History, OfferLines } from './ResponseParts';
import { isOpen } from './responseStore';
import { responses } from './responses';
import { StateBadge } from './StateBadge';

/** How many cargos are looked after when the screen opens: whoever waits for more sees it when they open them. */
const LOOKED_AFTER = 5;

/** Looks whether cargos that the driver still waits for are there, one after another. */
async function lookForGone(): Promise<void> {
  const waitedFor = known()
    .filter(({ status }) => isOpen(status) || status === 'accepted')
    .slice(0, LOOKED_AFTER);
  for (const { cargo_id: id } of waitedFor) {
    if (!online() || isLocked('detail')) return;
    if (!openedCargo(id) && !isCargoGone(id)) await openCargo(id).catch(() => undefined);
  }
}

/** All responses of the driver, newest first, with what became of them. */
export function ResponsesScreen() {
  onMount(() => void responses.refresh().then(lookForGone));
  /** Says that what is shown is not what the server would say now. */
  const doubt = () => {
    if (!online() || responses.error()?.code === 'offline') return respondWords().offline;
    return responses.error() && respondWords().notRefreshed;
  };
  return (
    <main class="screen tab-screen responses-screen" data-testid="responses-screen">
      <ScreenHeader title={t().responses.title} />
      <Switch fallback={<Skeletons />}>
        <Match when={known().length + kept().length > 0}>
          <div role="status">
            <Show when={doubt()}>
              <p class="banner" data-testid="banner">
                {doubt()}
              </p>
            </Show>
          </div>
          <ul data-testid="responses">
            <For each={kept().map(({ cargoId }) => cargoId)}>{(id) => <KeptItem cargoId={id} />}</For>
            {/* By id: a response that changes is another object, and must not close what the driver opened. */}
            <For each={known().map(({ id }) => id)}>{(id) => <Item id={id} />}</For>
          </ul>
          <End />
        </Match>
        <Match when={responses.error()}>
          {(error) => <ErrorNotice error={error()} onRetry={() => void responses.refresh()} />}
        </Match>
        <Match when={responses.loaded()}>
          <Notice testId="responses-empty" title={respondWords().emptyTitle} text={respondWords().emptyText}>
            <button class="button button-main" type="button" data-testid="to-list" onClick={goToList}>
              {cargoWords().toList}
            </button>
          </Notice>
        </Match>
      </Switch>
    </main>
  );
}

/** A response that has not left the phone. */
function KeptItem(props: { cargoId: string }) {
  return (
    <Show when={keptFor(props.cargoId)}>
      {(entry) => (
        <li class="panel response-item" data-testid="kept-item" data-cargo-id={props.cargoId}>
          <a class="response-link" href={hrefOf({ name: 'cargo', id: props.cargoId })}>
            <span class="response-title">
              <b>{entry().cargo.route}</b>
              <StateBadge status={entry().stopped ? 'stopped' : 'kept'} />
            </span>
            <span>{priceText(entry().cargo.price_rub)}</span>
          </a>
          <Show when={entry().stopped} fallback={<LeavingText entry={entry()} />}>
            {(stopped) => <TroubleText trouble={stopped()} />}
          </Show>
          <Show when={entry().state !== 'sending'}>
            <button class="button" type="button" data-testid="kept-cancel" onClick={() => recall(entry())}>
              {entry().stopped ? respondWords().dismiss : respondWords().recall}
            </button>
          </Show>
        </li>
      )}
    </Show>
  );
}

function Item(props: { id: string }) {
  return (
    <Show when={known().find(({ id }) => id === props.id)}>
      {(response) => (
        <li class="panel response-item" data-testid="response-item" data-cargo-id={response().cargo_id}>
          <a
            class="response-link"
            href={hrefOf({ name: 'cargo', id: response().cargo_id })}
            data-testid="response-cargo"
          >
            <span class="response-title">
              <b>{t().format.place(response().cargo.route, null)}</b>
              <StateBadge status={response().status} />
            </span>
            <span>{aboutText(response())}</span>
          </a>
          <Show when={isCargoGone(response().cargo_id)}>
            <p class="small" data-testid="response-gone">
              {cargoWords().goneTitle}
            </p>
          </Show>
          <Show when={response().reason}>{(reason) => <p>{respondWords().reason(reason())}</p>}</Show>
          <OfferLines response={response()} />
          <details class="disclosure">
            <summary data-testid="response-more">{respondWords().history}</summary>
            <History response={response()} />
          </details>
        </li>
      )}
    </Show>
  );
}

/** `50 000 ₽ · 20 т / 82 м³ · ср, 25 ноя`, of what is known; where there are two prices, they are named below. */
function aboutText({ cargo, offer }: DriverResponse): string {
  const hasOwn = offer.price_rub !== null && offer.price_rub !== cargo.price_rub;
  return [!hasOwn && priceText(cargo.price_rub), t().format.measures(cargo.weight_volume), dateText(cargo.from_date)]
    .filter(Boolean)
    .join(' · ');
}

function End() {
  return (
    <div class="list-end">
      <Switch>
        <Match when={responses.more() === 'loading'}>
          <span class="spinner" role="status" aria-label={t().loading} />
        </Match>
        <Match when={responses.more() !== 'end'}>
          <Show when={responses.more() === 'failed'}>
            <p>{respondWords().moreFailed}</p>
          </Show>
          <button class="button" type="button" data-testid="responses-next" onClick={() => void responses.loadMore()}>
            {responses.more() === 'failed' ? t().retry : respondWords().more}
          </button>
        </Match>
      </Switch>
    </div>
  );
}
