import { createMemo, For, Match, Show, Switch } from 'solid-js';
import type { Card, Cargo, Contact, Place } from '../../api/driver';
import { callNumber, dialled, splitPhones } from '../../platform/phone';
import { openLink } from '../../platform/telegram';
import { FactRow } from '../../ui/FactRow';
import { formatPhone, safeUrl } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { OpenAccess } from '../billing/OpenAccess';
import { cityText, dateText, distanceText, priceText, titleText } from '../shell/display';
import { t } from '../shell/messages';
import { goBack } from '../shell/route';
import { copyAndSay } from '../shell/sharing';
import { Star } from './CargoCard';
import { hideCargo, restoreCargo } from './hiding';
import { isHidden } from './marks';
import { cargoWords } from './messages';
import { toolWords } from './toolWords';
import { hoursBetween, navigators } from './way';

/** What it pays, and on which terms. */
export function Price(props: { card: Card; cargo: Cargo | null }) {
  return (
    <div class="cargo-price">
      <b classList={{ 'price-open': props.card.price_rub === null }}>{priceText(props.card.price_rub)}</b>
      <Show when={props.card.price_per_km_rub} keyed>
        {(price) => <span>{t().format.rublesPerKilometre(price)}</span>}
      </Show>
      <Show when={props.cargo?.extra}>
        {(extra) => (
          <Show when={extra().krugoreis || extra().partial_load}>
            <p class="tags">
              <Show when={extra().krugoreis}>
                <span class="tag" data-testid="round-trip">
                  {cargoWords().roundTrip}
                </span>
              </Show>
              <Show when={extra().partial_load}>
                <span class="tag" data-testid="partial-load">
                  {cargoWords().partialLoad}
                </span>
              </Show>
            </p>
          </Show>
        )}
      </Show>
      <div class="cargo-marks">
        <Star card={props.card} />
        <Show
          when={isHidden(props.card.id)}
          fallback={
            <button
              class="icon-button"
              type="button"
              data-testid="hide"
              aria-label={toolWords().hide}
              onClick={() => {
                hideCargo(props.card);
                goBack();
              }}
            >
              <Icon name="hide" />
            </button>
          }
        >
          <button
            class="button button-plain"
            type="button"
            data-testid="unhide"
            onClick={() => restoreCargo(props.card)}
          >
            {toolWords().restore}
          </button>
        </Show>
      </div>
    </div>
  );
}

/** What the list knows as well: way and size. */
export function Facts(props: { card: Card; cargo: Cargo | null }) {
  const way = createMemo(() => {
    const hours = hoursBetween(props.card.from.date, props.card.to.date);
    return [distanceText(props.card), hours !== null && cargoWords().underway(Math.floor(hours / 24), hours % 24)]
      .filter(Boolean)
      .join(' · ');
  });
  return (
    <section class="panel">
      <ol class="stops">
        <Stop place={props.card.from} label={cargoWords().loading} />
        <Show when={way()}>
          <li class="stops-way" data-testid="way">
            {way()}
          </li>
        </Show>
        <Stop place={props.card.to} label={cargoWords().unloading} />
      </ol>
      <dl class="facts">
        <Fact name={cargoWords().weight} value={props.card.weight_kg} text={(kg) => t().format.tonnes(kg / 1000)} />
        <Fact name={cargoWords().volume} value={props.card.volume_m3} text={(m3) => t().format.cubicMetres(m3)} />
        <FactRow name={cargoWords().name}>{titleText(props.card)}</FactRow>
        <FactRow name={cargoWords().cargoType}>{cargoType(props.cargo, props.card.title)}</FactRow>
        <FactRow name={cargoWords().truckTypes}>{props.card.truck_types.map(t().format.type).join(', ')}</FactRow>
        <FactRow name={cargoWords().loadTypes}>{props.card.load_types.map(t().format.type).join(', ')}</FactRow>
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
      <span class="small">{[props.label, dateText(props.place.date)].filter(Boolean).join(' · ')}</span>
      <b>{cityText(props.place)}</b>
      <Show when={props.place.address}>{(address) => <Address text={address()} />}</Show>
    </li>
  );
}

