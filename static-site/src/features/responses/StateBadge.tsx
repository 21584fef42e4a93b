import type { ResponseStatus } from '../../api/types';
import { t } from '../shell/messages';

/** The state of a response in a word or two; `kept` and `stopped` ones have not left the phone. */
export function StateBadge(props: { status: ResponseStatus | 'kept' | 'stopped' }) {
  return (
    <span class="state" data-testid="response-state" data-state={props.status}>
      {t().responses.state[props.status]}
    </span>
  );
}
