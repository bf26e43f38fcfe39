import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';

// oxlint reads the TypeScript; ESLint reads the components, which it alone understands.
export default [
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: { 'svelte/no-navigation-without-resolve': 'off', 'svelte/prefer-svelte-reactivity': 'off' }
  },
  { ignores: ['console/.svelte-kit/', 'console/build/', 'node_modules/'] }
];
