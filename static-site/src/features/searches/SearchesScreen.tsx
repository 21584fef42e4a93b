import { createEffect, createMemo, For, Match, on, onMount, Show, Switch } from 'solid-js';
import type { Search } from '../../api/searches';
import { foreground, haptic } from '../../platform/telegram';
import { isoDay } from '../../ui/format';
import { pullToRefresh } from '../../ui/pullToRefresh';
import { showToast } from '../../ui/toast';
import { cargoWords } from '../cargos/messages';
import { chipText } from '../filters/chipText';
import { activeFilters } from '../filters/filters';
import { applyFilters, list, loadChoices, now, online, wanted } from '../shell/app';
import { momentText } from '../shell/display';
import { t } from '../shell/messages';
import { ErrorNotice, Notice } from '../shell/Notice';
import { goToList } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { Skeletons } from '../shell/Skeletons';
import { searchWords } from './messages';
import { EditSheet } from './SearchForm';
import { createSheet } from './Sheet';
import { filtersOf } from './search';
import { busy, error, noteOpened, refreshSearches, searches, toldAt } from './searches';
import './searches.css';

const today = () => isoDay(new Date(now()));

/** The driver's saved searches, with how many cargos are new in each. */
export function SearchesScreen() {
  onMount(() => void refreshSearches());
  createEffect(on([online, foreground], () => online() && !document.hidden && void refreshSearches(), { defer: true }));
  createEffect(() => {
    const used = searches().map((search) => filtersOf(search, today()));
    if (used.some(({ truck_types }) => truck_types)) loadChoices('truck-types').catch(() => undefined);
    if (used.some(({ load_types }) => load_types)) loadChoices('load-types').catch(() => undefined);
  });
  async function refresh(): Promise<void> {
    await refreshSearches();
    haptic(error() ? 'error' : 'success');
  }
  const pull = pullToRefresh(
    () => !busy(),
    () => void refresh(),
  );
  /** Says that what is shown is not what the server would say now. */
  const doubt = () => {
    const time = momentText(toldAt() ?? 0);
    if (!online() || error()?.code === 'offline') return t().list.offline(time);
    return error() && t().list.notRefreshed(time);
  };
  return (
    <main class="screen tab-screen searches-screen" data-testid="searches-screen">
      <ScreenHeader title={t().tabs.searches} />
      <div class="pull" classList={{ 'pull-ready': pull() >= 1 }} hidden={pull() === 0} aria-hidden="true">
        {pull() >= 1 ? t().list.release : t().list.pull}
      </div>
      <Switch fallback={<Skeletons />}>
        <Match when={toldAt() !== null}>
          <div role="status">
            <Show when={doubt()}>
              <p class="banner" data-testid="banner">
                {doubt()}
              </p>
            </Show>
          </div>
          <ul data-testid="searches">
            <For each={searches().map(({ id }) => id)} fallback={<Empty />}>
              {(id) => <Row id={id} />}
            </For>
          </ul>
        </Match>
        <Match when={error()}>
          {(failure) => <ErrorNotice error={failure()} onRetry={() => void refreshSearches()} />}
        </Match>
      </Switch>
    </main>
  );
}

function Empty() {
  return (
    <li>
      <Notice testId="searches-empty" title={searchWords().emptyTitle} text={searchWords().emptyText}>
        <button class="button button-main" type="button" data-testid="to-list" onClick={goToList}>
          {cargoWords().toList}
        </button>
      </Notice>
    </li>
  );
}

function Row(props: { id: string }) {
  const [editing, edit] = createSheet();
  return (
    <Show when={searches().find(({ id }) => id === props.id)}>
      {(search) => (
        <li class="panel search-item" data-testid="search-item">
          <button class="search-open" type="button" data-testid="search-open" onClick={() => void openSearch(search())}>
            <span class="search-title">
              <b>{search().name}</b>
              <Show when={search().new_count}>
                {(count) => (
                  <span class="state" data-state="accepted" data-testid="search-new">
                    {searchWords().fresh(count())}
                  </span>
                )}
              </Show>
            </span>
            <FiltersText search={search()} />
            <Show when={!search().is_current}>
              <span class="search-passed" data-testid="search-passed">
                {searchWords().passed}
              </span>
            </Show>
          </button>
          <button
            class="icon-button"
            type="button"
            data-testid="search-edit"
            aria-label={searchWords().edit(search().name)}
            onClick={edit}
          >
            ⋯
          </button>
          <Show when={editing()}>
            <EditSheet
              id={props.id}
              name={search().name}
              filters={filtersOf(search(), today())}
              passed={!search().is_current}
            />
          </Show>
        </li>
      )}
    </Show>
  );
}

/** What it searches for, in the words of the chips. */
function FiltersText(props: { search: Search }) {
  const text = createMemo(() => {
    const filters = filtersOf(props.search, today());
    return activeFilters(filters)
      .map((name) => chipText(filters, name))
      .join(' · ');
  });
  return <span class="small">{text() || searchWords().everything}</span>;
}

/** Shows in the list what a search finds, and notes that the driver has seen it. */
async function openSearch(search: Search): Promise<void> {
  haptic('selection');
  // After the router's own listener, which scrolls to where the list of before was left.
  window.addEventListener('popstate', () => window.scrollTo(0, 0), { once: true });
  goToList();
  const refused = await applyFilters(filtersOf(search, today()));
  if (refused.length > 0) showToast(searchWords().notOpened);
  else if (!wanted() && list.status() === 'ready') await noteOpened(search);
}
