import { createSignal, createUniqueId, type JSX, onCleanup, onMount, Show } from 'solid-js';
import { Portal } from 'solid-js/web';
import { type ApiError, asApiError } from '../../api/error';
import { screenEntered } from '../../platform/pressGuard';
import { confirmClosing, haptic } from '../../platform/telegram';
import { withFreshSignIn } from '../app';
import { w } from '../messages';
import { coverBack } from './back';
import { Icon } from './Icon';
import { forgetLists } from './load';
import { ErrorPanel, fieldText } from './States';

const FOCUSABLE = 'a[href], button:not([disabled]), input, select, textarea, summary';

/** A dialog over the page. Escape, a tap beside it and Telegram's back button close it; the focus stays in it. */
export function Dialog(props: { title: string; onClose: () => void; testId?: string; children: JSX.Element }) {
  const id = createUniqueId();
  const before = document.activeElement;
  let box!: HTMLDivElement;
  onMount(() => {
    const first = box.querySelector<HTMLElement>('[data-autofocus], input:not([type=hidden]), textarea, select') ?? box;
    first.focus();
    screenEntered();
  });
  onCleanup(coverBack(() => props.onClose()));
  onCleanup(() => before instanceof HTMLElement && before.isConnected && before.focus());
  function onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      event.stopPropagation();
      props.onClose();
    }
    if (event.key !== 'Tab') return;
    const all = [...box.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((element) => element.offsetParent !== null);
    const [first, last] = [all[0], all[all.length - 1]];
    const at = document.activeElement;
    if (event.shiftKey ? at === first || at === box : at === last) {
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    }
  }
  return (
    <Portal>
      <div class="dialog-cover" onClick={(event) => event.target === event.currentTarget && props.onClose()}>
        <div
          class="dialog"
          role="dialog"
          aria-modal="true"
          aria-labelledby={id}
          tabindex="-1"
          data-testid={props.testId ?? 'dialog'}
          ref={box}
          onKeyDown={onKey}
        >
          <div class="dialog-head">
            <h2 id={id}>{props.title}</h2>
            <button class="icon-button" type="button" aria-label={w().close} onClick={() => props.onClose()}>
              <Icon name="close" />
            </button>
          </div>
          {props.children}
        </div>
      </div>
    </Portal>
  );
}

/** What a form of a command knows while it is open. */
export interface FormState {
  /** What is wrong with a field, by its name. */
  wrong: (name: string) => string | undefined;
  busy: () => boolean;
}

interface CommandProps {
  title: string;
  text?: JSX.Element;
  submit: string;
  danger?: boolean;
  disabled?: boolean;
  testId?: string;
  /** What is wrong before anything is sent, by field; nothing is sent then. */
  check?: () => Record<string, string | undefined>;
  run: () => Promise<void>;
  onClose: () => void;
  children?: (form: FormState) => JSX.Element;
}

/** A command in a dialog: its fields, what is wrong with them, and its button. It stays open until it is done. */
export function CommandDialog(props: CommandProps) {
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<ApiError | null>(null);
  const [checked, setChecked] = createSignal<Record<string, string | undefined>>({});
  const [touched, setTouched] = createSignal(false);
  let open = true;
  onCleanup(() => {
    open = false;
    confirmClosing(false);
  });

  async function submit(): Promise<void> {
    if (busy() || props.disabled) return;
    const wrong = Object.fromEntries(Object.entries(props.check?.() ?? {}).filter(([, text]) => text));
    setChecked(wrong);
    setError(null);
    if (Object.keys(wrong).length > 0) return haptic('error');
    setBusy(true);
    try {
      await withFreshSignIn(props.run);
      forgetLists();
      haptic('success');
      if (open) props.onClose();
    } catch (reason) {
      haptic('error');
      setError(asApiError(reason));
    } finally {
      setBusy(false);
    }
  }

  const form: FormState = {
    busy,
    wrong: (name) => {
      const own = checked()[name];
      if (own) return own;
      const field = error()?.fields.find((each) => each.field === name);
      return field && fieldText(field);
    },
  };
  return (
    <Dialog title={props.title} onClose={() => !busy() && props.onClose()} testId={props.testId ?? 'dialog'}>
      <form
        class="dialog-form"
        novalidate
        onInput={() => {
          if (touched()) return;
          setTouched(true);
          confirmClosing(true);
        }}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Show when={props.text}>
          <div class="dialog-text">{props.text}</div>
        </Show>
        {props.children?.(form)}
        <Show when={error()}>{(failed) => <ErrorPanel error={failed()} />}</Show>
        <div class="actions actions-end">
          <button
            class="button"
            type="button"
            data-testid="dialog-cancel"
            disabled={busy()}
            onClick={() => props.onClose()}
          >
            {w().cancel}
          </button>
          <button
            class="button button-main"
            classList={{ 'button-bad': props.danger === true }}
            type="submit"
            data-testid="dialog-submit"
            disabled={props.disabled === true}
            aria-busy={busy()}
          >
            {busy() ? w().sending : props.submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
