import { chosenFilters, filters } from '../shell/app';
import { activeFilters, type FilterName, type Filters, parametersOf, withoutFilter } from './filters';

/** Filters that were chosen while nobody answered wait; the cards are still of those before. */

/** One of the filters alone. */
function partOf(of: Filters, name: FilterName): Filters {
  const rest = withoutFilter(of, name);
  return Object.fromEntries(Object.entries(of).filter(([key]) => !(key in rest)));
}

/** All that are in use or wait, in the order in which they are shown. */
export function shownFilters(): FilterName[] {
  return activeFilters({ ...filters(), ...chosenFilters() });
}

/** Whether it is to go as soon as somebody answers. */
export function isLeaving(name: FilterName): boolean {
  return !activeFilters(chosenFilters()).includes(name);
}

/** The filters of which a chip shows this one. */
export function sourceOf(name: FilterName): Filters {
  return isLeaving(name) ? filters() : chosenFilters();
}

/** Whether the cards do not follow it yet. */
export function isWaiting(name: FilterName): boolean {
  const [now, then] = [filters(), chosenFilters()].map((of) => parametersOf(partOf(of, name)).toString());
  return now !== then;
}

/** What is chosen, with this filter as the cards have it. */
export function withRestored(name: FilterName): Filters {
  return { ...chosenFilters(), ...partOf(filters(), name) };
}
