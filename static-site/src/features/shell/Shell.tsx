import { type Accessor, createEffect, ErrorBoundary, Match, on, onCleanup, Show, Switch } from 'solid-js';
import { OUTBOX } from '../../platform/personal';
import type { ClosedReason, LinkRefusal, SessionState } from '../../platform/session';
import { hasBackButton, setBackButton, telegramReady } from '../../platform/telegram';
import { Icon } from '../../ui/Icon';
import { Toast } from '../../ui/Toast';
import { askAhead } from '../cargos/cargoAhead';
import { ListScreen } from '../cargos/ListScreen';
import { freshenAccess, list, online, session, sessionState, storage } from './app';
import { lazyScreen } from './lazyScreen';
import { t } from './messages';
import { ErrorNotice, PartFailed } from './Notice';
import { goBack, isTab, route } from './route';
import { Skeletons } from './Skeletons';
import { Tabs } from './Tabs';

const [CargoScreen, loadCargoScreen] = lazyScreen<{ id: string }>(
  async () => (await import('../cargos/CargoScreen')).CargoScreen,
  () => t().cargo.title,
);
const [RespondScreen, loadRespondScreen] = lazyScreen<{ id: string }>(
  async () => (await import('../responses/RespondScreen')).RespondScreen,
  () => t().respond.title,
);
const [SearchesScreen, loadSearchesScreen] = lazyScreen(
  async () => (await import('../searches/SearchesScreen')).SearchesScreen,
  () => t().tabs.searches,
);
const [ResponsesScreen, loadResponsesScreen] = lazyScreen(
  async () => (await import('../responses/ResponsesScreen')).ResponsesScreen,
  () => t().responses.title,
);
const [FiltersScreen, loadFiltersScreen] = lazyScreen(
  async () => (await import('../filters/FiltersScreen')).FiltersScreen,
  () => t().filters.title,
);
const [ProfileScreen, loadProfileScreen] = lazyScreen(
  async () => (await import('../profile/ProfileScreen')).ProfileScreen,
  () => t().profile.title,
);
const [EditScreen, loadEditScreen] = lazyScreen(
  async () => (await import('../profile/EditScreen')).EditScreen,
  () => t().profile.edit,
);
const [TruckScreen] = lazyScreen(
  async () => (await import('../truck/TruckScreen')).TruckScreen,
  () => t().profile.truck,
);
const [SubscriptionScreen, loadSubscriptionScreen] = lazyScreen(
  async () => (await import('../billing/SubscriptionScreen')).SubscriptionScreen,
  () => t().profile.subscription,
);
const [SessionScreen] = lazyScreen<{ reason: ClosedReason; appUrl: string | null }>(
  async () => (await import('../session/SessionScreen')).SessionScreen,
);
const [LinkScreen] = lazyScreen<{ reason: LinkRefusal; appUrl: string | null }>(
  async () => (await import('../session/LinkScreen')).LinkScreen,
);
const [LinkQuestion] = lazyScreen<{ name: string }>(async () => (await import('../session/LinkScreen')).LinkQuestion);
const [BlockedScreen] = lazyScreen<{ supportUrl: string | null }>(
  async () => (await import('../session/BlockedScreen')).BlockedScreen,
);
const [PaymentScreen] = lazyScreen<{ id: string }>(
  async () => (await import('../billing/PaymentScreen')).PaymentScreen,
  () => t().profile.subscription,
);

const [DamagedScreen] = lazyScreen(
  async () => (await import('../session/DamagedScreen')).DamagedScreen,
  () => t().cargo.title,
);

/** The list's own request and answer go first. */
const PREFETCH_DELAY_MS = 1500;
/** The first card has been painted by then, and nothing else has taken of its line. */
const AFTER_FIRST_CARD_MS = 300;

type StateOf<Name extends SessionState['name']> = Extract<SessionState, { name: Name }>;

/** The session's state when it is the named one, for `Match`. */
function stateOf<Name extends SessionState['name']>(name: Name): StateOf<Name> | false {
  const state = sessionState();
  return state.name === name && (state as StateOf<Name>);
}

