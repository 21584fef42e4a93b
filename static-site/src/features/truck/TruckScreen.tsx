import { createEffect, createSignal, onCleanup, onMount, Show } from 'solid-js';
import { createStore, reconcile, unwrap } from 'solid-js/store';
import type { Settlement, Truck } from '../../api/driver';
import { asApiError } from '../../api/error';
import { HOME } from '../../platform/personal';
import { confirmClosing, haptic } from '../../platform/telegram';
import { Choices } from '../../ui/Choices';
import { Field } from '../../ui/Field';
import { showToast } from '../../ui/toast';
import { CityField } from '../filters/CityField';
import { DictionaryGroup, Group } from '../filters/FilterGroups';
import { USUAL_BODIES } from '../filters/usualBodies';
import { api, driver, refreshList, rememberCity, session, storage } from '../shell/app';
import { errorText, settlementText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { t } from '../shell/messages';
import { goBack } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { truckWords } from './messages';
import { ASSUMED, draftOf, hasOwnVat, type NumberField, RANGES, TAXES, type TruckErrors, truckOf } from './truckDraft';
import '../filters/filters.css';
import './truck.css';

const VAT = [0, 5, 7];

type Texts = Partial<Record<keyof Truck, string>>;

/** What the home is called, as far as this phone knows. */
function homeText(truck: Truck | null): string {
  if (!truck?.home_place_id) return '';
  const kept = storage.get(HOME) as Settlement | null;
  return kept?.id === truck.home_place_id ? settlementText(kept) : t().filters.unknownCity;
}

/** The driver's truck, from which the profit of a cargo is worked out. */
export function TruckScreen() {
  const saved = () => driver()?.truck ?? null;
  const fresh = () => draftOf(saved(), homeText(saved()));
  const [draft, setDraft] = createStore(fresh());
  const [errors, setErrors] = createSignal<Texts>({});
  const [busy, setBusy] = createSignal(false);
  const dirty = () => JSON.stringify(draft) !== JSON.stringify(fresh());
  let home: Settlement | null = null;
  let form!: HTMLFormElement;

  onMount(async () => {
    try {
      const answer = await api.me();
      const untouched = !dirty();
      session.setDriver(answer);
      if (untouched) setDraft(reconcile(fresh()));
    } catch {
      // What the sign-in said is shown; saving will tell if there is no connection.
    }
  });
  createEffect(() => confirmClosing(dirty()));
  onCleanup(() => confirmClosing(false));

  function textOf(field: keyof Truck, code: TruckErrors[keyof Truck]): string {
    const { errors } = truckWords();
    if (field in RANGES) {
      const [min, max] = RANGES[field as NumberField];
      return code === 'number' ? errors.number : errors.range(min, max);
    }
    return field === 'truck_types' || field === 'home_place_id' ? errors[field] : errors.choice;
  }

  function refuse(wrong: TruckErrors): void {
    setErrors(
      Object.fromEntries(Object.entries(wrong).map(([field, code]) => [field, textOf(field as keyof Truck, code)])),
    );
    haptic('error');
    form.querySelector('.field-error')?.scrollIntoView({ block: 'center' });
  }

  async function save(): Promise<void> {
    const { truck, errors: wrong } = truckOf(unwrap(draft));
    if (Object.keys(wrong).length > 0) return refuse(wrong);
    setErrors({});
    setBusy(true);
    try {
      const answer = await api.saveMe({ truck });
      if (home) storage.set(HOME, home);
      session.setDriver(answer);
      haptic('success');
      showToast(truckWords().saved);
      // The cards say what is left with this truck.
      void refreshList(true);
      goBack();
    } catch (reason) {
      const error = asApiError(reason);
      // The server's own words are for engineers.
      const told = error.fields.map(({ field }) => [field.replace('truck.', ''), 'range'] as const);
      if (told.length > 0) return refuse(Object.fromEntries(told));
      haptic('error');
      showToast(errorText(error));
    } finally {
      setBusy(false);
    }
  }

  const number = (field: NumberField, placeholder = '', hint = '') => (
    <Field
      label={truckWords().fields[field]}
      error={errors()[field]}
      hint={<Show when={hint}>{(text) => <p class="small">{text()}</p>}</Show>}
    >
      {(id, aboutId) => (
        <input
          id={id}
          aria-describedby={aboutId}
          aria-invalid={!!errors()[field]}
          type="text"
          inputmode="decimal"
          autocomplete="off"
          placeholder={field in ASSUMED ? t().format.number(ASSUMED[field as keyof typeof ASSUMED]) : placeholder}
          data-testid={`truck-${field}`}
          value={draft.numbers[field]}
          onInput={(event) => setDraft('numbers', field, event.currentTarget.value)}
        />
      )}
    </Field>
  );

  return (
    <main class="screen truck-screen" data-testid="truck-screen">
      <ScreenHeader title={t().profile.truck} />
      <p class="truck-intro">{truckWords().intro}</p>
      <form
        ref={form}
        novalidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <DictionaryGroup
          title={truckWords().body}
          name="truck-types"
          error={errors().truck_types}
          selected={draft.truck_types}
          usual={USUAL_BODIES}
          onToggle={(id) =>
            setDraft('truck_types', (ids) => (ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]))
          }
        />
        <Group title={truckWords().groups.capacity} error={undefined}>
          <div class="pair">
            {number('capacity_kg', '20')}
            {number('volume_m3', '82')}
          </div>
        </Group>
        <Group title={truckWords().groups.fuel} error={undefined}>
          <div class="pair">
            {number('loaded_l_per_100km')}
            {number('empty_l_per_100km')}
          </div>
          {number('diesel_rub_per_l', truckWords().averagePrice)}
        </Group>
        <Group title={truckWords().groups.road} error={errors().platon}>
          <p class="truck-label">{truckWords().platon}</p>
          <Choices
            label={truckWords().platon}
            testId="truck-platon"
            options={[true, false]}
            text={(pays) => truckWords().pays(pays)}
            selected={(pays) => draft.platon === pays}
            onSelect={(pays) => setDraft('platon', (before) => (before === pays ? null : pays))}
          />
          <p class="small">{truckWords().platonHint}</p>
          <div class="pair">
            {number('tolls_rub_per_km')}
            {number('wear_rub_per_km')}
          </div>
        </Group>
        <Group title={truckWords().groups.days} error={undefined}>
          {number('fixed_rub_per_day', '', truckWords().fixedHint)}
          {number('km_per_day')}
          {number('goal_rub_per_day', '', truckWords().goalHint)}
        </Group>
        <Group title={truckWords().groups.taxes} error={errors().tax ?? errors().vat_percent}>
          <Choices
            label={truckWords().groups.taxes}
            testId="truck-tax"
            options={[...TAXES]}
            text={(tax) => truckWords().taxes[tax]}
            selected={(tax) => draft.tax === tax}
            onSelect={(tax) => setDraft('tax', (before) => (before === tax ? null : tax))}
          />
          <Show when={hasOwnVat(draft.tax)} fallback={<p class="small">{truckWords().taxesHint}</p>}>
            <p class="truck-label">{truckWords().vat}</p>
            <Choices
              label={truckWords().vat}
              testId="truck-vat"
              options={VAT}
              text={(percent) => truckWords().vatOf(percent)}
              selected={(percent) => (draft.vat_percent ?? 0) === percent}
              onSelect={(percent) => setDraft('vat_percent', percent)}
            />
          </Show>
        </Group>
        <Group title={truckWords().groups.home} error={undefined}>
          <CityField
            label={truckWords().home}
            text={draft.home.text}
            error={errors().home_place_id}
            hint={truckWords().homeHint}
            testId="home-city"
            onChange={(text, city) => {
              home = city;
              setDraft('home', { text, id: city?.id ?? null });
              if (city) rememberCity(city);
            }}
          />
        </Group>
        {/* Enter in any field saves. */}
        <button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true" />
      </form>
      <Show when={dirty() || busy()}>
        <MainAction text={truckWords().save} busy={busy()} onPress={() => void save()} />
      </Show>
    </main>
  );
}
