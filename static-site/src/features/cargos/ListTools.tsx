import { createEffect, createSignal, For, type JSX, on, onCleanup, Show } from 'solid-js';
import type { Card } from '../../api/driver';
import { asApiError } from '../../api/error';
import { NEAR } from '../../platform/personal';
import { haptic } from '../../platform/telegram';
import { isoDay } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { showToast } from '../../ui/toast';
import { chipText } from '../filters/chipText';
import {
  activeFilters,
  cityOf,
  type FilterCity,
  type FilterName,
  type Filters,
  parametersOf,
  SORTS,
  type Sort,
  withCity,
  withoutFilter,
} from '../filters/filters';
import { isLeaving, isWaiting, shownFilters, sourceOf, withRestored } from '../filters/waiting';
import { api, applyFilters, chosenFilters, filters, list, now, online, refreshList, storage } from '../shell/app';
import { errorText, routeText } from '../shell/display';
import { hrefOf, route } from '../shell/route';
import { Cards } from './CargoCard';
import { restoreCargo } from './hiding';
import { hidden, saved } from './marks';
import { here, sayRefused } from './near';
import './swipe';
import { SaveSearch } from '../searches/SaveSearch';
import { TruckChip } from '../truck/TruckChip';
import { toolWords } from './toolWords';
import './listTools.css';

/**
 * One tap away: what is near, what is loaded today or tomorrow; and the filters in use, which one tap takes away. None
 * of that counts for the cargos that stand in place of the list.
 */
export function Chips() {
  const today = () => isoDay(new Date(now()));
  const tomorrow = () => isoDay(new Date(now()), 1);
  // Not when the driver chose a city, and that order for it.
  const isNear = (of: Filters) => of.sort === 'deadhead' && of.from_place_id === nearPlace();
  const isToday = (of: Filters) => isOnlyDay(today(), of);
  const isTomorrow = (of: Filters) => isOnlyDay(tomorrow(), of);
  /** Chosen in full by a chip of its own. */
  const isShown = (name: FilterName) => name === 'date' && (isToday(sourceOf(name)) || isTomorrow(sourceOf(name)));
  return (
    <>
      <div class="chips">
        <ul aria-label={toolWords().quick}>
          <Show when={!aside()}>
            <Quick testId="near" is={isNear} busy={locating()} onPress={() => void chooseNear(isNear(chosenFilters()))}>
              <Icon name="navigator" />
              {toolWords().near}
            </Quick>
            <Quick testId="today" is={isToday} onPress={() => chooseDay(today())}>
              {toolWords().today}
            </Quick>
            <Quick testId="tomorrow" is={isTomorrow} onPress={() => chooseDay(tomorrow())}>
              {toolWords().tomorrow}
            </Quick>
            <li>
              <TruckChip chosen={chosenFilters()} onChoose={(next) => void applyFilters(next)} />
            </li>
          </Show>
          <Show when={saved().length > 0}>
            <AsideChoice name="saved" icon="star" />
          </Show>
        </ul>
        <Show when={!aside() && shownFilters().length > 0}>
          <ul aria-label={toolWords().chips} data-testid="filter-chips">
            <For each={shownFilters().filter((name) => !isShown(name))}>{(name) => <FilterChip name={name} />}</For>
          </ul>
        </Show>
        <Show when={hidden().length > 0}>
          <ul>
            <AsideChoice name="hidden" icon="hide" />
          </ul>
        </Show>
        <Show when={!aside()}>
          <SaveSearch />
        </Show>
      </div>
      <Show when={route().name === 'list' && list.cards().length > 0}>
        <p class="desk-hint" data-testid="desk-hint">
          {toolWords().chooseCargo}
        </p>
      </Show>
    </>
  );
}

/** A filter, which a tap takes away; one that was taken away and waits for an answer comes back by a tap. */
function FilterChip(props: { name: FilterName }) {
  const text = () => chipText(sourceOf(props.name), props.name);
  const label = () => {
    const words = toolWords();
    const said = isLeaving(props.name) ? words.restoreFilter(text()) : words.remove(text());
    return isWaiting(props.name) ? `${said}, ${words.waits}` : said;
  };
  return (
    <li>
      <button
        class="chip chip-removable"
        classList={{ 'chip-waiting': isWaiting(props.name), 'chip-leaving': isLeaving(props.name) }}
        type="button"
        data-testid={`chip-${props.name}`}
        aria-label={label()}
        onClick={() => {
          haptic('selection');
          const without = withoutFilter(chosenFilters(), props.name);
          void applyFilters(isLeaving(props.name) ? withRestored(props.name) : without);
        }}
      >
        {text()}
        <Icon name={isLeaving(props.name) ? 'refresh' : 'close'} />
      </button>
    </li>
  );
}

