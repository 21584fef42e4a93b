import { For, type JSX, Show } from 'solid-js';
import type { ApiError } from '../../api/error';
import { closeApp, openTelegramLink } from '../../platform/telegram';
import { appUrl } from '../app';
import { w } from '../messages';

/** The outline of what is on its way. */
export function Skeleton(props: { rows?: number }) {
  return (
    <div class="skeleton" role="status" data-testid="skeleton">
      <span class="visually-hidden">{w().loading}</span>
      <For each={Array.from({ length: props.rows ?? 5 })}>{() => <div class="skeleton-row" />}</For>
    </div>
  );
}

/** What to say of a failed request. */
export function errorText(error: ApiError): string {
  const texts: Record<string, string> = w().errors.codes;
  return texts[error.code] ?? (error.status === 404 ? w().errors.codes.not_found : w().errors.unknown);
}

/** What the server said against a field, in the admin's language where we have words for it. */
export function fieldText({ code, message }: { code: string; message: string }): string {
  const texts: Record<string, string> = w().errors.fields;
  return texts[code] ?? message;
}

/** The link that opens the app from the bot, at this page. */
export function OpenFromBot() {
  return (
    <Show when={appUrl()}>
      {(url) => (
        <a
          class="button button-main"
          data-testid="reopen"
          href={url()}
          target="_top"
          onClick={(event) => {
            if (!openTelegramLink(url())) return;
            event.preventDefault();
            closeApp();
          }}
        >
          {w().session.open}
        </a>
      )}
    </Show>
  );
}

/** A request that failed: why, under which id it is found in the log, and what can be done. */
export function ErrorPanel(props: { error: ApiError; onRetry?: (() => void) | undefined; children?: JSX.Element }) {
  return (
    <div class="panel error-panel" role="alert" data-testid="error">
      <p>
        <b>{props.error.code === 'sign_in_too_old' ? w().errors.tooOldTitle : w().errors.title}</b>
      </p>
      <p>{errorText(props.error)}</p>
      <Show when={props.error.requestId}>
        {(id) => (
          <p class="small request-id">
            {w().requestId}: <code>{id()}</code>
          </p>
        )}
      </Show>
      <div class="actions">
        <Show
          when={props.error.code === 'sign_in_too_old'}
          fallback={
            <Show when={props.onRetry}>
              {(retry) => (
                <button class="button" type="button" data-testid="retry" onClick={() => retry()()}>
                  {w().retry}
                </button>
              )}
            </Show>
          }
        >
          <OpenFromBot />
        </Show>
        {props.children}
      </div>
    </div>
  );
}

/** That there is nothing, and the one thing that can be done about it. */
export function Empty(props: { text: string; children?: JSX.Element }) {
  return (
    <div class="empty" data-testid="empty" role="status">
      <p>{props.text}</p>
      {props.children}
    </div>
  );
}
