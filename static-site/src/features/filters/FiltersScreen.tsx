import { createSignal, createUniqueId, type JSX, onMount, Show } from 'solid-js';
import { createStore, unwrap } from 'solid-js/store';
import { haptic } from '../../platform/telegram';
import { Choices } from '../../ui/Choices';
import { Field } from '../../ui/Field';
import { isoDay } from '../../ui/format';
import { applyFilters, choices, type Dictionary, filters, loadChoices, rememberCity, wanted } from '../shell/app';
import { dateText, weightVolumeText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { t } from '../shell/messages';
import { goBack } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { CityField } from './CityField';
import { draftOf, filtersOf, type NumberField } from './draft';
import {
  activeFilters,
  type End,
  type FilterName,
  type Filters,
  filterOfField,
  RADII,
  WEIGHT_VOLUMES,
} from './filters';
import { filterWords } from './messages';
import './filters.css';

/** How many days are one tap away. */
const DAYS = 7;
/** What most never ask for: it stands behind a tap. */
const RARE: FilterName[] = ['load_types', 'distance', 'owner_inn'];

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

  const today = isoDay(new Date());
  const days = Array.from({ length: DAYS }, (_, at) => isoDay(new Date(), at));

  async function show(): Promise<void> {
    const checked = filtersOf(unwrap(draft), today);
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
        label={t().filters[end]}
        text={draft[end].text}
        error={errors()[end]}
        testId={`${end}-city`}
        onChange={(text, city) => {
          setDraft(end, { text, id: city?.id ?? null, type: city?.type ?? null, name: city?.name ?? null });
          if (city) rememberCity(city);
        }}
      />
      <Show when={draft[end].id !== null}>
        <Choices
          label={`${t().filters[end]}: ${filterWords().radius}`}
          testId={`${end}-radius`}
          options={RADII}
          text={(radius) => t().filters.radiusValue(radius)}
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
            setDraft(fresh({}));
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

        <Group title={filterWords().date} error={errors().start_date}>
          <Choices
            label={filterWords().date}
            testId="date"
            options={['', ...days]}
            text={(date) => (date === '' ? filterWords().anyDate : dateText(date))}
            selected={(date) => draft.start_date === date}
            onSelect={(date) => setDraft('start_date', date)}
          />
          <input
            type="date"
            min={today}
            max={isoDay(new Date(), 365)}
            aria-label={filterWords().otherDate}
            data-testid="start-date"
            value={draft.start_date}
            onInput={(event) => setDraft('start_date', event.currentTarget.value)}
          />
        </Group>

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
          title={t().filters.truckTypes}
          name="truck-types"
          error={errors().truck_types}
          selected={draft.truck_types}
          onToggle={(id) => toggle('truck_types', id)}
        />

        <Group title={filterWords().price} error={errors().price}>
          <div class="pair">
            {numberInput('price_min', filterWords().min)}
            {numberInput('price_max', filterWords().max)}
          </div>
        </Group>
        <Group title={filterWords().pricePerKm} error={errors().price_per_km_min}>
          <div class="pair">{numberInput('price_per_km_min', filterWords().min)}</div>
        </Group>
        <details class="disclosure rare" open={rare()}>
          <summary data-testid="filters-more">{filterWords().more}</summary>
          <DictionaryGroup
            title={t().filters.loadTypes}
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
      <MainAction text={filterWords().show} busy={busy()} onPress={() => void show()} />
    </main>
  );
}

/** A titled part of the sheet with the error of its filter. */
function Group(props: { title: string; error: string | undefined; children: JSX.Element }) {
  const id = createUniqueId();
  return (
    <section class="panel" classList={{ 'field-wrong': !!props.error }} role="group" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      {props.children}
      <Show when={props.error}>
        <p class="field-error" role="alert">
          {props.error}
        </p>
      </Show>
    </section>
  );
}

interface DictionaryProps {
  title: string;
  name: Dictionary;
  error: string | undefined;
  selected: string[];
  onToggle: (id: string) => void;
}

/** Chips of a dictionary, which is loaded when the sheet first needs it. */
function DictionaryGroup(props: DictionaryProps) {
  const [failed, setFailed] = createSignal(false);
  function load(): void {
    setFailed(false);
    loadChoices(props.name).catch(() => setFailed(true));
  }
  onMount(load);
  return (
    <Group title={props.title} error={props.error}>
      <Show
        when={choices(props.name)}
        fallback={
          <Show when={failed()} fallback={<p class="small">{t().loading}</p>}>
            <p>{filterWords().choicesFailed}</p>
            <button class="button" type="button" onClick={load}>
              {t().retry}
            </button>
          </Show>
        }
      >
        {(options) => (
          <Choices
            label={props.title}
            testId={props.name}
            options={options()}
            text={(choice) => choice.name}
            selected={(choice) => props.selected.includes(String(choice.id))}
            onSelect={(choice) => props.onToggle(String(choice.id))}
          />
        )}
      </Show>
    </Group>
  );
}
