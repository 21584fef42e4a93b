import solid from 'vite-plugin-solid';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  base: '/app/',
  plugins: [solid()],
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
      output: { codeSplitting: { groups: [{ name: 'index', tags: ['$initial'] }] } },
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
