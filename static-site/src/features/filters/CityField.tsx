import { createEffect, createMemo, createSignal, createUniqueId, For, on, onCleanup, Show } from 'solid-js';
import type { Settlement } from '../../api/driver';
import { haptic } from '../../platform/telegram';
import { Field } from '../../ui/Field';
import { Icon } from '../../ui/Icon';
import { api, recentCities } from '../shell/app';
import { settlementText } from '../shell/display';
import { language } from '../shell/messages';
import { filterWords } from './messages';

const DELAY_MS = 250;

interface Props {
  label: string;
  text: string;
  error: string | undefined;
  hint: string | undefined;
  testId: string;
  /** Another text, and the city it stands for once one is chosen. */
  onChange: (text: string, city: Settlement | null) => void;
}

/** What tells places of one name apart. Older versions remembered it in Russian alone. */
function nearText({ near, near_en }: Settlement): string | null {
  return (language() === 'en' ? near_en : null) ?? near ?? null;
}

/** A city by its name, completed while typing (an ARIA combobox). Empty, it offers the cities chosen last. */
export function CityField(props: Props) {
  const listId = createUniqueId();
  const [open, setOpen] = createSignal(false);
  const [found, setFound] = createSignal<Settlement[] | null>(null);
  const [failed, setFailed] = createSignal(false);
  const [current, setCurrent] = createSignal(-1);
  const [typed, setTyped] = createSignal('');
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;
  let input!: HTMLInputElement;

  const options = createMemo((): Settlement[] => (!open() ? [] : typed() === '' ? recentCities() : (found() ?? [])));
  const optionId = (at: number) => `${listId}-${at}`;

  function stop(): void {
    clearTimeout(timer);
    running?.abort();
  }
  onCleanup(stop);

  async function find(text: string): Promise<void> {
    const mine = new AbortController();
    running = mine;
    try {
      const cities = await api.places(text, mine.signal);
      if (mine.signal.aborted) return;
      setFound(cities);
      setFailed(false);
    } catch {
      if (!mine.signal.aborted) setFailed(true);
    }
  }

  function type(text: string): void {
    stop();
    props.onChange(text, null);
    setTyped(text.trim());
    setOpen(true);
    setFailed(false);
    if (text.trim() === '') setFound(null);
    else timer = setTimeout(() => void find(text.trim()), DELAY_MS);
  }

  function choose(city: Settlement): void {
    stop();
    haptic('selection');
    props.onChange(settlementText(city), city);
    setOpen(false);
    setTyped('');
    setFound(null);
  }

  function clear(): void {
    type('');
    input.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const down = event.key === 'ArrowDown';
    const up = event.key === 'ArrowUp';
    // An arrow opens a list that Escape has closed.
    if (down || up) setOpen(true);
    const last = options().length - 1;
    if (event.key === 'Escape' && open()) {
      event.stopPropagation();
      setOpen(false);
    } else if ((down || up) && last >= 0) {
      event.preventDefault();
      if (down) setCurrent(current() < last ? current() + 1 : 0);
      else setCurrent(current() > 0 ? current() - 1 : last);
    } else if (event.key === 'Enter' && open()) {
      event.preventDefault();
      const city = options()[Math.max(current(), 0)];
      if (city) choose(city);
    }
  }

  createEffect(on(options, () => setCurrent(-1)));

  return (
    <Field label={props.label} error={props.error} hint={props.hint && <p class="small">{props.hint}</p>}>
      {(id, aboutId) => (
        <div class="city">
          <input
            id={id}
            aria-describedby={aboutId}
            aria-invalid={!!props.error}
            ref={input}
            type="text"
            role="combobox"
            autocomplete="off"
            autocapitalize="words"
            spellcheck={false}
            enterkeyhint="search"
            aria-autocomplete="list"
            aria-expanded={options().length > 0}
            aria-controls={listId}
            aria-activedescendant={current() >= 0 ? optionId(current()) : undefined}
            placeholder={filterWords().cityPlaceholder}
            data-testid={props.testId}
            value={props.text}
            onInput={(event) => type(event.currentTarget.value)}
            onFocus={() => {
              setOpen(true);
              // To the top, where the keyboard does not cover the cities under it.
              input.scrollIntoView({ block: 'start' });
            }}
            onBlur={() => setOpen(false)}
            onKeyDown={onKeyDown}
          />
          <Show when={props.text}>
            <button class="icon-button" type="button" aria-label={filterWords().clearCity} onClick={clear}>
              <Icon name="close" />
            </button>
          </Show>
          <ul class="options" role="listbox" id={listId} aria-label={props.label} hidden={options().length === 0}>
            <Show when={typed() === ''}>
              <li class="small" role="presentation">
                {filterWords().recent}
              </li>
            </Show>
            <For each={options()}>
              {(city, at) => (
                <li
                  role="option"
                  id={optionId(at())}
                  aria-selected={current() === at()}
                  // The input keeps the focus, and with it the keyboard, until the tap is done.
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => choose(city)}
                >
                  {settlementText(city)}
                  <Show when={nearText(city)}>{(near) => <span class="small">{filterWords().near(near())}</span>}</Show>
                </li>
              )}
            </For>
          </ul>
          <p class="small" role="status">
            <Show when={open() && typed() !== ''}>
              <Show when={!failed()} fallback={filterWords().citiesFailed}>
                <Show when={found()}>
                  {(cities) => (
                    <span classList={{ 'visually-hidden': cities().length > 0 }}>
                      {cities().length > 0 ? filterWords().found(cities().length) : filterWords().nothingFound}
                    </span>
                  )}
                </Show>
              </Show>
            </Show>
          </p>
        </div>
      )}
    </Field>
  );
}
