/**
 * Runs the browser tests: two files at a time, each with a product, a port and a browser of its own.
 *
 * `npm test` runs all of them, `npm test link.test.js list.test.js` those.
 */
import { readdirSync } from 'node:fs';
import { run } from 'node:test';
import { spec, tap } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const SHARDS = 2;
/** These take minutes: they begin first, so that none of them runs alone at the end. */
const LONGEST = ['quality.test.js', 'adminQuality.test.js', 'admin.test.js', 'responses.test.js'];

const folder = fileURLToPath(new URL('./', import.meta.url));
const all = readdirSync(folder).filter((name) => name.endsWith('.test.js'));
const missing = LONGEST.filter((name) => !all.includes(name));
if (missing.length > 0) throw new Error(`LONGEST names what is not there: ${missing}`);
const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : [...new Set([...LONGEST, ...all])];

// Who ends this ends the files as well.
const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ended.abort());
const tests = run({ files: names.map((name) => folder + name), concurrency: SHARDS, signal: ended.signal });
tests.on('test:fail', () => (process.exitCode = 1));
tests.compose(process.stdout.isTTY ? new spec() : tap).pipe(process.stdout);
