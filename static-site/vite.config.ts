import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import solid from 'vite-plugin-solid';
import { defineConfig } from 'vitest/config';

const BASE = '/app/';

/** Writes the files of this release into the service worker. The pages of admins and shippers have none. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      // When style sheets and pages are there as well.
      order: 'post',
      handler(_, bundle) {
        if (!('index.html' in bundle)) return;
        const outputs = Object.values(bundle);
        const entry = outputs.find((output) => output.type === 'chunk' && output.isEntry)?.fileName;
        const files = outputs
          .map(({ fileName }) => BASE + fileName)
          .filter((name) => name.startsWith(`${BASE}assets/`));
        const source = readFileSync(new URL('serviceWorker.js', import.meta.url), 'utf8')
          .replace('const FILES = [];', () => `const FILES = ${JSON.stringify(files.sort())};`)
          .replace("const ENTRY = '';", () => `const ENTRY = ${JSON.stringify(BASE + entry)};`);
        this.emitFile({ type: 'asset', fileName: 'sw.js', source });
      },
    },
  };
}

export default defineConfig({
  base: BASE,
  plugins: [solid(), serviceWorker()],
  build: {
    // Android web views live as long as the phone: nothing newer than ES2020 and the CSS of Chrome 84.
    target: 'es2020',
    cssTarget: 'chrome84',
    // The polyfill is for browsers without modulepreload; those merely load a lazy part a little later.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // What the first screen needs is one file: on 3G every further one costs its headers, and compresses worse.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'index', tags: ['$initial'] },
            // What many screens share, or nearly nobody sees, comes in few files too: the first one names them all.
            { name: 'parts', test: /src\/ui\/\w+\.tsx?$|shell\/(MainAction|sharing)\.tsx?$/ },
            { name: 'closed', test: /features\/session\/\w+Screen\.tsx$|shell\/OpenFromBot\.tsx$/ },
            { name: 'searches', test: /features\/searches\/(?!SearchesScreen|known)\w+\.tsx?$/ },
            { name: 'phone', test: /platform\/phone\.ts$|phonePlans\.json$|features\/profile\/(contact|email)\.ts$/ },
            { name: 'money', test: /features\/billing\/[a-z]\w+\.ts$/ },
            { name: 'respond', test: /features\/responses\/(ResponseParts|RespondAction)\.tsx$/ },
            { name: 'truck', test: /features\/truck\/(?!TruckScreen)\w+\.tsx?$/ },
          ],
        },
      },
      // How long each plugin takes is no fault of the build, and would stand among what is one.
      checks: { bundlerTimings: false },
    },
  },
  server: {
    proxy: { '/api': process.env.API_URL ?? 'http://127.0.0.1:8080' },
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts'],
  },
});
