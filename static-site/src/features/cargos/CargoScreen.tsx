import { createEffect, createSignal, For, type JSX, Match, on, onCleanup, onMount, Show, Switch } from 'solid-js';
import type { Card, Cargo, Contact, DriverResponse, Place } from '../../api/driver';
import { type ApiError, asApiError } from '../../api/error';
import { type CallNumber, callNumber, dialled, splitPhones } from '../../platform/phone';
import { openLink } from '../../platform/telegram';
import { formatPhone, safeUrl } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { access, isOn, needsSubscription } from '../billing/access';
import { OpenAccess } from '../billing/OpenAccess';
import { responseTo } from '../responses/known';
import { isLeaving, keptFor } from '../responses/outbox';
import { LeavingAction, RespondAction } from '../responses/RespondAction';
import { ResponsePanel } from '../responses/ResponseParts';
import { canRespond } from '../responses/responseStore';
import { outbox } from '../responses/sending';
import { driver, list } from '../shell/app';
import { cityText, dateText, momentText, priceText, routeText, titleText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { t } from '../shell/messages';
import { ErrorNotice } from '../shell/Notice';
import { ScreenHeader } from '../shell/ScreenHeader';
import { Skeletons } from '../shell/Skeletons';
import { copyAndSay, shareLink } from '../shell/sharing';
import { CargoGone } from './CargoGone';
import { isGone, openCargo, openedCargo } from './openedCargos';
import './cargo.css';

/** One cargo with everything known about it. It opens with what its card knows while the rest loads. */
export function CargoScreen(props: { id: string }) {
  const card = list.find(props.id);
  const [error, setError] = createSignal<ApiError | null>(null);
  const loaded = () => openedCargo(props.id);
  const known = (): Card | null => loaded()?.cargo ?? card;
  const response = () => responseTo(props.id);
  const freed = () => loaded()?.freed ?? false;
  const kept = () => keptFor(props.id);
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
    }
  }
  onMount(() => void load());
  // With another access there is more or less to see.
  createEffect(
    on(
      () => JSON.stringify(access()?.features),
      () => void load(),
      { defer: true },
    ),
  );

  const phones = () => loaded()?.cargo.contacts?.flatMap((contact) => contact.phones) ?? [];
  const phone = () =>
    phones()
      .map(callNumber)
      .find(({ number }) => number);

  return (
    <main class="screen cargo-screen" data-testid="cargo-screen">
      <ScreenHeader title={t().cargo.title}>
        <Show when={!gone() && known()}>
          {(cargo) => (
            <button
              class="icon-button"
              type="button"
              data-testid="share"
              aria-label={t().cargo.share}
              onClick={() => void share(cargo())}
            >
              <Icon name="share" />
            </button>
          )}
        </Show>
      </ScreenHeader>
      <Show when={response()}>{(latest) => <ResponsePanel response={latest()} freed={freed()} />}</Show>
      <Switch fallback={<Skeletons />}>
        <Match when={gone()}>
          {/* Who responded wants to know to what. */}
          <Show when={response()}>{(latest) => <Remembered response={latest()} />}</Show>
          <CargoGone notSent={keptFromGone()} />
        </Match>
        <Match when={known()}>
          {(cargo) => (
            <>
              <Show when={loaded()?.upstreamDown && loaded()} keyed>
                {(answer) => (
                  <p class="banner" role="status" data-testid="banner">
                    {t().cargo.upstreamDown(momentText(answer.askedAt))}
                  </p>
                )}
              </Show>
              <Facts card={cargo()} cargo={loaded()?.cargo ?? null} />
              <Switch fallback={<Skeletons />}>
                <Match when={loaded()} keyed>
                  {(answer) => <Details cargo={answer.cargo} locked={answer.locked.includes('contacts')} />}
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
        <Match when={leaving()}>{(entry) => <LeavingAction entry={entry()} />}</Match>
        <Match when={!gone() && !needsSubscription(error()) && loaded()}>
          {(answer) => (
            <Show
              when={canRespond(response(), freed()) && isOn('app.respond')}
              fallback={
                <Show when={phone()}>
                  {(number) => <MainAction text={t().cargo.call} onPress={() => call(number())} />}
                </Show>
              }
            >
              <RespondAction cargo={answer().cargo} again={response() !== null} />
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
      <b>{cargo().route}</b>
      <p>{priceText(cargo().price_rub)}</p>
      <p class="small">
        {[t().format.measures(cargo().title), t().format.measures(cargo().weight_volume), dateText(cargo().from_date)]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </section>
  );
}

/** What the list knows as well: price, way, size. */
function Facts(props: { card: Card; cargo: Cargo | null }) {
  return (
    <section class="panel">
      <div class="cargo-price">
        <b classList={{ 'price-open': props.card.price_rub === null }}>{priceText(props.card.price_rub)}</b>
        <Show when={props.card.price_per_km_rub} keyed>
          {(price) => <span>{t().format.rublesPerKilometre(price)}</span>}
        </Show>
      </div>
      <Show when={props.cargo?.extra}>
        {(extra) => (
          <Show when={extra().krugoreis || extra().partial_load}>
            <p class="tags">
              <Show when={extra().krugoreis}>
                <span class="tag" data-testid="round-trip">
                  {t().cargo.roundTrip}
                </span>
              </Show>
              <Show when={extra().partial_load}>
                <span class="tag" data-testid="partial-load">
                  {t().cargo.partialLoad}
                </span>
              </Show>
            </p>
          </Show>
        )}
      </Show>
      <ol class="stops">
        <Stop place={props.card.from} label={t().cargo.loading} />
        <Stop place={props.card.to} label={t().cargo.unloading} />
      </ol>
      <dl class="facts">
        <Fact name={t().cargo.distance} value={props.card.distance_km} text={(km) => t().format.kilometres(km)} />
        <Fact name={t().cargo.weight} value={props.card.weight_kg} text={(kg) => t().format.tonnes(kg / 1000)} />
        <Fact name={t().cargo.volume} value={props.card.volume_m3} text={(m3) => t().format.cubicMetres(m3)} />
        <Row name={t().cargo.name}>{titleText(props.card)}</Row>
        <Row name={t().cargo.cargoType}>{cargoType(props.cargo, props.card.title)}</Row>
        <Row name={t().cargo.truckTypes}>{props.card.truck_types.join(', ')}</Row>
        <Row name={t().cargo.loadTypes}>{props.card.load_types.join(', ')}</Row>
      </dl>
    </section>
  );
}

/** The kind of goods, unless the title already says it. */
function cargoType(cargo: Cargo | null, title: string): string {
  const types = [cargo?.cargo_type, cargo?.extra?.custom_cargo_type].filter((type) => type && type !== title);
  return [...new Set(types)].join(', ');
}

function Stop(props: { place: Place; label: string }) {
  return (
    <li>
      <span class="small">{props.label}</span>
      <b>{cityText(props.place)}</b>
      <Show when={props.place.address}>
        <span>{props.place.address}</span>
      </Show>
      <Show when={props.place.date}>
        <span class="small">{dateText(props.place.date)}</span>
      </Show>
    </li>
  );
}

function Row(props: { name: string; children: JSX.Element }) {
  return (
    <Show when={props.children}>
      <div>
        <dt>{props.name}</dt>
        <dd>{props.children}</dd>
      </div>
    </Show>
  );
}

function Fact(props: { name: string; value: number | null; text: (value: number) => string }) {
  return <Row name={props.name}>{props.value === null ? null : props.text(props.value)}</Row>;
}

/** What only the cargo's own answer knows: note, contacts, owner; in place of what is locked, how to open it. */
function Details(props: { cargo: Cargo; locked: boolean }) {
  const contacts = () => props.cargo.contacts ?? [];
  return (
    <>
      <Show when={!props.locked && props.cargo.note}>
        {(note) => (
          <section class="panel">
            <h2>{t().cargo.note}</h2>
            <p class="note" data-testid="note">
              <For each={splitPhones(note())}>
                {(part) => (part.phone ? <a href={`tel:${part.phone}`}>{part.text}</a> : part.text)}
              </For>
            </p>
          </section>
        )}
      </Show>
      <section class="panel" data-testid="contacts">
        <h2>{t().cargo.contacts}</h2>
        <Switch fallback={<p>{t().cargo.noContacts}</p>}>
          <Match when={props.locked}>
            <div class="locked" data-testid="contacts-locked">
              <Icon name="lock" />
              <p>{t().locked.contacts}</p>
              <OpenAccess />
            </div>
          </Match>
          <Match when={contacts().some((contact) => contact.phones.length > 0)}>
            <For each={contacts()}>{(contact) => <ContactRow contact={contact} />}</For>
          </Match>
        </Switch>
      </section>
      <Show when={props.cargo.shipper?.name || props.cargo.shipper?.inn}>
        <section class="panel">
          <h2>{t().cargo.shipper}</h2>
          <Show when={props.cargo.shipper?.name}>
            <p>{props.cargo.shipper?.name}</p>
          </Show>
          <Show when={props.cargo.shipper?.inn}>{(inn) => <p class="small">{t().cargo.inn(inn())}</p>}</Show>
        </section>
      </Show>
      <Show when={safeUrl(props.cargo.extra?.url)}>
        {(url) => (
          <a
            class="button"
            href={url()}
            rel="noopener"
            target="_blank"
            data-testid="source"
            onClick={(event) => {
              event.preventDefault();
              openLink(url());
            }}
          >
            {t().cargo.source}
            <Icon name="external" />
          </a>
        )}
      </Show>
    </>
  );
}

function ContactRow(props: { contact: Contact }) {
  return (
    <div class="contact" data-testid="contact">
      <Show when={props.contact.name}>
        <p>{props.contact.name}</p>
      </Show>
      <For each={props.contact.phones}>
        {(phone) => {
          const { number, extension } = callNumber(phone);
          const keys = dialled({ number, extension });
          const shown = formatPhone(number ?? phone);
          const said = extension ? `${shown}, ${t().cargo.extension(extension)}` : shown;
          return (
            <>
              <p class="contact-phone">{said}</p>
              <div class="contact-actions">
                <Show when={number}>
                  <a class="button" href={`tel:${keys}`} aria-label={t().cargo.callPhone(said)} data-testid="call">
                    <Icon name="phone" />
                    {t().cargo.call}
                  </a>
                </Show>
                <button
                  class="button"
                  type="button"
                  aria-label={t().cargo.copyPhone(shown)}
                  data-testid="copy"
                  onClick={() => void copyAndSay(keys || phone, t().cargo.copied)}
                >
                  <Icon name="copy" />
                  {t().cargo.copy}
                </button>
              </div>
            </>
          );
        }}
      </For>
    </div>
  );
}

/** Through a link, because a web view passes `tel:` to the phone only as a navigation by the driver. */
function call(phone: CallNumber): void {
  const link = document.createElement('a');
  link.href = `tel:${dialled(phone)}`;
  link.click();
}

function share(cargo: Card): Promise<void> {
  return shareLink(shareUrl(cargo.id), t().cargo.shareText(routeText(cargo), priceText(cargo.price_rub)));
}

/** The link that opens the cargo: through the bot where it is known, else this page. */
function shareUrl(id: string): string {
  const base = driver()?.links.app_url ?? location.origin + location.pathname;
  const url = new URL(base);
  url.searchParams.set('startapp', `cargo_${id}`);
  return url.href;
}
