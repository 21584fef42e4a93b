import { createSignal, Show } from 'solid-js';
import { createStore, unwrap } from 'solid-js/store';
import { haptic } from '../../platform/telegram';
import { Choices } from '../../ui/Choices';
import { Field } from '../../ui/Field';
import { isoDay } from '../../ui/format';
import { applyFilters, filters, list, rememberCity, wanted } from '../shell/app';
import { MainAction } from '../shell/MainAction';
import { t } from '../shell/messages';
import { goBack } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { CityField } from './CityField';
import { weightVolumeText } from './chipText';
import { createCounts } from './counts';
import { draftOf, filtersOf, type NumberField } from './draft';
import { DateGroup, DictionaryGroup, Group } from './FilterGroups';
import {
  activeFilters,
  cleared,
  type End,
  type FilterName,
  type Filters,
  filterOfField,
  RADII,
  WEIGHT_VOLUMES,
} from './filters';
import { filterWords } from './messages';
import './filters.css';

/** What most never ask for: it stands behind a tap. */
const RARE: FilterName[] = ['load_types', 'distance', 'owner_inn'];

/** What a cargo asks of a truck beside its size. */
const TERMS: ('partial_load' | 'round_trip')[] = ['partial_load', 'round_trip'];

type Errors = Partial<Record<FilterName, string>>;

