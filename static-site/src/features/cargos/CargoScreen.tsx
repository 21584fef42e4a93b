import { createEffect, createMemo, createSignal, Match, on, onCleanup, onMount, Show, Switch } from 'solid-js';
import type { Card, DriverResponse } from '../../api/driver';
import { type ApiError, asApiError } from '../../api/error';
import { call } from '../../platform/calls';
import { callNumber } from '../../platform/phone';
import { Icon } from '../../ui/Icon';
import { access, isLocked, isOn, needsSubscription } from '../billing/access';
import { ChainsPart } from '../chains/ChainsPart';
import { responseTo } from '../responses/known';
import { isLeaving, keptFor } from '../responses/outbox';
import { LeavingAction, LockedAction, RespondAction } from '../responses/RespondAction';
import { ResponsePanel } from '../responses/ResponseParts';
import { changeDraft } from '../responses/responseDrafts';
import { canRespond } from '../responses/responseStore';
import { outbox } from '../responses/sending';
import { driver, list, markSeen, online } from '../shell/app';
import { dateText, momentText, priceText, routeText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { t } from '../shell/messages';
import { ErrorNotice, Notice } from '../shell/Notice';
import { navigate, route } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { Skeletons } from '../shell/Skeletons';
import { shareLink } from '../shell/sharing';
import { WorthPart } from '../worth/WorthPart';
import { CargoGone } from './CargoGone';
import { Details, Facts, Price } from './CargoParts';
import { cargoWords } from './messages';
import { isGone, markedCard, openCargo, openedCargo } from './openedCargos';
import { Similar } from './Similar';
import './cargo.css';

/** One cargo with everything known about it. It opens with what its card knows while the rest loads. */
export function CargoScreen(props: { id: string }) {
  const card = list.find(props.id) ?? markedCard(props.id);
  const [error, setError] = createSignal<ApiError | null>(null);
  const loaded = () => openedCargo(props.id);
  const known = (): Card | null => loaded()?.cargo ?? card;
  /** Nobody could be asked. What its card knows is enough to respond to it. */
  const isUnasked = () => !loaded() && card !== null && ['offline', 'network'].includes(error()?.code ?? '');
  /** What was known of it last, when it is gone. */
  const remembered = createMemo<Card | null>((before) => known() ?? before, null);
  const response = () => responseTo(props.id);
  const freed = () => loaded()?.freed ?? false;
  const kept = () => keptFor(props.id);
  const isRefused = () => response()?.status === 'rejected' && !canRespond(response(), freed());
  const leaving = () => {
    const entry = kept();
    return isLeaving(entry) ? entry : null;
  };
  const keptFromGone = () => kept()?.stopped?.name === 'gone';
  const gone = () => isGone(error()) || keptFromGone();
  // Whoever has seen it here need not be told again.
  onCleanup(() => keptFromGone() && outbox.cancel(props.id));

  async function load(): Promise<void> {
    setError(null);
    try {
      await openCargo(props.id);
    } catch (reason) {
      setError(asApiError(reason));
      if (isUnasked()) markSeen(props.id);
    }
  }
  onMount(() => void load());
  createEffect(on(online, () => isUnasked() && void load(), { defer: true }));
  // With another access there is more or less to see.
  createEffect(
    on(
      () => JSON.stringify(access()?.features),
      () => void load(),
      { defer: true },
    ),
  );

  const header = () => {
    const cargo = known();
    return cargo ? routeText(cargo) : t().cargo.title;
  };
  const isBehind = () => route().name === 'respond' && known() !== null;
  const isLockedUp = () => isLocked('respond') && canRespond(response(), freed());
  const canOffer = () => canRespond(response(), freed()) && isOn('app.respond') && !isLockedUp() && !leaving();
  const offer = (price: number) => {
    changeDraft(props.id, { price: String(price) });
    navigate({ name: 'respond', id: props.id });
  };
  const phones = () => loaded()?.cargo.contacts?.flatMap((contact) => contact.phones) ?? [];
  const phone = () =>
    phones()
      .map(callNumber)
      .find(({ number }) => number);

  return (
    <main class="screen cargo-screen" data-testid="cargo-screen" inert={isBehind()}>
      <ScreenHeader title={header()}>
        <Show when={!gone() && known()}>
          {(cargo) => (
            <button
              class="icon-button"
              type="button"
              data-testid="share"
              aria-label={cargoWords().share}
              onClick={() => void share(cargo())}
            >
              <Icon name="share" />
            </button>
          )}
        </Show>
      </ScreenHeader>
      <Show when={!gone() && known()}>{(cargo) => <Price card={cargo()} cargo={loaded()?.cargo ?? null} />}</Show>
      <Show when={response()}>{(latest) => <ResponsePanel response={latest()} freed={freed()} call={phone()} />}</Show>
      <Show when={!gone() && isRefused() && known()}>{(cargo) => <Similar cargo={cargo()} />}</Show>
      <Switch fallback={<Skeletons />}>
        <Match when={gone()}>
          {/* Who responded wants to know to what. */}
          <Show when={response()}>{(latest) => <Remembered response={latest()} />}</Show>
          <CargoGone notSent={keptFromGone()} />
          <Show when={remembered()}>{(cargo) => <Similar cargo={cargo()} />}</Show>
        </Match>
        <Match when={known()}>
          {(cargo) => (
            <>
              <Show when={loaded()?.upstreamDown && loaded()} keyed>
                {(answer) => (
                  <p class="banner" role="status" data-testid="banner">
                    {cargoWords().upstreamDown(momentText(answer.askedAt))}
                  </p>
                )}
              </Show>
              <Facts card={cargo()} cargo={loaded()?.cargo ?? null} />
              <Show when={loaded()}>
                {(answer) => (
                  <>
                    <WorthPart cargo={answer().cargo} offer={canOffer() ? offer : null} />
                    <ChainsPart id={props.id} />
                  </>
                )}
              </Show>
              <Switch fallback={<Skeletons />}>
                <Match when={loaded()} keyed>
                  {(answer) => (
                    <Details
                      cargo={answer.cargo}
                      locked={answer.locked.includes('contacts')}
                      opened={isOn('app.respond') && isLockedUp()}
                    />
                  )}
                </Match>
                <Match when={isUnasked()}>
                  <Notice testId="cargo-unasked" title={cargoWords().unaskedTitle} text={cargoWords().unaskedText}>
                    <button class="button" type="button" onClick={() => void load()}>
                      {t().retry}
                    </button>
                  </Notice>
                </Match>
                <Match when={error()}>
                  {(failure) => <ErrorNotice error={failure()} onRetry={() => void load()} />}
                </Match>
              </Switch>
            </>
          )}
        </Match>
        <Match when={error()}>{(failure) => <ErrorNotice error={failure()} onRetry={() => void load()} />}</Match>
      </Switch>
      <Switch>
        {/* What stands in front has an action of its own. */}
        <Match when={isBehind()}>{null}</Match>
        <Match when={leaving()}>{(entry) => <LeavingAction entry={entry()} />}</Match>
        <Match when={!gone() && !needsSubscription(error()) && (isUnasked() ? card : loaded()?.cargo)}>
          {(cargo) => (
            <Show
              when={canRespond(response(), freed()) && isOn('app.respond')}
              fallback={
                // Once accepted, the call is in the response at the top.
                <Show when={response()?.status !== 'accepted' && phone()}>
                  {(number) => <MainAction text={cargoWords().call} onPress={() => call(number())} />}
                </Show>
              }
            >
              <Show
                when={isLockedUp()}
                fallback={<RespondAction cargo={cargo()} again={response() !== null} call={phone()} />}
              >
                <LockedAction contacts={loaded()?.locked.includes('contacts') === true} />
              </Show>
            </Show>
          )}
        </Match>
      </Switch>
    </main>
  );
}

/** A cargo that is gone, as the response to it remembers it. */
function Remembered(props: { response: DriverResponse }) {
  const cargo = () => props.response.cargo;
  return (
    <section class="panel">
      <b>{t().format.place(cargo().route, null)}</b>
      <p>{priceText(cargo().price_rub)}</p>
      <p class="small">
        {[t().format.measures(cargo().title), t().format.measures(cargo().weight_volume), dateText(cargo().from_date)]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </section>
  );
}

function share(cargo: Card): Promise<void> {
  return shareLink(shareUrl(cargo.id), cargoWords().shareText(routeText(cargo), priceText(cargo.price_rub)));
}

/** The link that opens the cargo: through the bot where it is known, else this page. */
function shareUrl(id: string): string {
  const base = driver()?.links.app_url ?? location.origin + location.pathname;
  const url = new URL(base);
  url.searchParams.set('startapp', `cargo_${id}`);
  return url.href;
}
