import { createEffect, createMemo, Show } from 'solid-js';
import { isoDay } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { chipText } from '../filters/chipText';
import { activeFilters, cityOf } from '../filters/filters';
import { chosenFilters, now, online } from '../shell/app';
import { filterRouteText } from '../shell/display';
import { searchWords } from './messages';
import { EditSheet, SaveSheet } from './SearchForm';
import { createSheet } from './Sheet';
import { filtersOf, nameFor, searchFor } from './search';
import { refreshSearches, searches, toldAt } from './searches';

/** One tap saves the filters of the list; where they are saved already, it says so and leads to the search. */
export function SaveSearch() {
  const [open, show] = createSheet();
  const today = () => isoDay(new Date(now()));
  const active = createMemo(() => activeFilters(chosenFilters()));
  const saved = createMemo(() => searchFor(chosenFilters(), searches(), today()));
  let asked = false;
  createEffect(() => {
    if (asked || toldAt() !== null || active().length === 0 || !online()) return;
    asked = true;
    void refreshSearches();
  });
  const name = () => {
    const chosen = chosenFilters();
    const route = cityOf(chosen, 'start') || cityOf(chosen, 'finish') ? filterRouteText(chosen) : '';
    const others = active().filter((each) => each !== 'start' && each !== 'finish');
    return nameFor(
      route,
      others.map((each) => chipText(chosen, each)),
    );
  };
  return (
    <Show when={active().length > 0}>
      <button
        class="icon-button save-search"
        type="button"
        data-testid="save-search"
        aria-label={saved() ? searchWords().saved(saved()?.name ?? '') : searchWords().save}
        aria-pressed={saved() !== null}
        onClick={show}
      >
        <Icon name="searches" />
      </button>
      <Show when={open()}>
        {/* It says what it was opened for until it closes. */}
        <Opened name={name()} />
      </Show>
    </Show>
  );

  function Opened(props: { name: string }) {
    const search = saved();
    if (!search) return <SaveSheet name={props.name} filters={chosenFilters()} />;
    return <EditSheet id={search.id} name={search.name} filters={filtersOf(search, today())} passed={false} />;
  }
}