/** The filter sheet. What is chosen counts when "Show" is pressed; going back leaves the filters as they were. */
export function FiltersScreen() {
  const fresh = (of: Filters) => draftOf(of, t().filters.unknownCity);
  const [draft, setDraft] = createStore(fresh(wanted() ?? filters()));
  const [errors, setErrors] = createSignal<Errors>({});
  const [busy, setBusy] = createSignal(false);
  let form!: HTMLFormElement;
  const chosen = activeFilters(wanted() ?? filters());
  const rare = () => RARE.some((name) => chosen.includes(name) || errors()[name]);

  const counts = createCounts(() => {
    const checked = filtersOf(draft, isoDay(new Date()));
    return Object.keys(checked.errors).length > 0 ? null : checked.filters;
  });

  async function show(): Promise<void> {
    const checked = filtersOf(unwrap(draft), isoDay(new Date()));
    const wrong: Errors = {};
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

  function refuse(wrong: Errors): void {
    setErrors(wrong);
    haptic('error');
    form.querySelector('.field-error')?.scrollIntoView({ block: 'center' });
  }

  function toggle(key: 'truck_types' | 'load_types', id: string): void {
    setDraft(key, (ids) => (ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]));
  }

  const place = (end: End) => (
    <div class="place">
      <CityField
        label={filterWords()[end]}
        text={draft[end].text}
        error={errors()[end]}
        testId={`${end}-city`}
        onChange={(text, city) => {
          setDraft(end, { text, id: city?.id ?? null, type: null, name: city && text });
          if (city) rememberCity(city);
        }}
      />
      <Show when={draft[end].id !== null}>
        <Choices
          label={`${filterWords()[end]}: ${filterWords().radius}`}
          testId={`${end}-radius`}
          options={RADII}
          text={(radius) => filterWords().radiusValue(radius)}
          selected={(radius) => draft[end].radius === radius}
          onSelect={(radius) => setDraft(end, 'radius', radius)}
        />
      </Show>
    </div>
  );

  const numberInput = (field: NumberField, label: string) => (
    <input
      type="text"
      inputmode="decimal"
      autocomplete="off"
      aria-label={label}
      placeholder={label}
      data-testid={field}
      value={draft.numbers[field]}
      onInput={(event) => setDraft('numbers', field, event.currentTarget.value)}
    />
  );

  return (
    <main class="screen" data-testid="filters-screen">
      <ScreenHeader title={t().filters.title}>
        <button
          class="button button-plain"
          type="button"
          data-testid="reset"
          onClick={() => {
            haptic('selection');
            setErrors({});
            setDraft(fresh(cleared(filters())));
          }}
        >
          {filterWords().reset}
        </button>
      </ScreenHeader>
      <form
        ref={form}
        novalidate
        onSubmit={(event) => {
          event.preventDefault();
          void show();
        }}
      >
        <section class="panel">
          {place('start')}
          {place('finish')}
        </section>

        <DateGroup
          from={draft.date_from}
          to={draft.date_to}
          error={errors().date}
          onChange={(date_from, date_to) => setDraft({ date_from, date_to })}
        />

        <Group title={filterWords().weightVolume} error={errors().weight_volume}>
          <Choices
            label={filterWords().weightVolume}
            testId="weight-volume"
            options={['any', ...WEIGHT_VOLUMES.map(({ id }) => id), 'own']}
            text={(id) =>
              id === 'any' ? filterWords().any : id === 'own' ? filterWords().ownPair : weightVolumeText(id)
            }
            selected={(id) => draft.weight_volume === id}
            onSelect={(id) => setDraft('weight_volume', id)}
          />
          <Show when={draft.weight_volume === 'own'}>
            <div class="pair">
              {numberInput('tonnes', filterWords().tonnes)}
              {numberInput('cubic_metres', filterWords().cubicMetres)}
            </div>
          </Show>
        </Group>

        <DictionaryGroup
          title={filterWords().truckTypes}
          name="truck-types"
          error={errors().truck_types}
          selected={draft.truck_types}
          counts={counts()?.truckTypes}
          onToggle={(id) => toggle('truck_types', id)}
        />

        <Group title={filterWords().price} error={errors().price ?? errors().has_price}>
          <div class="pair">
            {numberInput('price_min', filterWords().min)}
            {numberInput('price_max', filterWords().max)}
          </div>
          <Choices
            label={filterWords().price}
            testId="terms-price"
            options={['has_price'] as const}
            text={(name) => filterWords().chip[name]}
            selected={(name) => draft[name]}
            onSelect={(name) => setDraft(name, (chosen) => !chosen)}
          />
        </Group>
        <Group title={filterWords().pricePerKm} error={errors().price_per_km_min}>
          <div class="pair">{numberInput('price_per_km_min', filterWords().min)}</div>
        </Group>
        {/* Only the market knows them. */}
        <Show when={list.market() !== false || TERMS.some((name) => draft[name])}>
          <Group title={filterWords().terms} error={errors().partial_load ?? errors().round_trip}>
            <Choices
              label={filterWords().terms}
              testId="terms"
              options={TERMS}
              text={(name) => filterWords().chip[name]}
              selected={(name) => draft[name]}
              onSelect={(name) => setDraft(name, (chosen) => !chosen)}
            />
          </Group>
        </Show>
        <details class="disclosure rare" open={rare()}>
          <summary data-testid="filters-more">{filterWords().more}</summary>
          <DictionaryGroup
            title={filterWords().loadTypes}
            name="load-types"
            error={errors().load_types}
            selected={draft.load_types}
            onToggle={(id) => toggle('load_types', id)}
          />
          <Group title={filterWords().distance} error={errors().distance}>
            <div class="pair">
              {numberInput('distance_min', filterWords().min)}
              {numberInput('distance_max', filterWords().max)}
            </div>
          </Group>

          <section class="panel">
            <Field label={filterWords().inn} error={errors().owner_inn}>
              {(id, aboutId) => (
                <input
                  id={id}
                  aria-describedby={aboutId}
                  aria-invalid={!!errors().owner_inn}
                  type="text"
                  inputmode="numeric"
                  autocomplete="off"
                  data-testid="owner-inn"
                  value={draft.owner_inn}
                  onInput={(event) => setDraft('owner_inn', event.currentTarget.value)}
                />
              )}
            </Field>
          </section>
        </details>
        {/* Enter in any field is "Show". */}
        <button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true" />
      </form>
      <MainAction text={filterWords().show(counts()?.total ?? null)} busy={busy()} onPress={() => void show()} />
    </main>
  );
}
