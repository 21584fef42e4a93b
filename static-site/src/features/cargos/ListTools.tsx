import { createSignal, For, type JSX, Show } from 'solid-js';
import { asApiError } from '../../api/error';
import { haptic } from '../../platform/telegram';
import { isoDay } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { showToast } from '../../ui/toast';
import { chipText } from '../filters/chipText';
import { type FilterName, SORTS, withoutFilter } from '../filters/filters';
import { applyFilters, filters, list, now } from '../shell/app';
import { errorText } from '../shell/display';
import { hereFilters, sayRefused } from './near';
import { toolWords } from './toolWords';
import './listTools.css';

/** One tap away: what is near, what is loaded today or tomorrow; and the filters in use, which one tap takes away. */
export function Chips(props: { active: FilterName[] }) {
  const today = () => isoDay(new Date(now()));
  const tomorrow = () => isoDay(new Date(now()), 1);
  const isNear = () => filters().sort === 'deadhead';
  /** Chosen in full by a chip of its own. */
  const isShown = (name: FilterName) => name === 'date' && (isOnlyDay(today()) || isOnlyDay(tomorrow()));
  return (
    <div class="chips">
      <ul aria-label={toolWords().quick}>
        <Quick testId="near" pressed={isNear()} busy={locating()} onPress={() => void chooseNear(isNear())}>
          <Icon name="navigator" />
          {toolWords().near}
        </Quick>
        <Quick testId="today" pressed={isOnlyDay(today())} onPress={() => chooseDay(today())}>
          {toolWords().today}
        </Quick>
        <Quick testId="tomorrow" pressed={isOnlyDay(tomorrow())} onPress={() => chooseDay(tomorrow())}>
          {toolWords().tomorrow}
        </Quick>
      </ul>
      <Show when={props.active.length > 0}>
        <ul aria-label={toolWords().chips} data-testid="filter-chips">
          <For each={props.active.filter((name) => !isShown(name))}>
            {(name) => (
              <li>
                <button
                  class="chip chip-removable"
                  type="button"
                  data-testid={`chip-${name}`}
                  aria-label={toolWords().remove(chipText(filters(), name))}
                  onClick={() => {
                    haptic('selection');
                    void applyFilters(withoutFilter(filters(), name));
                  }}
                >
                  {chipText(filters(), name)}
                  <Icon name="close" />
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </div>
  );
}

function Quick(props: {
  testId: string;
  pressed: boolean;
  busy?: boolean;
  onPress: () => void;
  children: JSX.Element;
}) {
  return (
    <li>
      <button
        class="chip"
        type="button"
        data-testid={`quick-${props.testId}`}
        aria-pressed={props.pressed}
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

/** Whether the list is of this day alone; CargoTech, when it answers, knows no end of a range. */
function isOnlyDay(day: string): boolean {
  const { date_from, date_to } = filters();
  return date_from === day && (date_to === day || (date_to === undefined && list.market() !== true));
}

function chooseDay(day: string): void {
  const rest = withoutFilter(filters(), 'date');
  if (isOnlyDay(day)) void applyFilters(rest);
  else void applyFilters({ ...rest, date_from: day, ...(list.market() === true && { date_to: day }) });
}

const [locating, setLocating] = createSignal(false);

/** Asks where the driver is, and for the cargos that are loaded nearest; or for those from everywhere again. */
async function chooseNear(isNear: boolean): Promise<void> {
  if (isNear) return void applyFilters(withoutFilter(filters(), 'start'));
  if (locating()) return;
  setLocating(true);
  try {
    const next = await hereFilters(filters());
    if (typeof next === 'string') sayRefused(next);
    else await applyFilters(next);
  } catch (reason) {
    showToast(errorText(asApiError(reason)));
  } finally {
    setLocating(false);
  }
}

/** The order of the list. CargoTech, when it answers, has only its own. */
export function SortChoice() {
  return (
    <Show when={list.market()}>
      <label class="sort">
        <span aria-hidden="true" data-testid="sort-shown">
          {toolWords().shortSorts[filters().sort ?? 'relevance']} ▾
        </span>
        <select
          aria-label={toolWords().sort}
          data-testid="sort"
          onChange={(event) => {
            const sort = SORTS.find((each) => each === event.currentTarget.value);
            const { sort: before, ...rest } = filters();
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
              <option value={sort} selected={sort === (filters().sort ?? 'relevance')}>
                {toolWords().sorts[sort]}
              </option>
            )}
          </For>
        </select>
      </label>
    </Show>
  );
}

/** Says which filters nobody can apply now. */
export function leftOutText(names: FilterName[]): string {
  return toolWords().leftOut(names.map((name) => chipText(filters(), name)).join(', '));
}