/** An address, and the programs that lead there. */
function Address(props: { text: string }) {
  return (
    <details class="disclosure address">
      <summary data-testid="address">
        <Icon name="navigator" />
        <span>{props.text}</span>
      </summary>
      <div class="pair" role="group" aria-label={cargoWords().navigators}>
        <For each={navigators(props.text)}>
          {({ name, url }) => (
            <a class="button" href={url} rel="noopener" target="_blank" onClick={(event) => follow(event, url)}>
              {name ?? cargoWords().ownNavigator}
            </a>
          )}
        </For>
      </div>
    </details>
  );
}

/** Pages are opened beside the app; another scheme is the phone's own to follow. */
function follow(event: MouseEvent, url: string): void {
  if (!url.startsWith('https:')) return;
  event.preventDefault();
  openLink(url);
}

function Fact(props: { name: string; value: number | null; text: (value: number) => string }) {
  return <FactRow name={props.name}>{props.value === null ? null : props.text(props.value)}</FactRow>;
}

/** What only the cargo's own answer knows: note, contacts, owner; in place of what is locked, how to open it. */
export function Details(props: { cargo: Cargo; locked: boolean; opened: boolean }) {
  const contacts = () => props.cargo.contacts ?? [];
  return (
    <>
      <Show when={!props.locked && props.cargo.note}>
        {(note) => (
          <section class="panel">
            <h2>{cargoWords().note}</h2>
            <p class="note" data-testid="note">
              <For each={splitPhones(note())}>
                {(part) => (part.phone ? <a href={`tel:${part.phone}`}>{part.text}</a> : part.text)}
              </For>
            </p>
          </section>
        )}
      </Show>
      <section class="panel" data-testid="contacts">
        <h2>{cargoWords().contacts}</h2>
        <Switch fallback={<p>{cargoWords().noContacts}</p>}>
          <Match when={props.locked}>
            <div class="locked" data-testid="contacts-locked">
              <Icon name="lock" />
              <p>{t().locked.contacts}</p>
              {/* Unless the button at the bottom does so. */}
              <Show when={!props.opened}>
                <OpenAccess />
              </Show>
            </div>
          </Match>
          <Match when={contacts().some((contact) => contact.phones.length > 0)}>
            <For each={contacts()}>{(contact) => <ContactRow contact={contact} />}</For>
          </Match>
        </Switch>
      </section>
      <Show when={props.cargo.shipper?.name || props.cargo.shipper?.inn}>
        <section class="panel">
          <h2>{cargoWords().shipper}</h2>
          <Show when={props.cargo.shipper?.name}>
            <p>{props.cargo.shipper?.name}</p>
          </Show>
          <Show when={props.cargo.shipper?.inn}>{(inn) => <p class="small">{cargoWords().inn(inn())}</p>}</Show>
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
            {cargoWords().source}
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
          const said = extension ? `${shown}, ${cargoWords().extension(extension)}` : shown;
          return (
            <>
              <p class="contact-phone">{said}</p>
              <div class="contact-actions">
                <Show when={number}>
                  <a class="button" href={`tel:${keys}`} aria-label={cargoWords().callPhone(said)} data-testid="call">
                    <Icon name="phone" />
                    {cargoWords().call}
                  </a>
                </Show>
                <button
                  class="button"
                  type="button"
                  aria-label={cargoWords().copyPhone(shown)}
                  data-testid="copy"
                  onClick={() => void copyAndSay(keys || phone, cargoWords().copied)}
                >
                  <Icon name="copy" />
                  {cargoWords().copy}
                </button>
              </div>
            </>
          );
        }}
      </For>
    </div>
  );
}
