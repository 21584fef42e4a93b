import type { Component, JSX } from 'solid-js';
import { createEffect, ErrorBoundary, For, lazy, Match, on, onCleanup, Show, Suspense, Switch } from 'solid-js';
import type { Permission } from '../api/admin';
import { setBackButton, telegramReady } from '../platform/telegram';
import { Toast } from '../ui/Toast';
import { enter, may, me, refusal, sessionState } from './app';
import { AuditSection } from './audit/Audit';
import { DeliveriesSection } from './deliveries/Deliveries';
import { word } from './display';
import { DriversSection } from './drivers/Drivers';
import { w } from './messages';
import { OverviewSection } from './overview/Overview';
import { DifferencesSection } from './payments/Differences';
import { PaymentsSection } from './payments/Payments';
import { PromoCodeScreen, PromoCodesSection } from './promoCodes/PromoCodes';
import { ResponseScreen, ResponsesSection } from './responses/Responses';
import { goBack, hrefOf, route } from './route';
import { SubscriptionsSection } from './subscriptions/Subscriptions';
import { closeCover } from './ui/back';
import { Icon, type IconName } from './ui/Icon';
import { ErrorPanel, OpenFromBot, Skeleton } from './ui/States';

/**
 * A part of the page that most visits do not need, and no list, to whose place one comes back. One that does not come
 * is told as a fault of the page.
 */
function later<P extends object>(load: () => Promise<Component<P>>): Component<P> {
  return lazy(async () => ({ default: await load() }));
}

const DriverScreen = later(async () => (await import('./drivers/Driver')).DriverScreen);
const FlagsSection = later(async () => (await import('./settings/Flags')).FlagsSection);
const HealthSection = later(async () => (await import('./health/Health')).HealthSection);
const PaymentScreen = later(async () => (await import('./payments/Payment')).PaymentScreen);
const RequestsSection = later(async () => (await import('./subscriptions/Requests')).RequestsSection);
const RolesSection = later(async () => (await import('./roles/Roles')).RolesSection);
const SettingsSection = later(async () => (await import('./settings/Settings')).SettingsSection);

type SectionName = Exclude<IconName, 'more' | 'back' | 'close' | 'refresh' | 'search' | 'exit'>;

interface Section {
  name: SectionName;
  permission: Permission;
  list: Component;
  /** One thing of the section. */
  one?: Component<{ id: string; tab: string | null }>;
}

/** In the order of how often they are needed. */
const SECTIONS: Section[] = [
  { name: 'overview', permission: 'see_overview', list: OverviewSection },
  { name: 'payments', permission: 'see_payments', list: PaymentsSection, one: PaymentScreen },
  { name: 'drivers', permission: 'see_drivers', list: DriversSection, one: DriverScreen },
  { name: 'responses', permission: 'see_drivers', list: ResponsesSection, one: ResponseScreen },
  { name: 'promo-codes', permission: 'see_promo_codes', list: PromoCodesSection, one: PromoCodeScreen },
  { name: 'subscriptions', permission: 'see_drivers', list: SubscriptionsSection },
  { name: 'requests', permission: 'see_drivers', list: RequestsSection },
  { name: 'differences', permission: 'see_payments', list: DifferencesSection },
  { name: 'deliveries', permission: 'see_drivers', list: DeliveriesSection },
  { name: 'flags', permission: 'see_settings', list: FlagsSection },
  { name: 'settings', permission: 'see_settings', list: SettingsSection },
  { name: 'roles', permission: 'see_roles', list: RolesSection },
  { name: 'audit', permission: 'see_audit', list: AuditSection },
  { name: 'health', permission: 'see_overview', list: HealthSection },
];

/** How many sections have a place of their own in the bar of a phone. */
const IN_BAR = 3;

const allowed = () => SECTIONS.filter(({ permission }) => may(permission));
const current = (): Section | undefined => {
  const { section } = route();
  return section === '' ? allowed()[0] : allowed().find(({ name }) => name === section);
};

