import { isCode, linesMatching, type Gate } from '../gate.ts';

const rules: readonly { pattern: RegExp; tests?: boolean; wrong: string; mend: string }[] = [
  {
    pattern: /(?:\/\/|\/\*|\*|--|<!--)\s*(?:TODO|FIXME|XXX|HACK)\b/,
    wrong: 'holds a note of something unfinished',
    mend: 'finish it, or open an issue and say in the docs what is not there'
  },
  {
    pattern: /\b(?:test|it|describe|suite)\.only\b/,
    wrong: 'runs one test alone',
    mend: 'remove .only'
  },
  {
    pattern: /\b(?:test|it|describe|suite)\.(?:skip|todo|fails)\s*\(|\b[xf](?:it|describe)\s*\(/,
    wrong: 'skips a test',
    mend: 'make the test run; a missing program is a failure, not a reason'
  },
  {
    pattern: /@ts-ignore|@ts-nocheck|eslint-disable(?!.*--)|oxlint-disable(?!.*--)/,
    wrong: 'silences a check without a reason',
    mend: 'mend what it says, or give the reason after "--"'
  }
];

/** Nothing unfinished is committed, and no test is left out. */
export const leftovers: Gate = (sources) =>
  sources
    .filter(({ path }) => isCode(path) || path.endsWith('.sql'))
    .filter(({ path }) => path !== 'tools/src/verify/gates/leftovers.ts' && !path.endsWith('/gates.test.ts'))
    .flatMap(({ path, text }) =>
      rules.flatMap(({ pattern, wrong, mend }) =>
        [...linesMatching(text, pattern)].map(({ line }) => ({ path, line, wrong, mend }))
      )
    );
