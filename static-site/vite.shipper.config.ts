import { mergeConfig } from 'vite';
import driver from './vite.config.ts';

/** The shippers' page is built apart, so that it shares no file with the drivers' first load and neither waits for the other's code. */
export default mergeConfig(driver, { build: { emptyOutDir: false, rolldownOptions: { input: 'r/index.html' } } });