/** The whole page: its sections for an admin, or what stands in the way. */
export function AdminPage() {
  telegramReady();
  const closed = () => {
    const state = sessionState();
    return state.name === 'closed' || state.name === 'link_refused' ? state : null;
  };
  const isBlocked = () => sessionState().name === 'blocked';
  const failed = () => {
    const state = sessionState();
    return state.name === 'failed' && state.error.code !== 'admin_only' ? state.error : null;
  };
  /** Who administers nothing is refused at the door, or later when the role was taken. */
  const refused = () => {
    const state = sessionState();
    return state.name === 'failed' && state.error.code === 'admin_only' ? state.error : refusal();
  };
  return (
    <ErrorBoundary fallback={<Broken />}>
      <Switch
        fallback={
          <main class="page-wait">
            <Skeleton />
          </main>
        }
      >
        <Match when={closed()}>
          {(state) => (
            <Blocked
              title={w().session.title}
              text={word(w().session.reasons, state().reason)}
              testId={`session-${state().reason}`}
            >
              <OpenFromBot />
            </Blocked>
          )}
        </Match>
        <Match when={isBlocked()}>
          <Blocked title={w().refused.title} text={w().session.blocked} testId="blocked">
            <a class="button" href="/app/">
              {w().toApp}
            </a>
          </Blocked>
        </Match>
        <Match when={failed() ?? (refusal()?.code !== 'admin_only' && refusal())}>
          {(error) => (
            <main class="page-wait">
              <ErrorPanel error={error()} onRetry={() => void enter()} />
            </main>
          )}
        </Match>
        <Match when={refused()}>
          {(error) => (
            <Blocked title={w().refused.title} text={w().refused.text} testId="refused" requestId={error().requestId}>
              <a class="button" href="/app/">
                {w().toApp}
              </a>
            </Blocked>
          )}
        </Match>
        <Match when={me()}>
          <Sections />
        </Match>
      </Switch>
      <Toast />
    </ErrorBoundary>
  );
}

function Blocked(props: {
  title: string;
  text: string;
  testId: string;
  requestId?: string | null;
  children: JSX.Element;
}) {
  return (
    <main class="page-wait" data-testid={props.testId}>
      <div class="notice" role="status">
        <h1>{props.title}</h1>
        <p>{props.text}</p>
        <div class="notice-actions">{props.children}</div>
        <Show when={props.requestId}>
          <p class="small request-id">
            {w().requestId}: <code>{props.requestId}</code>
          </p>
        </Show>
      </div>
    </main>
  );
}

/** A fault of the page itself, or a part of it that did not load. */
function Broken() {
  return (
    <main class="page-wait" data-testid="broken">
      <div class="notice" role="status">
        <h1>{w().errors.title}</h1>
        <p>{w().errors.part}</p>
        <div class="notice-actions">
          <button class="button" type="button" onClick={() => location.reload()}>
            {w().reload}
          </button>
        </div>
      </div>
    </main>
  );
}

function Sections() {
  let main!: HTMLElement;
  // Telegram's back button: what lies over the page, then the way here, then the app.
  setBackButton(() => {
    if (closeCover()) return;
    if (route().section === '' || (route().id === null && route().section === allowed()[0]?.name))
      location.assign('/app/');
    else goBack();
  });
  onCleanup(() => setBackButton(null));
  createEffect(
    on(
      () => `${route().section}/${route().id ?? ''}`,
      () => main.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true }),
      { defer: true },
    ),
  );
  return (
    <div class="page">
      <Navigation />
      <main class="content" ref={main}>
        <Show when={route().section !== 'menu'} fallback={<Menu />}>
          <Show when={current()} fallback={<NotHere />} keyed>
            {(section) => (
              <Show when={route().id} fallback={<Listed section={section} />} keyed>
                {(id) => <One section={section} id={id} />}
              </Show>
            )}
          </Show>
        </Show>
      </main>
    </div>
  );
}

