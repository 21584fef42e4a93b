import type { Authorised } from './client';
import type { Answer, Narrow } from './types';

/** A search that the driver has saved. Its filters are the list's query, each value as text. */
export type Search = Narrow<Answer<'SearchView'>, { filters: Record<string, string> }>;

export interface NewSearch {
  name: string;
  filters: Record<string, string>;
  sort: string | null;
}

export type SearchesApi = ReturnType<typeof createSearchesApi>;

/** The saved searches on the server. All calls may be repeated. */
export function createSearchesApi(authorised: Authorised) {
  const one = async (call: ReturnType<Authorised>) => ((await call).body as { search: Search }).search;
  return {
    async all(): Promise<Search[]> {
      return ((await authorised('searches')).body as { items: Search[] }).items;
    },

    /** Saves one; `key` is the same for every repeat, which gets the search that the first one saved. */
    save(search: NewSearch, key: string): Promise<Search> {
      return one(authorised('searches', { method: 'POST', body: search, headers: { 'idempotency-key': key } }));
    },

    change(id: string, search: NewSearch): Promise<Search> {
      return one(authorised(searchPath(id), { method: 'PUT', body: search }));
    },

    async delete(id: string): Promise<void> {
      await authorised(searchPath(id), { method: 'DELETE' });
    },

    /** Notes that the driver has seen what it finds now. */
    async opened(id: string): Promise<void> {
      await authorised(`${searchPath(id)}/opened`, { method: 'POST' });
    },
  };
}

function searchPath(id: string): string {
  return `searches/${encodeURIComponent(id)}`;
}