function AsideChoice(props: { name: Aside; icon: 'star' | 'hide' }) {
  return (
    <Quick
      testId={props.name}
      is={() => aside() === props.name}
      onPress={() => setAside(aside() === props.name ? null : props.name)}
    >
      <Icon name={props.icon} />
      {toolWords().aside[props.name](MARKED[props.name]().length)}
    </Quick>
  );
}

function Quick(props: {
  testId: string;
  /** Whether filters are what it stands for. */
  is: (of: Filters) => boolean;
  busy?: boolean;
  onPress: () => void;
  children: JSX.Element;
}) {
  const isChosen = () => props.is(chosenFilters());
  const waits = () => isChosen() !== props.is(filters());
  return (
    <li>
      <button
        class="chip"
        classList={{ 'chip-waiting': waits(), 'chip-leaving': waits() && !isChosen() }}
        type="button"
        data-testid={`quick-${props.testId}`}
        aria-pressed={isChosen()}
        aria-busy={props.busy === true}
        onClick={() => {
          haptic('selection');
          props.onPress();
        }}
      >
        {props.children}
      </button>
    </li>
  );
}

/** Whether these are filters for this day alone; CargoTech, when it answers, knows no end of a range. */
function isOnlyDay(day: string, { date_from, date_to }: Filters): boolean {
  return date_from === day && (date_to === day || (date_to === undefined && list.market() !== true));
}

function chooseDay(day: string): void {
  const rest = withoutFilter(chosenFilters(), 'date');
  if (isOnlyDay(day, chosenFilters())) void applyFilters(rest);
  else void applyFilters({ ...rest, date_from: day, ...(list.market() === true && { date_to: day }) });
}

const [locating, setLocating] = createSignal(false);
/** The place that was nearest to the driver when they asked for what is near. */
const [nearPlace, setNearPlace] = createSignal(storage.get(NEAR));

/** Where the search began, and in which order, before the driver asked for what is near. */
let before: { city: FilterCity | null; sort: Sort | undefined } | null = null;

/** Asks where the driver is, and for the cargos that are loaded nearest; or for what was searched before. */
async function chooseNear(isNear: boolean): Promise<void> {
  if (isNear) {
    const { sort, ...rest } = withoutFilter(chosenFilters(), 'start');
    const search = before?.city ? withCity(rest, 'start', before.city) : rest;
    // An order that was chosen since stays.
    const order = sort === 'deadhead' ? before?.sort : sort;
    return void applyFilters(order ? { ...search, sort: order } : search);
  }
  if (locating()) return;
  setLocating(true);
  try {
    const city = await here();
    if (city === 'refused' || city === 'unknown') return sayRefused(city);
    storage.set(NEAR, setNearPlace(city.id));
    // Other filters may have been chosen while the phone looked for its place.
    const chosen = chosenFilters();
    before = { city: cityOf(chosen, 'start'), sort: chosen.sort };
    await applyFilters({ ...withCity(chosen, 'start', city), sort: 'deadhead' });
  } catch (reason) {
    showToast(errorText(asApiError(reason)));
  } finally {
    setLocating(false);
  }
}

/** Whether CargoTech has to answer because the market does not know a city that an older version saved. */
function hasOldCity(): boolean {
  const { start_point_id, finish_point_id } = filters();
  return (start_point_id ?? finish_point_id) !== undefined;
}

/** The way to an order where there is none: the city has to be chosen again. */
function RenewCity() {
  return (
    <Show when={hasOldCity()}>
      <a class="sort" data-testid="renew-city" href={hrefOf({ name: 'filters' })}>
        <span>{toolWords().renewCity}</span>
      </a>
    </Show>
  );
}

/** The order of the list. CargoTech, when it answers, has only its own. */
export function SortChoice() {
  return (
    <Show when={list.market()} fallback={<RenewCity />}>
      <label class="sort">
        <span aria-hidden="true" data-testid="sort-shown">
          {toolWords().shortSorts[chosenFilters().sort ?? 'relevance']} ▾
        </span>
        <select
          aria-label={toolWords().sort}
          data-testid="sort"
          onChange={(event) => {
            const sort = SORTS.find((each) => each === event.currentTarget.value);
            const { sort: before, ...rest } = chosenFilters();
            // Nearest to what? To the driver, unless a city is chosen.
            if (sort === 'deadhead' && rest.from_place_id === undefined) {
              event.currentTarget.value = before ?? 'relevance';
              void chooseNear(false);
            } else {
              void applyFilters(sort ? { ...rest, sort } : rest);
            }
          }}
        >
          <For each={['relevance', ...SORTS] as const}>
            {(sort) => (
              <option value={sort} selected={sort === (chosenFilters().sort ?? 'relevance')}>
                {toolWords().sorts[sort]}
              </option>
            )}
          </For>
        </select>
      </label>
    </Show>
  );
}

