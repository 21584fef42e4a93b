import type { NewSearch, Search } from '../../api/searches';
import { type Filters, ordered, parametersOf, parseFilters } from '../filters/filters';

/** The longest name of a search, in letters. */
export const LONGEST_NAME = 60;

/** The list's filters and order of a saved search, without a day that has passed. */
export function filtersOf({ filters, sort }: Search, today: string): Filters {
  return parseFilters({ ...filters, sort }, today);
}

/** What a search of these filters is on the server: the order stands apart. */
export function searchOf(name: string, filters: Filters): NewSearch {
  const { sort = null, ...rest } = ordered(filters);
  const texts = Object.entries(rest).map(([key, value]) => [key, String(value)]);
  return { name, filters: Object.fromEntries(texts), sort };
}

/** The saved search that finds the same cargos. Another order of them makes no other search. */
export function searchFor(filters: Filters, searches: readonly Search[], today: string): Search | null {
  const wanted = identityOf(filters);
  return searches.find((search) => search.is_current && identityOf(filtersOf(search, today)) === wanted) ?? null;
}

function identityOf(filters: Filters): string {
  const query = parametersOf(filters);
  for (const name of ['truck_types', 'load_types'] as const) {
    const ids = filters[name];
    if (ids) query.set(name, [...ids].sort().join(','));
  }
  return query.toString();
}

/** A name for a search: its way first, then as many of its other filters as there is room for. */
export function nameFor(route: string, others: string[]): string {
  const [first, ...rest] = [route, ...others].filter(Boolean).map((text) => text.replace(/[\u00a0\u202f]/g, ' '));
  let name = first === undefined ? '' : first.charAt(0).toUpperCase() + first.slice(1);
  for (const text of rest) if (name.length + text.length + 2 <= LONGEST_NAME) name += `, ${text}`;
  return name.slice(0, LONGEST_NAME);
}
