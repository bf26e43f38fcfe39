import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../testkit/process.ts';
import type { Reader } from '../testkit/reader.ts';
import { startStack, type TestStack } from '../testkit/stack.ts';
import { median, rounded, type BenchOptions, type BenchResult } from './figures.ts';
import { anonymousMb, descendants } from './process-cost.ts';

/** What each page is made of: a page has data once its table has rows and it shows some. */
const pages: readonly { readonly path: string; readonly role: string; readonly table: string }[] = [
  { path: '/access', role: 'dpo', table: 'audit.event' },
  { path: '/activity', role: 'direction', table: 'ops.exam_event' },
  { path: '/traffic', role: 'dsi', table: 'ops.transfer' },
  { path: '/storage', role: 'dsi', table: 'ops.storage_sample' },
  { path: '/sla', role: 'dsi', table: 'ops.probe_result' },
  { path: '/sources', role: 'dsi', table: 'ops.feed_minute' },
  { path: '/', role: 'dsi', table: 'ops.feed_minute' }
];

interface Run {
  readonly console_s: number;
  readonly data_s: number;
  readonly memory_mb: number;
}

/**
 * From a clone of this checkout with its modules installed and an empty data folder: seconds to the console's first answer,
 * and to data on every page; then the anonymous memory (RssAnon) of all processes after ten minutes of live simulation.
 */
export default async function run(
  progress: (sentence: string) => void,
  { runs, minutes }: BenchOptions
): Promise<BenchResult> {
  const results: Run[] = [];
  for (let n = 1; n <= runs; n++) {
    const result = await once((line) => progress(`start: run ${n} of ${runs}: ${line}`), minutes);
    progress(`start: run ${n} of ${runs}: ${JSON.stringify(result)}`);
    results.push(result);
  }
  const of = (name: keyof Run) => median(results.map((one) => one[name]));
  return {
    bench: 'start',
    cores: availableParallelism(),
    figures: { console_s: of('console_s'), data_s: of('data_s'), memory_mb: of('memory_mb') },
    against: {},
    ...((runs !== 3 || minutes !== 10) && { conditions: { runs, minutes } })
  };
}

async function once(progress: (line: string) => void, minutes: number): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'));
  const checkout = join(folder, 'vigie');
  try {
    progress('cloning');
    execFileSync('git', ['clone', '--quiet', root, checkout]);
    // Links cost no room; another file system needs a copy.
    const modules = [join(root, 'node_modules'), checkout];
    try {
      execFileSync('cp', ['-al', ...modules], { stdio: 'ignore' });
    } catch {
      execFileSync('cp', ['-a', ...modules]);
    }
    const started = performance.now();
    const stack = await startStack({ root: checkout, dataFolder: join(folder, 'data'), progress });
    try {
      await untilEveryPageHasData(stack, progress);
      const dataMs = performance.now() - started;
      progress(`data on every page after ${rounded(dataMs / 1000)} s; ${minutes} minutes of live simulation`);
      await sleep(minutes * 60_000);
      const memory = descendants(stack.pid).reduce((sum, pid) => sum + anonymousMb(pid), 0);
      return {
        console_s: rounded(stack.consoleMs / 1000),
        data_s: rounded(dataMs / 1000),
        memory_mb: rounded(memory)
      };
    } finally {
      await stack.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilEveryPageHasData(stack: TestStack, progress: (line: string) => void): Promise<void> {
  const token = readFileSync(join(stack.dataFolder, 'keys', 'engine-reader.token'), 'utf8').trim();
  const isFilled = async (table: string) => {
    const query = encodeURIComponent(`SELECT count() > 0 FROM ${table}`);
    const response = await fetch(`http://127.0.0.1:${stack.env['VIGIE_ENGINE_PORT']}/?query=${query}`, {
      headers: { 'X-ClickHouse-User': 'reader', 'X-ClickHouse-Key': token }
    });
    return (await response.text()).trim() === '1';
  };
  const readers = new Map<string, Reader>();
  for (const { role } of pages) if (!readers.has(role)) readers.set(role, await stack.reader(role));
  for (const { path, role, table } of pages) {
    for (;;) {
      const page = (await isFilled(table)) ? await readers.get(role)?.get(path) : undefined;
      if (page?.status === 200 && page.text.includes('<td')) break;
      await sleep(250);
    }
    progress(`${path} has data`);
  }
}
