import { createEffect, createMemo, createSignal, Match, on, onCleanup, onMount, Show, Switch } from 'solid-js';
import { foreground, haptic } from '../../platform/telegram';
import { ageOf } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { pullToRefresh } from '../../ui/pullToRefresh';
import { needsSubscription } from '../billing/access';
import { activeFilters, cityOf, cleared, type Filters, RADII, swapped, withCity } from '../filters/filters';
import {
  applyFilters,
  chosenFilters,
  filters,
  list,
  loadChoices,
  now,
  online,
  refreshList,
  wanted,
} from '../shell/app';
import { filterRouteText, momentText } from '../shell/display';
import { canLoad, fetchLostStyles } from '../shell/lazyScreen';
import { t } from '../shell/messages';
import { ErrorNotice, Notice } from '../shell/Notice';
import { hrefOf, route } from '../shell/route';
import { Skeletons } from '../shell/Skeletons';
import { Cards } from './CargoCard';
import { hidden } from './marks';

/** After this time in the background, a list that is still at its top is asked for again. */
const STALE_MS = 5 * 60_000;
/** How often a list that could not be had, or only from a cache, is asked for again. */
const TROUBLE_MS = 10_000;
/** And one that is without some of the filters. */
const PARTIAL_MS = 60_000;

/** The first card has been painted by then, and nothing else has taken of its line. */
const AFTER_FIRST_CARD_MS = 300;

/** What is above the cards, once it has come. */
const [tools, setTools] = createSignal<typeof import('./ListTools') | null>(null);

function loadTools(): void {
  fetchLostStyles()
    .then(() => import('./ListTools'))
    .then(setTools, () => undefined);
}

/** The list of cargos. It stays in the page while other screens are open, so that back leads to the same place. */
export function ListScreen() {
  onMount(() => {
    void list.load(filters());
    // Chosen before the app was closed: they come in the place of what the phone has.
    if (wanted()) void refreshList();
    if (chosenFilters().truck_types) loadChoices('truck-types').catch(() => undefined);
    if (chosenFilters().load_types) loadChoices('load-types').catch(() => undefined);
  });

  async function refresh(): Promise<void> {
    await refreshList();
    haptic(list.status() === 'ready' ? 'success' : 'error');
  }

  /** Not while the driver is in the middle of the list or elsewhere: cards must not change under a finger. */
  const undisturbing = () => online() && !document.hidden && list.status() !== 'loading' && window.scrollY < 200;
  const troubled = () =>
    wanted() !== null ||
    (list.status() === 'failed' && !needsSubscription(list.error())) ||
    list.page()?.upstreamDown === true;
  createEffect(
    on(
      [online, foreground],
      () => {
        const old = Date.now() - (list.page()?.askedAt ?? 0) > STALE_MS;
        if (undisturbing() && (old || list.isForNow() || troubled())) void refreshList(true);
      },
      { defer: true },
    ),
  );
  createEffect(() => {
    const wait = troubled() ? TROUBLE_MS : list.isForNow() && PARTIAL_MS;
    if (!wait) return;
    const timer = setInterval(() => undisturbing() && route().name === 'list' && void refreshList(true), wait);
    onCleanup(() => clearInterval(timer));
  });

  const pull = pullToRefresh(
    () => route().name === 'list' && list.status() !== 'loading',
    () => void refresh(),
  );
  createEffect(() => {
    if (!list.page() || list.status() === 'loading' || !canLoad() || tools()) return;
    const timer = setTimeout(loadTools, AFTER_FIRST_CARD_MS);
    onCleanup(() => clearTimeout(timer));
  });
  const shown = createMemo(() => {
    const away = new Set(hidden().map(({ id }) => id));
    return list.cards().filter((card) => !away.has(card.id));
  });
  const active = createMemo(() => activeFilters(filters()));

  return (
    <main class="screen tab-screen list-screen" data-testid="list-screen">
      <ListHeader active={active().length} />
      <div class="pull" classList={{ 'pull-ready': pull() >= 1 }} hidden={pull() === 0} aria-hidden="true">
        {pull() >= 1 ? t().list.release : t().list.pull}
      </div>
      {/* As high as it is, before it comes. */}
      <div class="tools">
        <Show when={tools()} keyed>
          {({ Chips }) => <Chips />}
        </Show>
      </div>
      <StatusRow onRefresh={() => void refresh()} />
      <Banner />
      <Switch>
        <Match when={tools()?.aside() && tools()} keyed>
          {({ AsideList }) => <AsideList />}
        </Match>
        <Match when={list.replacing() && list.status() === 'loading'}>
          <Skeletons />
        </Match>
        <Match when={list.cards().length > 0}>
          <Cards cards={shown()} testId="cargo-list" />
          <ListEnd />
        </Match>
        <Match when={list.error()}>
          {(error) => <ErrorNotice error={error()} onRetry={() => void refreshList()} />}
        </Match>
        <Match when={list.page()}>
          <EmptyNotice />
        </Match>
      </Switch>
    </main>
  );
}