/** Shows the new ones: they are on top in one order alone. The order before is a tap away. */
async function showNew(): Promise<void> {
  const { sort: before, ...rest } = chosenFilters();
  if (before === 'newest') return void refreshList();
  await applyFilters({ ...rest, sort: 'newest' });
  if (filters().sort !== 'newest') return;
  const restore = () => {
    const { sort: _, ...now } = chosenFilters();
    void applyFilters(before ? { ...now, sort: before } : now);
  };
  showToast(toolWords().sorts.newest, { text: toolWords().undo, press: restore });
}

/** How often it is asked whether there are new ones. */
const NEWS_MS = 60_000;

/** How many cargos are newer than the list, where they are seen from anywhere in it; a tap shows them. */
export function NewPill() {
  const [fresh, setFresh] = createSignal(0);
  createEffect(on(list.page, () => setFresh(0)));
  async function count(): Promise<void> {
    const page = list.page();
    const undisturbed = route().name === 'list' && !document.hidden && online() && list.status() === 'ready';
    if (!page || !undisturbed || !list.market() || list.fromCopy() || aside()) return;
    const query = parametersOf(list.applied());
    query.set('new_since', page.fetched_at);
    query.set('limit', '1');
    try {
      const { total } = await api.cargos(query.toString());
      if (list.page() === page) setFresh(total ?? 0);
    } catch {
      // The next minute comes.
    }
  }
  const timer = setInterval(() => void count(), NEWS_MS);
  onCleanup(() => clearInterval(timer));
  return (
    <span role="status">
      <Show when={!aside() && fresh()}>
        {(count) => (
          <button
            class="new-pill"
            type="button"
            data-testid="new-pill"
            onClick={() => {
              // Filters that are on their way bring the new ones with them.
              if (list.status() === 'loading') return;
              window.scrollTo(0, 0);
              void showNew();
            }}
          >
            {toolWords().fresh(count())}
          </button>
        )}
      </Show>
    </span>
  );
}

/** Marked cargos that can stand in place of the list. */
const MARKED = { saved, hidden };
type Aside = keyof typeof MARKED;

const [chosenAside, setAside] = createSignal<Aside | null>(null);

/** Which of them do; null for the list. */
export function aside(): Aside | null {
  const name = chosenAside();
  return name && MARKED[name]().length > 0 ? name : null;
}

/** The cargos that were saved or hidden, as they were seen last. */
export function AsideList() {
  createEffect(on(filters, () => setAside(null), { defer: true }));
  // Or it would stand there again as soon as the next cargo is marked.
  onCleanup(() => setAside(null));
  return (
    <>
      <p class="status-row small">{activeFilters(filters()).length > 0 && toolWords().unfiltered}</p>
      <Show when={aside() === 'hidden'} fallback={<Cards cards={saved()} testId="saved-list" />}>
        <Cards cards={hidden()} testId="hidden-list" action={(card) => <Restore card={card} />} />
      </Show>
    </>
  );
}

function Restore(props: { card: Card }) {
  return (
    <button
      class="button restore"
      type="button"
      data-testid="restore"
      aria-label={`${toolWords().restore}: ${routeText(props.card)}`}
      onClick={() => restoreCargo(props.card)}
    >
      {toolWords().restore}
    </button>
  );
}

/** How many of the cargos of the list are hidden, if any are. */
export function hiddenText(): string {
  const away = new Set(hidden().map(({ id }) => id));
  const count = list.cards().filter(({ id }) => away.has(id)).length;
  return count > 0 ? toolWords().hiddenHere(count) : '';
}

/** Says what of the filters and the order nobody can apply now; null when all of it holds. */
export function leftOutText(): string | null {
  const without = list.leftOut();
  const chips = activeFilters(without).map((name) => chipText(without, name));
  const order = without.sort && toolWords().order(toolWords().sorts[without.sort]);
  const texts = order ? [...chips, order] : chips;
  return texts.length > 0 ? toolWords().leftOut(texts.join(', '), list.isForNow(), chips.length > 0) : null;
}