/** The whole app: the screens for a driver who is signed in, or what stands in their way. */
export function Shell() {
  telegramReady();
  return (
    <ErrorBoundary fallback={<Broken />}>
      <Switch
        fallback={
          <main class="screen">
            <Skeletons />
          </main>
        }
      >
        <Match when={sessionState().name === 'active'}>
          <Screens />
        </Match>
        <Match when={stateOf('failed')}>
          {(state: Accessor<StateOf<'failed'>>) => (
            <main class="screen screen-centred">
              <ErrorNotice error={state().error} onRetry={() => void session.start()} />
            </main>
          )}
        </Match>
        <Match when={stateOf('closed')}>
          {(state: Accessor<StateOf<'closed'>>) => <SessionScreen reason={state().reason} appUrl={state().appUrl} />}
        </Match>
        <Match when={stateOf('blocked')}>
          {(state: Accessor<StateOf<'blocked'>>) => <BlockedScreen supportUrl={state().links.support_url} />}
        </Match>
        <Match when={stateOf('link_asks')}>
          {(state: Accessor<StateOf<'link_asks'>>) => <LinkQuestion name={state().driver.first_name} />}
        </Match>
        <Match when={stateOf('link_refused')}>
          {(state: Accessor<StateOf<'link_refused'>>) => <LinkScreen reason={state().reason} appUrl={state().appUrl} />}
        </Match>
      </Switch>
      <Toast />
    </ErrorBoundary>
  );
}

/** A fault of the app itself: say so instead of a blank page. */
function Broken() {
  return (
    <main class="screen screen-centred">
      <PartFailed />
    </main>
  );
}

function Screens() {
  const idOf = (name: 'cargo' | 'respond' | 'payment') => {
    const current = route();
    return current.name === name ? current.id : null;
  };
  // The way back is there whatever becomes of the screen.
  createEffect(() => setBackButton(route().name === 'list' ? null : goBack));
  onCleanup(() => setBackButton(null));
  let left: Element | null = null;
  createEffect(
    on(
      () => route().name,
      (name, before) => {
        // The focus returns to the card that was opened.
        if (before === 'list') left = document.activeElement;
        else if (name === 'list' && left instanceof HTMLElement) left.focus({ preventScroll: true });
      },
      { defer: false },
    ),
  );
  createEffect(() => {
    if (list.status() !== 'ready') return;
    const timer = setTimeout(() => whenIdle(loadScreens), PREFETCH_DELAY_MS);
    onCleanup(() => clearTimeout(timer));
  });
  // A response that was not sent before the app was closed leaves now.
  if (storage.get(OUTBOX)) import('../responses/sending').catch(() => undefined);
  // The list comes first; then its cards learn which of them the driver has responded to.
  createEffect(() => {
    if (list.status() !== 'ready' || !online()) return;
    freshenAccess();
    const timer = setTimeout(() => import('../responses/responses').catch(() => undefined), AFTER_FIRST_CARD_MS);
    onCleanup(() => clearTimeout(timer));
  });
  return (
    <>
      <Show when={!isTab(route()) && !hasBackButton()}>
        <button class="icon-button back-button" type="button" data-testid="back" aria-label={t().back} onClick={goBack}>
          <Icon name="back" />
        </button>
      </Show>
      <div class="list-pane" hidden={route().name !== 'list'}>
        <ListScreen />
      </div>
      {/* The response is written in front of its cargo. */}
      <Show when={idOf('cargo') ?? idOf('respond')} keyed>
        {(id) => {
          askAhead(id);
          return <CargoScreen id={id} />;
        }}
      </Show>
      <Show when={idOf('respond')} keyed>
        {(id) => <RespondScreen id={id} />}
      </Show>
      <Show when={route().name === 'subscription'}>
        <SubscriptionScreen />
      </Show>
      <Show when={idOf('payment')} keyed>
        {(id) => <PaymentScreen id={id} />}
      </Show>
      <Show when={route().name === 'damaged'}>
        <DamagedScreen />
      </Show>
      <Show when={route().name === 'searches'}>
        <SearchesScreen />
      </Show>
      <Show when={route().name === 'responses'}>
        <ResponsesScreen />
      </Show>
      <Show when={route().name === 'filters'}>
        <FiltersScreen />
      </Show>
      <Show when={route().name === 'profile'}>
        <ProfileScreen />
      </Show>
      <Show when={route().name === 'edit'}>
        <EditScreen />
      </Show>
      <Show when={route().name === 'truck'}>
        <TruckScreen />
      </Show>
      <Tabs />
    </>
  );
}

/** After the first list, so that what the driver opens next neither delays it nor makes them wait. */
function loadScreens(): void {
  loadCargoScreen();
  loadRespondScreen();
  loadSearchesScreen();
  loadResponsesScreen();
  loadFiltersScreen();
  loadProfileScreen();
  loadEditScreen();
  loadSubscriptionScreen();
  keepOnPhone();
}

/** Has the browser keep the app's files, for a start without a network. Where it cannot, the app works as it did. */
function keepOnPhone(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker
    .register(`${import.meta.env.BASE_URL}sw.js`, { updateViaCache: 'none' })
    .catch(() => undefined);
}

function whenIdle(run: () => void): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(run, { timeout: 3000 });
  else run();
}
