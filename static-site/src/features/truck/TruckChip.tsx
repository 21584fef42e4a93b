import { haptic } from '../../platform/telegram';
import type { Filters } from '../filters/filters';
import { driver, loadChoices } from '../shell/app';
import { navigate } from '../shell/route';
import { truckWords } from './messages';
import { filtersOfTruck, isForTruck, withoutTruck } from './truckFilters';

/** Asks for what fits the driver's truck, or no more; who has not described it is led to where they can. */
export function TruckChip(props: { chosen: Filters; onChoose: (next: Filters) => void }) {
  const own = () => filtersOfTruck(driver()?.truck ?? null);
  const isChosen = () => {
    const filters = own();
    return filters !== null && isForTruck(props.chosen, filters);
  };
  return (
    <button
      class="chip"
      type="button"
      data-testid="quick-truck"
      aria-pressed={isChosen()}
      onClick={() => {
        haptic('selection');
        const filters = own();
        if (!filters) return navigate({ name: 'truck' });
        // Their chips are named by it.
        loadChoices('truck-types').catch(() => undefined);
        const rest = withoutTruck(props.chosen);
        props.onChoose(isChosen() ? rest : { ...rest, ...filters });
      }}
    >
      {truckWords().mine}
    </button>
  );
}
