import { createEffect, createSignal, type JSX, on, Show } from 'solid-js';
import type { Filters } from '../../api/admin';
import { w } from '../messages';
import { hrefOf, replaceRoute, route } from '../route';
import { Input } from './fields';
import { Icon } from './Icon';

/** What connects an input or a menu to the filter of this name. */
type FieldOf = (name: string) => {
  name: string;
  readonly value: string;
  onInput: (value: string) => void;
  onChange: (value: string) => void;
};

interface Props {
  /** The names of the filters in the address. */
  names: readonly string[];
  /** The one field that is always in sight. */
  search?: { name: string; label: string };
  /** The further fields. */
  children?: (field: FieldOf) => JSX.Element;
}

/** The filters of the address, as the list's query takes them. */
export function filtersOf(names: readonly string[]): Filters {
  const { query } = route();
  return Object.fromEntries(names.filter((name) => query[name]).map((name) => [name, query[name]]));
}

interface DaysProps {
  names: readonly [from: string, until: string];
  labels: readonly [from: string, until: string];
  field: FieldOf;
}

/** The first and the last day of a span. */
export function Days(props: DaysProps) {
  const input = (place: 0 | 1) => (
    <Input label={props.labels[place]} {...props.field(props.names[place])} type="date" />
  );
  return [input(0), input(1)];
}

/** Filters of a list. The address has them, so that back leads to the same list and a link can be shared. */
export function FilterBar(props: Props) {
  const applied = () => filtersOf(props.names);
  const [draft, setDraft] = createSignal<Filters>(applied());
  const further = () => props.names.filter((name) => name !== props.search?.name);
  const active = () => further().filter((name) => applied()[name]).length;
  const [open, setOpen] = createSignal(false);
  createEffect(
    on(
      () => JSON.stringify(applied()),
      () => setDraft(applied()),
      { defer: true },
    ),
  );

  function apply(filters: Filters): void {
    const trimmed = Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, value?.trim()]));
    replaceRoute(hrefOf(route().section, route().id, route().tab, trimmed));
  }
  const set = (name: string, value: string) => setDraft({ ...draft(), [name]: value });
  const field: FieldOf = (name) => {
    const write = (value: string) => set(name, value);
    return {
      name,
      get value() {
        return draft()[name] ?? '';
      },
      onInput: write,
      onChange: write,
    };
  };
  return (
    <form
      class="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        apply(draft());
        setOpen(false);
      }}
    >
      <div class="filters-row">
        <Show when={props.search}>
          {(search) => (
            <input
              class="filters-search"
              type="search"
              enterkeyhint="search"
              aria-label={search().label}
              placeholder={search().label}
              data-testid="search"
              value={draft()[search().name] ?? ''}
              onInput={(event) => {
                set(search().name, event.currentTarget.value);
                // The cross of the field.
                if (event.currentTarget.value === '' && applied()[search().name])
                  apply({ ...draft(), [search().name]: '' });
              }}
            />
          )}
        </Show>
        <Show when={props.search}>
          <button class="button button-small" type="submit" data-testid="find" aria-label={w().find}>
            <Icon name="search" />
          </button>
        </Show>
        <Show when={props.children}>
          <button
            class="button button-small"
            type="button"
            aria-expanded={open()}
            data-testid="filters"
            onClick={() => setOpen(!open())}
          >
            {active() > 0 ? w().filtersActive(active()) : w().filters}
          </button>
        </Show>
      </div>
      <Show when={open() && props.children}>
        {(children) => (
          <div class="filters-more panel">
            <div class="form-grid">{children()(field)}</div>
            <div class="actions">
              <button class="button button-main" type="submit" data-testid="filters-apply">
                {w().show}
              </button>
              <button
                class="button"
                type="button"
                data-testid="filters-clear"
                onClick={() => {
                  apply({});
                  setOpen(false);
                }}
              >
                {w().clear}
              </button>
            </div>
          </div>
        )}
      </Show>
    </form>
  );
}
