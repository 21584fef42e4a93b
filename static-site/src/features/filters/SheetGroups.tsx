import { type JSX, Show } from 'solid-js';
import type { SetStoreFunction } from 'solid-js/store';
import { Choices } from '../../ui/Choices';
import { Field } from '../../ui/Field';
import { rememberCity } from '../shell/app';
import { CityField } from './CityField';
import { sizesText } from './chipText';
import type { Counts } from './counts';
import { type Draft, type NumberField, sizeTexts } from './draft';
import { DictionaryGroup, Group } from './FilterGroups';
import { type End, type FilterName, type Filters, RADII, WEIGHT_VOLUMES } from './filters';
import { filterWords } from './messages';
import { sizesOf } from './sizes';

/** What is wrong with the sheet, in words. */
export type SheetErrors = Partial<Record<FilterName, string>>;

/** The sheet while it is being filled in. */
export interface Sheet {
  draft: Draft;
  setDraft: SetStoreFunction<Draft>;
  errors: () => SheetErrors;
}

/** What a cargo asks of a truck beside its size. */
const TERMS: ('partial_load' | 'round_trip')[] = ['partial_load', 'round_trip'];

/** Chooses a type of a dictionary, or not any more. */
export function toggle({ setDraft }: Sheet, key: 'truck_types' | 'load_types', id: string): void {
  setDraft(key, (ids) => (ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]));
}

function NumberInput(props: { sheet: Sheet; field: NumberField; label: string }): JSX.Element {
  return (
    <input
      type="text"
      inputmode="decimal"
      autocomplete="off"
      aria-label={props.label}
      placeholder={props.label}
      data-testid={props.field}
      value={props.sheet.draft.numbers[props.field]}
      onInput={(event) => props.sheet.setDraft('numbers', props.field, event.currentTarget.value)}
    />
  );
}

/** One end of the way: a city and how far around it. */
export function PlaceField(props: { sheet: Sheet; end: End }) {
  return (
    <div class="place">
      <CityField
        label={filterWords()[props.end]}
        text={props.sheet.draft[props.end].text}
        error={props.sheet.errors()[props.end]}
        hint={props.sheet.draft[props.end].type === null ? undefined : filterWords().oldCity}
        testId={`${props.end}-city`}
        onChange={(text, city) => {
          props.sheet.setDraft(props.end, { text, id: city?.id ?? null, type: null, name: city?.name ?? null });
          if (city) rememberCity(city);
        }}
      />
      <Show when={props.sheet.draft[props.end].id !== null}>
        <Choices
          label={`${filterWords()[props.end]}: ${filterWords().radius}`}
          testId={`${props.end}-radius`}
          options={RADII}
          text={(radius) => filterWords().radiusValue(radius)}
          selected={(radius) => props.sheet.draft[props.end].radius === radius}
          onSelect={(radius) => props.sheet.setDraft(props.end, 'radius', radius)}
        />
      </Show>
    </div>
  );
}

/** From and to, as numbers. */
function RangeField(props: { sheet: Sheet; title: string; name: 'tonnes' | 'cubic_metres' }) {
  return (
    <div class="field" role="group" aria-label={props.title}>
      <p class="range-title">{props.title}</p>
      <div class="pair">
        <NumberInput sheet={props.sheet} field={`${props.name}_min`} label={filterWords().min} />
        <NumberInput sheet={props.sheet} field={`${props.name}_max`} label={filterWords().max} />
      </div>
    </div>
  );
}

