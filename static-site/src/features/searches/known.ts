import { createSignal } from 'solid-js';

/** How many cargos are new in the driver's saved searches, as far as that is known. The tab shows it; searches.ts, which comes later, keeps it true. */
const [newInSearches, setNewInSearches] = createSignal(0);

export { newInSearches, setNewInSearches };
