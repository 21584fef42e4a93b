import { mergeConfig } from 'vite';
import driver from './vite.config.ts';

/** The admin page is built apart: drivers load nothing of it, and its parts are not cut to suit theirs. */
export default mergeConfig(driver, { build: { emptyOutDir: false, rolldownOptions: { input: 'admin/index.html' } } });
