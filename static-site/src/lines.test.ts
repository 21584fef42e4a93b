import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const files = (readdirSync(folder, { recursive: true }) as string[])
  .filter((name) => /\.(tsx?|css)$/.test(name) && name !== 'api/schema.ts')
  .map((name) => ({ name, lines: readFileSync(folder + name, 'utf8').split('\n') }));

it('has no file that is too long to read, and no markup that is too wide', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter(({ lines }) => lines.length > 501).map(({ name }) => name)).toEqual([]);
  const wide = files.filter(({ name, lines }) => name.endsWith('.tsx') && lines.some((line) => line.length > 120));
  expect(wide.map(({ name }) => name)).toEqual([]);
});