/** What stays at the top: where the cargos go, the way back of that, and the way to the filters. */
function ListHeader(props: { active: number }) {
  const anyCity = () => cityOf(filters(), 'start') ?? cityOf(filters(), 'finish');
  return (
    <header class="list-header">
      <h1 class="visually-hidden" tabindex="-1">
        {t().app}
      </h1>
      <a class="route-pill" data-testid="open-route" href={hrefOf({ name: 'filters' })}>
        <span>{filterRouteText(filters())}</span>
      </a>
      <Show when={tools()} keyed>
        {({ NewPill }) => <NewPill />}
      </Show>
      <Show when={anyCity()}>
        <button
          class="icon-button"
          type="button"
          data-testid="swap"
          aria-label={t().list.swap}
          onClick={() => {
            haptic('selection');
            void applyFilters(swapped(chosenFilters()));
          }}
        >
          <Icon name="swap" />
        </button>
      </Show>
      <a
        class="icon-button"
        data-testid="open-filters"
        href={hrefOf({ name: 'filters' })}
        aria-label={t().list.filters(props.active)}
      >
        <Icon name="filters" />
        <Show when={props.active > 0}>
          <span class="badge">{props.active}</span>
        </Show>
      </a>
    </header>
  );
}

/** How many there are, of when, and asking again. */
function StatusRow(props: { onRefresh: () => void }) {
  const busy = () => list.status() === 'loading';
  const total = () => (list.replacing() ? null : (list.page()?.total ?? null));
  const age = createMemo(() => {
    const page = list.page();
    // The clock of the page moves twice a minute; an answer may be newer than its last step.
    return page && ageOf(page.askedAt, Math.max(now(), page.askedAt));
  });
  const ageText = () => {
    const value = age();
    return busy() ? t().list.updating : value ? t().format.age(value) : '';
  };
  return (
    <div class="status-row" hidden={!!tools()?.aside()}>
      <p class="small" data-testid="list-status">
        <Show when={total() !== null}>
          {t().list.found(total() ?? 0)}
          {tools()?.hiddenText()} ·{' '}
        </Show>
        {ageText()}
        {/* Of its own, so that screen readers hear the results and not the passing of every minute. */}
        <span class="visually-hidden" role="status">
          {busy() ? t().list.updating : t().list.refreshed(total())}
        </span>
      </p>
      <Show when={tools()} keyed>
        {({ SortChoice }) => <SortChoice />}
      </Show>
      <button
        class="icon-button"
        classList={{ turning: busy() }}
        type="button"
        data-testid="refresh"
        aria-label={t().list.refresh}
        aria-busy={busy()}
        onClick={() => !busy() && props.onRefresh()}
      >
        <Icon name="refresh" />
      </button>
    </div>
  );
}

/** Says that what is shown is not what CargoTech would say now. */
function Banner() {
  const text = (): string | null => {
    const page = list.page();
    if (!page || list.replacing()) return null;
    const time = momentText(page.askedAt);
    const refused = list.notApplied();
    if (refused) return t().list.notApplied(!online() || refused.code === 'offline', time);
    if (!online() || list.error()?.code === 'offline') return t().list.offline(time);
    if (list.error()?.code === 'upstream_unavailable' || page.upstreamDown) return t().list.upstreamDown(time);
    if (list.error()) return t().list.notRefreshed(time);
    return tools()?.leftOutText() ?? null;
  };
  return (
    <div role="status">
      <Show when={text()}>
        <p class="banner" data-testid="banner">
          {text()}
        </p>
      </Show>
    </div>
  );
}

/** The end of the list: loads the next page before the driver gets there. */
function ListEnd() {
  const [near, setNear] = createSignal(false);
  let sentinel!: HTMLDivElement;
  onMount(() => {
    const observer = new IntersectionObserver((entries) => setNear(entries.some((entry) => entry.isIntersecting)), {
      rootMargin: '1000px',
    });
    observer.observe(sentinel);
    onCleanup(() => observer.disconnect());
  });
  createEffect(() => {
    if (near() && list.more() === 'idle' && list.status() === 'ready') void list.loadMore();
  });
  return (
    <div class="list-end" ref={sentinel}>
      <Switch>
        <Match when={list.more() === 'loading'}>
          <span class="spinner" role="status" aria-label={t().loading} />
        </Match>
        <Match when={list.more() === 'failed'}>
          <p>{t().list.moreFailed}</p>
          <button class="button" type="button" data-testid="more-retry" onClick={() => void list.loadMore()}>
            {t().retry}
          </button>
        </Match>
        <Match when={list.more() === 'end' && !list.fromCopy()}>
          <p data-testid="list-end">{t().list.end}</p>
        </Match>
      </Switch>
    </div>
  );
}

/** Nothing found: the nearest ways to find something. */
function EmptyNotice() {
  const filtered = () => activeFilters(filters()).length > 0;
  const wider = createMemo(() => widened(chosenFilters()));
  return (
    <Notice testId="empty" title={t().list.emptyTitle} text={filtered() ? t().list.emptyFiltered : t().list.emptyAll}>
      <Show when={wider()}>
        {(next) => (
          <button class="button" type="button" data-testid="widen" onClick={() => void applyFilters(next())}>
            {t().list.widen}
          </button>
        )}
      </Show>
      <Show
        when={filtered()}
        fallback={
          <button class="button" type="button" onClick={() => void refreshList()}>
            {t().list.refresh}
          </button>
        }
      >
        <button
          class="button"
          type="button"
          data-testid="clear-filters"
          onClick={() => void applyFilters(cleared(chosenFilters()))}
        >
          {t().list.clear}
        </button>
        <a class="button button-plain" href={hrefOf({ name: 'filters' })}>
          {t().list.change}
        </a>
      </Show>
    </Notice>
  );
}

/** The same filters with the next larger radii; null when there is no radius to widen. */
function widened(current: Filters): Filters | null {
  let next = current;
  for (const end of ['start', 'finish'] as const) {
    const city = cityOf(current, end);
    const larger = city && RADII.find((each) => each > city.radius);
    if (city && larger) next = withCity(next, end, { ...city, radius: larger });
  }
  return next === current ? null : next;
}
