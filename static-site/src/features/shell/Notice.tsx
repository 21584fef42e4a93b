import { type JSX, Show } from 'solid-js';
import type { ApiError } from '../../api/error';
import { needsSubscription } from '../billing/access';
import { OpenAccess } from '../billing/OpenAccess';
import { online } from './app';
import { errorText, needsSupport } from './display';
import { t } from './messages';
import { SupportLink } from './SupportLink';

/** A screen's worth of news in place of its content: what happened and what can be done. */
export function Notice(props: {
  title: string;
  text: string;
  children?: JSX.Element;
  testId: string;
  small?: string | null;
}) {
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

/** Enough of a request's id to find it, and little enough to be dictated over the phone. */
const REQUEST_ID_SHOWN = 8;

/** A request that failed, with a way to try it again, to support or to a subscription, whichever helps. */
export function ErrorNotice(props: { error: ApiError; onRetry: () => void }) {
  return (
    <Show when={needsSubscription(props.error)} fallback={<Failure {...props} />}>
      <Notice testId="locked" title={t().locked.title} text={t().locked[props.error.feature ?? 'detail']}>
        <OpenAccess />
      </Notice>
    </Show>
  );
}

function Failure(props: { error: ApiError; onRetry: () => void }) {
  return (
    <Notice
      testId="error"
      title={t().errors.title}
      text={errorText(props.error)}
      small={props.error.requestId && t().errors.requestId(props.error.requestId.slice(0, REQUEST_ID_SHOWN))}
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
 * A part of the app that did not load or broke. Some browsers remember that a part failed, and a new version has other
 * parts: a reload helps, but without a network it would cost the driver the rest of the app as well.
 */
export function PartFailed() {
  return (
    <Notice testId="part-failed" title={t().errors.title} text={online() ? t().errors.part : t().errors.partOffline}>
      <Show when={online()}>
        <button class="button" type="button" onClick={() => location.reload()}>
          {t().errors.reload}
        </button>
      </Show>
    </Notice>
  );
}