function Heading(props: { text: string; back?: string }) {
  return (
    <header class="content-head">
      <Show when={props.back}>
        <a
          class="icon-button"
          href={props.back}
          aria-label={w().back}
          data-testid="back"
          onClick={(event) => {
            event.preventDefault();
            goBack();
          }}
        >
          <Icon name="back" />
        </a>
      </Show>
      <h1 tabindex="-1">{props.text}</h1>
    </header>
  );
}

function Listed(props: { section: Section }) {
  return (
    <div data-testid={`section-${props.section.name}`}>
      <Heading text={w().sections[props.section.name]} />
      <Suspense fallback={<Skeleton />}>
        <props.section.list />
      </Suspense>
    </div>
  );
}

function One(props: { section: Section; id: string }) {
  return (
    <Show when={props.section.one} fallback={<Listed section={props.section} />}>
      {(one) => {
        const Screen = one();
        return (
          <div data-testid={`one-${props.section.name}`}>
            <Heading
              text={w().one[props.section.name as keyof ReturnType<typeof w>['one']]}
              back={hrefOf(props.section.name)}
            />
            <Suspense fallback={<Skeleton />}>
              <Screen id={props.id} tab={route().tab} />
            </Suspense>
          </div>
        );
      }}
    </Show>
  );
}

function NotHere() {
  return (
    <div class="notice" role="status" data-testid="not-here">
      <h1 tabindex="-1">{w().notHere.title}</h1>
      <p>{w().notHere.text}</p>
      <div class="notice-actions">
        <a class="button" href={hrefOf(allowed()[0]?.name ?? '')}>
          {w().notHere.action}
        </a>
      </div>
    </div>
  );
}

function SectionLink(props: { section: Section; class: string }) {
  const active = () => current() === props.section && route().section !== 'menu';
  return (
    <a
      class={props.class}
      href={hrefOf(props.section.name)}
      aria-current={active() ? 'page' : undefined}
      data-testid={`nav-${props.section.name}`}
    >
      <Icon name={props.section.name} />
      <span>{w().sections[props.section.name]}</span>
    </a>
  );
}

/** At the side of a wide screen all sections; at the bottom of a phone the first few and the way to the others. */
function Navigation() {
  const inBar = () => allowed().slice(0, IN_BAR);
  const inMenu = () => {
    const active = current();
    return route().section === 'menu' || (active !== undefined && !inBar().includes(active));
  };
  return (
    <nav class="navigation" aria-label={w().navigation}>
      <div class="side">
        <p class="side-title">{w().title}</p>
        <For each={allowed()}>{(section) => <SectionLink section={section} class="side-link" />}</For>
        <p class="side-me small">
          {me()?.name}
          <br />
          {word(w().roles.names, me()?.role)}
        </p>
        <a class="side-link" href="/app/">
          <Icon name="exit" />
          <span>{w().toApp}</span>
        </a>
      </div>
      <div class="bar">
        <For each={inBar()}>{(section) => <SectionLink section={section} class="bar-link" />}</For>
        <a class="bar-link" href={hrefOf('menu')} aria-current={inMenu() ? 'page' : undefined} data-testid="nav-menu">
          <Icon name="more" />
          <span>{w().menu}</span>
        </a>
      </div>
    </nav>
  );
}

/** All sections, on a phone. */
function Menu() {
  return (
    <div data-testid="section-menu">
      <Heading text={w().title} />
      <p class="small menu-me">
        {me()?.name} · {word(w().roles.names, me()?.role)}
      </p>
      <div class="menu">
        <For each={allowed()}>{(section) => <SectionLink section={section} class="menu-link" />}</For>
        <a class="menu-link" href="/app/" data-testid="to-app">
          <Icon name="exit" />
          <span>{w().toApp}</span>
        </a>
      </div>
    </div>
  );
}
