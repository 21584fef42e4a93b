import { createMemo, For, Show } from 'solid-js';
import { Icon } from '../../ui/Icon';
import { known } from '../responses/known';
import { kept } from '../responses/outbox';
import { newInSearches } from '../searches/known';
import { t } from './messages';
import { hrefOf, isTab, openTab, route, TABS } from './route';

/** Where the thumb is: the sections of the app, and how many responses wait for an answer. */
export function Tabs() {
  const waiting = createMemo(
    () => kept().length + known().filter(({ status }) => status === 'queued' || status === 'sent').length,
  );
  return (
    <nav class="tab-bar" aria-label={t().list.navigation} hidden={!isTab(route())}>
      <For each={TABS}>
        {(name) => (
          <a
            href={hrefOf({ name })}
            data-testid={`open-${name}`}
            aria-current={route().name === name ? 'page' : undefined}
            onClick={(event) => {
              event.preventDefault();
              openTab(name);
            }}
          >
            <Icon name={name} />
            {t().tabs[name]}
            <Show when={name === 'responses' ? waiting() : name === 'searches' && newInSearches()}>
              {(count) => (
                <span class="badge">
                  <span class="visually-hidden">{name === 'responses' ? t().tabs.waiting : t().list.isNew}: </span>
                  {count()}
                </span>
              )}
            </Show>
          </a>
        )}
      </For>
    </nav>
  );
}
