import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{schemas,store,evidence,custody,collector,dashboards,console,simulator,tools}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'console/build/**', 'console/.svelte-kit/**'],
    testTimeout: 90_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    reporters: ['default']
  }
});
