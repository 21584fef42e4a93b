import { createSignal, type JSX, Show } from 'solid-js';
import { type ApiError, asApiError } from '../../api/error';
import { randomUuid } from '../../platform/session';
import { haptic } from '../../platform/telegram';
import { Answers } from '../../ui/Answers';
import { Field } from '../../ui/Field';
import { createQuestion } from '../../ui/question';
import { showToast } from '../../ui/toast';
import { needsSubscription } from '../billing/access';
import type { Filters } from '../filters/filters';
import { errorText } from '../shell/display';
import { t } from '../shell/messages';
import { goBack, openFromList } from '../shell/route';
import { searchWords } from './messages';
import { Sheet } from './Sheet';
import { LONGEST_NAME, searchOf } from './search';
import { changeSearch, deleteSearch, saveSearch } from './searches';
import '../../ui/field.css';
import './searches.css';

/** Saves the filters of the list under a name. */
export function SaveSheet(props: { name: string; filters: Filters }) {
  const key = randomUuid();
  return (
    <Sheet title={searchWords().save}>
      <NameForm
        name={props.name}
        hint={searchWords().hint}
        done={searchWords().done}
        save={(name) => saveSearch(searchOf(name, props.filters), key)}
      />
    </Sheet>
  );
}

/** Gives a saved search another name, or deletes it. */
export function EditSheet(props: { id: string; name: string; filters: Filters; passed: boolean }) {
  return (
    <Sheet title={searchWords().editTitle}>
      <NameForm
        name={props.name}
        hint={props.passed ? searchWords().passedHint : undefined}
        done={searchWords().renamed}
        save={(name) => changeSearch(props.id, searchOf(name, props.filters))}
      />
      <Delete id={props.id} />
    </Sheet>
  );
}

function NameForm(props: {
  name: string;
  hint?: string | undefined;
  done: string;
  save: (name: string) => Promise<void>;
}) {
  const [name, setName] = createSignal(props.name);
  const [wrong, setWrong] = createSignal<string>();
  const [trouble, setTrouble] = createSignal<ApiError | null>(null);
  const [busy, setBusy] = createSignal(false);

  async function submit(): Promise<void> {
    const chosen = name().replace(/\s+/g, ' ').trim();
    if (chosen === '') return void setWrong(searchWords().nameMissing);
    setBusy(true);
    setTrouble(null);
    try {
      await props.save(chosen);
      haptic('success');
      showToast(props.done);
      goBack();
    } catch (reason) {
      haptic('error');
      setTrouble(asApiError(reason));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      class="search-form"
      novalidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy()) void submit();
      }}
    >
      <Field
        label={searchWords().name}
        error={wrong()}
        hint={<Show when={props.hint}>{(hint) => <p class="small">{hint()}</p>}</Show>}
      >
        {(id, aboutId) => (
          <input
            id={id}
            aria-describedby={aboutId}
            aria-invalid={!!wrong()}
            type="text"
            autocomplete="off"
            enterkeyhint="done"
            maxlength={LONGEST_NAME}
            data-testid="search-name"
            value={name()}
            onInput={(event) => {
              setName(event.currentTarget.value);
              setWrong(undefined);
            }}
          />
        )}
      </Field>
      <Show
        when={!needsSubscription(trouble())}
        fallback={<Way text={t().locked.alerts} button={t().locked.open} to="subscription" />}
      >
        <Show when={trouble()}>{(error) => <Trouble error={error()} />}</Show>
        <button class="button button-main" type="submit" data-testid="search-save" aria-busy={busy()}>
          {busy() ? <span class="spinner" /> : searchWords().toSave}
        </button>
      </Show>
    </form>
  );
}

/** Why it was not saved, and what helps. */
function Trouble(props: { error: ApiError }) {
  const text = () => (props.error.code === 'validation_failed' ? searchWords().refused : errorText(props.error));
  return (
    <Show
      when={props.error.code !== 'too_many_searches'}
      fallback={<Way text={searchWords().tooMany} button={searchWords().toSearches} to="searches" />}
    >
      <p class="field-error" role="alert" data-testid="search-trouble">
        {text()}
      </p>
    </Show>
  );
}

/** What has to be done first, elsewhere. */
function Way(props: { text: string; button: string; to: 'subscription' | 'searches' }): JSX.Element {
  return (
    <>
      <p role="alert" data-testid="search-trouble">
        {props.text}
      </p>
      <button
        class="button button-main"
        type="button"
        data-testid={`search-${props.to}`}
        onClick={() => openFromList({ name: props.to })}
      >
        {props.button}
      </button>
    </>
  );
}

function Delete(props: { id: string }) {
  const [asking, ask] = createQuestion();
  const [failed, setFailed] = createSignal<ApiError | null>(null);
  const [busy, setBusy] = createSignal(false);

  async function remove(): Promise<void> {
    setBusy(true);
    try {
      await deleteSearch(props.id);
      haptic('success');
      showToast(searchWords().deleted);
      goBack();
    } catch (reason) {
      haptic('error');
      ask(false);
      setFailed(asApiError(reason));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Show
      when={asking()}
      fallback={
        <div class="search-form">
          <Show when={failed()}>{(error) => <Trouble error={error()} />}</Show>
          <button class="button button-danger" type="button" data-testid="search-delete" onClick={() => ask(true)}>
            {searchWords().delete}
          </button>
        </div>
      }
    >
      <div class="search-form" role="group" aria-label={searchWords().deleteQuestion}>
        <b>{searchWords().deleteQuestion}</b>
        <Answers
          cancel={t().cancel}
          yes={searchWords().deleteYes}
          yesTestId="search-delete-yes"
          busy={busy()}
          onCancel={() => ask(false)}
          onYes={() => void remove()}
        />
      </div>
    </Show>
  );
}
