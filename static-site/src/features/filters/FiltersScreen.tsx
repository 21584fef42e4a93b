import { createEffect, createMemo, createSignal, on } from 'solid-js';
import { createStore, unwrap } from 'solid-js/store';
import { haptic } from '../../platform/telegram';
import { isoDay } from '../../ui/format';
import { applyFilters, chosenFilters } from '../shell/app';
import { filterCityText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { t } from '../shell/messages';
import { goBack } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { TruckChip } from '../truck/TruckChip';
import { createCounts } from './counts';
import { draftOf, filtersOf } from './draft';
import { DateGroup, DictionaryGroup } from './FilterGroups';
import { activeFilters, cleared, type FilterName, type Filters, filterOfField } from './filters';
import { filterWords } from './messages';
import {
  PlaceField,
  PriceGroups,
  RareGroups,
  type Sheet,
  type SheetErrors,
  SizeGroup,
  TermsGroup,
  toggle,
} from './SheetGroups';
import { USUAL_BODIES } from './usualBodies';
import './filters.css';

/** What most never ask for: it stands behind a tap. */
const RARE: FilterName[] = ['load_types', 'distance', 'owner_inn'];

/** The filter sheet. What is chosen counts when "Show" is pressed; going back leaves the filters as they were. */
export function FiltersScreen() {
  const fresh = (of: Filters) => draftOf(of, filterCityText);
  const [draft, setDraft] = createStore(fresh(chosenFilters()));
  const [errors, setErrors] = createSignal<SheetErrors>({});
  const [busy, setBusy] = createSignal(false);
  const sheet: Sheet = { draft, setDraft, errors };
  let form!: HTMLFormElement;
  const chosen = activeFilters(chosenFilters());
  // It stays open under the fingers of who puts right what was wrong in it.
  const rare = createMemo(
    (was: boolean) => was || RARE.some((name) => chosen.includes(name) || !!errors()[name]),
    false,
  );

  const counts = createCounts(() => {
    const checked = filtersOf(draft, isoDay(new Date()));
    return Object.keys(checked.errors).length > 0 ? null : checked.filters;
  });

  const total = () => {
    const known = counts();
    return known && !known.old ? known.total : null;
  };

  // What is wrong is told at a press, and until it is put right.
  createEffect(
    on(
      () => filtersOf(draft, isoDay(new Date())).errors,
      (wrong) => setErrors((told) => Object.fromEntries(Object.entries(told).filter(([name]) => name in wrong))),
      { defer: true },
    ),
  );

  async function show(): Promise<void> {
    const checked = filtersOf(unwrap(draft), isoDay(new Date()));
    const wrong: SheetErrors = {};
    for (const [name, code] of Object.entries(checked.errors)) wrong[name as FilterName] = filterWords().errors[code];
    if (Object.keys(wrong).length > 0) return refuse(wrong);
    setErrors({});
    setBusy(true);
    const refused = await applyFilters(checked.filters);
    setBusy(false);
    if (refused.length === 0) {
      window.scrollTo(0, 0);
      goBack();
      return;
    }
    // The server's own words are for engineers.
    for (const { field } of refused) {
      const name = filterOfField(field);
      if (name) wrong[name] = filterWords().refused[name];
    }
    refuse(wrong);
  }

  function refuse(wrong: SheetErrors): void {
    setErrors(wrong);
    haptic('error');
    form.querySelector('.field-error')?.scrollIntoView({ block: 'center' });
  }

  return (
    <main class="screen" data-testid="filters-screen">
      <ScreenHeader title={t().filters.title}>
        <button
          class="button button-plain"
          type="button"
          data-testid="reset"
          onClick={() => {
            haptic('selection');
            setDraft(fresh(cleared(chosenFilters())));
          }}
        >
          {filterWords().reset}
        </button>
      </ScreenHeader>
      <form
        ref={form}
        classList={{ 'counts-old': counts()?.old === true }}
        novalidate
        onSubmit={(event) => {
          event.preventDefault();
          void show();
        }}
      >
        <section class="panel">
          <PlaceField sheet={sheet} end="start" />
          <PlaceField sheet={sheet} end="finish" />
        </section>

        <DateGroup
          from={draft.date_from}
          to={draft.date_to}
          error={errors().date}
          onChange={(date_from, date_to) => setDraft({ date_from, date_to })}
        />
        <p class="for-truck">
          <TruckChip chosen={filtersOf(draft, isoDay(new Date())).filters} onChoose={(next) => setDraft(fresh(next))} />
        </p>

        <SizeGroup sheet={sheet} />
        <DictionaryGroup
          title={filterWords().truckTypes}
          name="truck-types"
          error={errors().truck_types}
          selected={draft.truck_types}
          counts={counts()?.truckTypes}
          usual={USUAL_BODIES}
          onToggle={(id) => toggle(sheet, 'truck_types', id)}
        />

        <PriceGroups sheet={sheet} />
        <TermsGroup sheet={sheet} counts={counts()?.terms} />
        <RareGroups sheet={sheet} open={rare()} />
        {/* Enter in any field is "Show". */}
        <button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true" />
      </form>
      <MainAction text={filterWords().show(total())} busy={busy()} onPress={() => void show()} />
    </main>
  );
}