/** What cargos weigh and how much room they take: what fits into the usual trucks is one tap away. */
export function SizeGroup(props: { sheet: Sheet }) {
  const filtersFor = (id: string): Filters => (id === '' ? {} : { weight_volume: id });
  const isChosen = (id: string) =>
    Object.entries(sizeTexts(filtersFor(id))).every(([field, text]) => {
      const typed = props.sheet.draft.numbers[field as NumberField];
      return typed.trim() === text;
    });
  return (
    <Group title={filterWords().size} error={props.sheet.errors().weight_volume}>
      <Choices
        label={filterWords().size}
        testId="weight-volume"
        options={['', ...WEIGHT_VOLUMES.map(({ id }) => id)]}
        text={(id) => sizesText(sizesOf(filtersFor(id))) || filterWords().any}
        selected={isChosen}
        onSelect={(id) => props.sheet.setDraft('numbers', sizeTexts(filtersFor(id)))}
      />
      <RangeField sheet={props.sheet} title={filterWords().tonnes} name="tonnes" />
      <RangeField sheet={props.sheet} title={filterWords().cubicMetres} name="cubic_metres" />
    </Group>
  );
}

/** What is paid. */
export function PriceGroups(props: { sheet: Sheet }) {
  return (
    <>
      <Group title={filterWords().price} error={props.sheet.errors().price ?? props.sheet.errors().has_price}>
        <div class="pair">
          <NumberInput sheet={props.sheet} field="price_min" label={filterWords().min} />
          <NumberInput sheet={props.sheet} field="price_max" label={filterWords().max} />
        </div>
        <Choices
          label={filterWords().price}
          testId="terms-price"
          options={['has_price'] as const}
          text={(name) => filterWords().chip[name]}
          selected={(name) => props.sheet.draft[name]}
          onSelect={(name) => props.sheet.setDraft(name, (chosen) => !chosen)}
        />
      </Group>
      <Group title={filterWords().pricePerKm} error={props.sheet.errors().price_per_km_min}>
        <div class="pair">
          <NumberInput sheet={props.sheet} field="price_per_km_min" label={filterWords().min} />
        </div>
      </Group>
    </>
  );
}

/** What only the market knows, and not of every cargo: what fits none is not offered. */
export function TermsGroup(props: { sheet: Sheet; counts: Counts['terms'] | undefined }) {
  const offered = () => TERMS.filter((name) => props.sheet.draft[name] || (props.counts?.[name] ?? 0) > 0);
  return (
    <Show when={offered().length > 0}>
      <Group title={filterWords().terms} error={props.sheet.errors().partial_load ?? props.sheet.errors().round_trip}>
        <Choices
          label={filterWords().terms}
          testId="terms"
          options={offered()}
          text={(name) => filterWords().chip[name]}
          selected={(name) => props.sheet.draft[name]}
          onSelect={(name) => props.sheet.setDraft(name, (chosen) => !chosen)}
        />
      </Group>
    </Show>
  );
}

/** What most never ask for, behind a tap. */
export function RareGroups(props: { sheet: Sheet; open: boolean }) {
  return (
    <details class="disclosure rare" open={props.open}>
      <summary data-testid="filters-more">{filterWords().more}</summary>
      <DictionaryGroup
        title={filterWords().loadTypes}
        name="load-types"
        error={props.sheet.errors().load_types}
        selected={props.sheet.draft.load_types}
        onToggle={(id) => toggle(props.sheet, 'load_types', id)}
      />
      <Group title={filterWords().distance} error={props.sheet.errors().distance}>
        <div class="pair">
          <NumberInput sheet={props.sheet} field="distance_min" label={filterWords().min} />
          <NumberInput sheet={props.sheet} field="distance_max" label={filterWords().max} />
        </div>
      </Group>

      <section class="panel">
        <Field label={filterWords().inn} error={props.sheet.errors().owner_inn}>
          {(id, aboutId) => (
            <input
              id={id}
              aria-describedby={aboutId}
              aria-invalid={!!props.sheet.errors().owner_inn}
              type="text"
              inputmode="numeric"
              autocomplete="off"
              data-testid="owner-inn"
              value={props.sheet.draft.owner_inn}
              onInput={(event) => props.sheet.setDraft('owner_inn', event.currentTarget.value)}
            />
          )}
        </Field>
      </section>
    </details>
  );
}
