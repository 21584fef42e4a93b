import { t } from '../messages';
import { goToList } from '../route';
import { Notice } from './Notice';

/** A cargo that nobody offers any more. */
export function CargoGone() {
  return (
    <Notice testId="cargo-gone" title={t().cargo.goneTitle} text={t().cargo.goneText}>
      <button class="button button-main" type="button" data-testid="to-list" onClick={goToList}>
        {t().cargo.toList}
      </button>
    </Notice>
  );
}
