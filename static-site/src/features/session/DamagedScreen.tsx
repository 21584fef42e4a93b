import { cargoWords } from '../cargos/messages';
import { t } from '../shell/messages';
import { Notice } from '../shell/Notice';
import { goToList } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { link } from './messages';

/** A link that names nothing there can be: it was cut or changed on its way. */
export function DamagedScreen() {
  return (
    <main class="screen" data-testid="damaged-screen">
      <ScreenHeader title={t().cargo.title} />
      <Notice testId="link-damaged" title={link().damagedTitle} text={link().damagedText}>
        <button class="button button-main" type="button" data-testid="to-list" onClick={goToList}>
          {cargoWords().toList}
        </button>
      </Notice>
    </main>
  );
}
