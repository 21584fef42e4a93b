import { createSignal, createUniqueId, type JSX, onMount, Show } from 'solid-js';
import type { Choice } from '../../api/driver';
import { Choices } from '../../ui/Choices';
import { isoDay } from '../../ui/format';
import { choices, type Dictionary, list, loadChoices } from '../shell/app';
import { dateText } from '../shell/display';
import { t } from '../shell/messages';
import { filterWords } from './messages';

/** How many days are one tap away. */
const DAYS = 7;

/** A titled part of the sheet with the error of its filter. */
export function Group(props: { title: string; error: string | undefined; children: JSX.Element }) {
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
  /** How many cargos there are of each, where that is known. */
  counts?: ReadonlyMap<string, number> | undefined;
  /** The names of those that stand first; others that are not chosen wait behind a tap. */
  usual?: string[];
  onToggle: (id: string) => void;
}

/** Chips of a dictionary, which is loaded when the sheet first needs it. */
export function DictionaryGroup(props: DictionaryProps) {
  const [failed, setFailed] = createSignal(false);
  const [all, setAll] = createSignal(false);
  function load(): void {
    setFailed(false);
    loadChoices(props.name).catch(() => setFailed(true));
  }
  onMount(load);
  const isUsual = ({ name }: Choice) => props.usual?.includes(name) === true;
  const sorted = (options: Choice[]) => {
    const first = props.usual?.flatMap((name) => options.filter((choice) => choice.name === name)) ?? [];
    return [...first, ...options.filter((choice) => !isUsual(choice))];
  };
  const shown = (options: Choice[]) => {
    // A dictionary with other names has no usual ones.
    if (all() || !options.some(isUsual)) return sorted(options);
    return sorted(options).filter((choice) => isUsual(choice) || props.selected.includes(String(choice.id)));
  };
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
            options={shown(options())}
            text={(choice) => t().format.type(choice.name)}
            count={(choice) => props.counts && t().format.number(props.counts.get(String(choice.id)) ?? 0)}
            selected={(choice) => props.selected.includes(String(choice.id))}
            onSelect={(choice) => props.onToggle(String(choice.id))}
          >
            <Show when={!all() && shown(options()).length < options().length}>
              <button class="chip" type="button" data-testid={`${props.name}-all`} onClick={() => setAll(true)}>
                {filterWords().all(options().length)}
              </button>
            </Show>
          </Choices>
        )}
      </Show>
    </Group>
  );
}

interface DateProps {
  from: string;
  to: string;
  error: string | undefined;
  onChange: (from: string, to: string) => void;
}

/** The days of loading: one of the next by a tap, any others by their dates. */
export function DateGroup(props: DateProps) {
  const now = new Date();
  const days = Array.from({ length: DAYS }, (_, at) => isoDay(now, at));
  // Only the market knows the end of a range; CargoTech starts with a day and goes on.
  const ranges = () => list.market() === true || props.to !== '';
  const last = (day: string) => (ranges() ? day : '');
  const input = (value: string, label: string, testId: string, onInput: (day: string) => void) => (
    <label class="day">
      {label}
      <input
        type="date"
        min={days[0]}
        max={isoDay(now, 365)}
        data-testid={testId}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
  return (
    <Group title={filterWords().date} error={props.error}>
      <Choices
        label={filterWords().date}
        testId="date"
        options={['', ...days]}
        text={(date) => (date === '' ? filterWords().anyDate : dateText(date))}
        selected={(date) => props.from === date && props.to === last(date)}
        onSelect={(date) => props.onChange(date, last(date))}
      />
      <div class="pair">
        {input(props.from, filterWords().dateFrom, 'date-from', (day) => props.onChange(day, props.to))}
        <Show when={ranges()}>
          {input(props.to, filterWords().dateTo, 'date-to', (day) => props.onChange(props.from, day))}
        </Show>
      </div>
    </Group>
  );
}
