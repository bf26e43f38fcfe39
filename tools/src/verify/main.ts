import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommands, since, type Outcome } from './command.ts';
import { gates } from './gates/index.ts';
import { withSettingsTable } from './gates/settings-table.ts';
import { readSources } from './sources.ts';

/*
 * npm run verify [-- --fix]: everything that can be told without running Vigie, in seconds. --fix formats, and renews the
 * tables of the documents, before it looks.
 */
const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
const bin = (path: string) => join(root, 'node_modules', path);

interface Check {
  readonly name: string;
  readonly args: readonly string[];
  readonly cwd?: string;
}

// The slowest first, so that all cores are busy to the end.
const checks: readonly Check[] = [
  {
    name: 'types of the console',
    args: [
      bin('svelte-check/bin/svelte-check'),
      '--tsconfig',
      './tsconfig.json',
      '--output',
      'human',
      '--fail-on-warnings'
    ],
    cwd: join(root, 'console')
  },
  { name: 'types', args: [bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'] },
  {
    name: 'format',
    args: [bin('prettier/bin/prettier.cjs'), '--check', '--cache', '--log-level', 'warn', '.']
  },
  {
    name: 'lint of .svelte',
    args: [bin('eslint/bin/eslint.js'), '--max-warnings', '0', 'console/src/**/*.svelte']
  },
  { name: 'dead exports', args: [bin('knip/bin/knip.js'), '--no-progress'] },
  { name: 'lint', args: [bin('oxlint/bin/oxlint'), '--deny-warnings', '.'] },
  { name: 'boards', args: ['dashboards/src/check.ts'] }
];

function runGates(): Outcome {
  const started = performance.now();
  const sources = readSources(root);
  const findings = Object.entries(gates).flatMap(([name, gate]) =>
    gate(sources).map((finding) => ({ ...finding, name }))
  );
  const lines = findings.map(
    ({ path, line, wrong, mend, name }) => `${path}:${line} ${wrong} (${name}). Mend: ${mend}.`
  );
  return { name: 'gates', passed: lines.length === 0, output: lines.join('\n'), seconds: since(started) };
}

const run = ({ name, args, cwd = root }: Check) => runCommands(name, cwd, [[process.execPath, ...args]]);

async function fix(): Promise<Outcome> {
  for (const { path, text } of readSources(root)) {
    const renewed = path.endsWith('.md') ? withSettingsTable(text) : text;
    if (renewed !== text) writeFileSync(join(root, path), renewed);
  }
  return run({
    name: 'fix',
    args: [bin('prettier/bin/prettier.cjs'), '--write', '--log-level', 'warn', '.']
  });
}

let failed = 0;
function report({ name, passed, output, seconds }: Outcome): void {
  if (!passed) failed++;
  process.stdout.write(`${passed ? 'good' : 'BAD '} ${name} (${seconds.toFixed(1)} s)\n`);
  if (!passed) process.stdout.write(`${output.trim()}\n`);
}

const started = performance.now();
if (process.argv.includes('--fix')) report(await fix());
report(runGates());
// The console's types are generated: its check and its tsconfig need them.
await run({ name: 'sync', args: [bin('@sveltejs/kit/svelte-kit.js'), 'sync'], cwd: join(root, 'console') });
const waiting = [...checks];
const work = async () => {
  for (let check = waiting.shift(); check; check = waiting.shift()) report(await run(check));
};
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
process.stdout.write(
  failed === 0 ? `verify: good, in ${since(started).toFixed(1)} s\n` : `verify: ${failed} checks are bad\n`
);
process.exitCode = failed === 0 ? 0 : 1;
