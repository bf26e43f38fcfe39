import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { playHistory } from '../testkit/played-history.ts';
import { root } from '../testkit/process.ts';
import type { Reader } from '../testkit/reader.ts';
import { startStack, type TestStack } from '../testkit/stack.ts';
import { until } from '../testkit/until.ts';
import { median, percentile, rounded, type BenchOptions, type BenchResult } from './figures.ts';

const warmLoads = 50;
const roles = ['dsi', 'dpo', 'direction'] as const;
const paths = [
  '/',
  '/access',
  '/activity',
  '/turnaround',
  '/capacity',
  '/traffic',
  '/arrival',
  '/storage',
  '/sla',
  '/sources',
  '/sources/deepunity',
  '/evidence',
  '/definitions'
];

/**
 * Every page with what the simulator makes in 90 days, as each reader who may open it: time from the request to the last byte
 * of the answer over loopback, 50 warm loads a run. A page's figure is the median of its p95 over the runs, of its slowest
 * reader.
 */
export default async function run(
  progress: (sentence: string) => void,
  { runs, days }: BenchOptions
): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'));
  const stack = await startStack({
    root,
    dataFolder: join(folder, 'data'),
    flags: ['--simulator', 'off'],
    progress
  });
  try {
    await playHistory({ days, env: stack.env, progress });
    await untilStored(stack, progress);
    const readers = new Map<string, Reader>();
    for (const role of roles) readers.set(role, await stack.reader(role));
    const p95 = new Map<string, number[]>();
    for (let n = 1; n <= runs; n++)
      for (const [role, reader] of readers) {
        for (const path of await pathsOf(reader)) {
          const times: number[] = [];
          await load(reader, path);
          for (let i = 0; i < warmLoads; i++) times.push(await load(reader, path));
          const told = percentile(times, 0.95);
          progress(`pages: run ${n} of ${runs}: ${role} ${path}: p95 ${rounded(told)} ms`);
          const name = `${role} ${path.replace(/\/[^/]*-\d+-\d+$/, '/[id]')}`;
          p95.set(name, [...(p95.get(name) ?? []), told]);
        }
      }
    const pages: Record<string, number> = {};
    for (const [name, values] of p95) {
      const page = name.slice(name.indexOf(' ') + 1);
      pages[page] = Math.max(pages[page] ?? 0, rounded(median(values)));
    }
    return {
      bench: 'pages',
      cores: availableParallelism(),
      figures: { p95_ms: Math.max(...Object.values(pages)), pages },
      against: {},
      ...((runs !== 3 || days !== 90) && { conditions: { runs, days } })
    };
  } finally {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Pages this reader may open; of the accesses, one in full as well. */
async function pathsOf(reader: Reader): Promise<string[]> {
  const open: string[] = [];
  for (const path of paths) {
    const { status, text } = await reader.get(path);
    if (status === 403) continue;
    open.push(path);
    if (path !== '/access') continue;
    const event = /href="(\/access\/[^"?/]+-\d+-\d+)/.exec(text)?.[1];
    if (event === undefined) throw new Error('the accesses link to no event');
    open.push(event);
  }
  return open;
}

async function load(reader: Reader, path: string): Promise<number> {
  const started = performance.now();
  const { status } = await reader.get(path);
  if (status !== 200) throw new Error(`${path} answered ${status}`);
  return performance.now() - started;
}

/** Waits until the collector has stored all it received, and ClickHouse has had a moment to merge. */
async function untilStored(stack: TestStack, progress: (line: string) => void): Promise<void> {
  progress('pages: waiting until everything is stored');
  const waiting = async () => {
    const text = await (await fetch(`http://127.0.0.1:${stack.env['VIGIE_COLLECTOR_PORT']}/metrics`)).text();
    return [...text.matchAll(/^vigie_spool_bytes\{[^}]*\} (\S+)$/gm)].reduce(
      (sum, [, n]) => sum + Number(n),
      0
    );
  };
  await until(waiting, (bytes) => bytes === 0, 600_000);
  await new Promise((resolve) => setTimeout(resolve, 10_000));
}
