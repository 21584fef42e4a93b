import type { ResponseStatus } from '../api';
import { t } from '../messages';

/** The state of a response in a word or two. */
export function StateBadge(props: { status: ResponseStatus }) {
  return (
    <span class="state" data-testid="response-state" data-state={props.status}>
      {t().responses.state[props.status]}
    </span>
  );
}
