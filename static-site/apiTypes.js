/**
 * Writes src/api/schema.ts, the types of what the API takes and answers, from openapi.yaml. With `--check` it only fails
 * when that file is old.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { compile } from 'json-schema-to-typescript';

const FILE = new URL('src/api/schema.ts', import.meta.url);

const { components } = load(readFileSync(new URL('../openapi.yaml', import.meta.url), 'utf8'));
const names = Object.keys(components.schemas);
const reference = (name) => ({ $ref: `#/definitions/${name}` });
// A description beside a reference would make a type of its own of what it refers to.
const definitions = JSON.parse(JSON.stringify(components.schemas), (_, value) =>
  value?.$ref ? reference(value.$ref.split('/').at(-1)) : value,
);
const schema = {
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map((name) => [name, reference(name)])),
  definitions,
};
const text = await compile(schema, 'Schemas', {
  additionalProperties: false,
  bannerComment: '// Written by `npm run api-types` from openapi.yaml.',
  style: { printWidth: 120, singleQuote: true },
});

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error('src/api/schema.ts is old: run `npm run api-types` and look at the difference');
  process.exit(1);
}
