import { rememberCargo } from '../shell/app';
import { t } from '../shell/messages';
import { hrefOf } from '../shell/route';

/** The way out of everything that is locked. */
export function OpenAccess() {
  return (
    <a
      class="button button-main"
      data-testid="open-access"
      href={hrefOf({ name: 'subscription' })}
      onClick={rememberCargo}
    >
      {t().locked.open}
    </a>
  );
}
