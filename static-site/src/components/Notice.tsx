import { Show, type JSX } from 'solid-js';
import type { ApiError } from '../api';
import { errorText, needsSupport } from '../display';
import { t } from '../messages';
import { SupportLink } from './SupportLink';

/** A screen's worth of news in place of its content: what happened and what can be done. */
export function Notice(props: { title: string; text: string; children?: JSX.Element; testId: string; small?: string | null }) {
  return (
    <div class="notice" data-testid={props.testId} role="status">
      <h2>{props.title}</h2>
      <p>{props.text}</p>
      <div class="notice-actions">{props.children}</div>
      <Show when={props.small}>
        <p class="small">{props.small}</p>
      </Show>
    </div>
  );
}

/** A request that failed, with a way to try it again, and to support where that is needed. */
export function ErrorNotice(props: { error: ApiError; onRetry: () => void }) {
  return (
    <Notice
      testId="error"
      title={t().errors.title}
      text={errorText(props.error)}
      small={props.error.requestId && t().errors.requestId(props.error.requestId)}
    >
      <button class="button" type="button" onClick={() => props.onRetry()}>
        {t().retry}
      </button>
      <Show when={needsSupport(props.error)}>
        <SupportLink />
      </Show>
    </Notice>
  );
}

/**
 * A part of the app that did not load or broke. Browsers remember that a part failed, and a new version has other parts:
 * only a reload helps.
 */
export function PartFailed() {
  return (
    <Notice testId="part-failed" title={t().errors.title} text={t().errors.part}>
      <button class="button" type="button" onClick={() => location.reload()}>
        {t().errors.reload}
      </button>
    </Notice>
  );
}
