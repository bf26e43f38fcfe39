import type { Reader } from '../../testkit/reader.ts';
import { median, percentile, rounded } from '../figures.ts';
import { cpuSeconds } from '../process-cost.ts';

const warmLoads = 20;
/** How each board is opened: with its own period, and with a year's. */
const windows = [['', ''], ['year_', '?period=12m']] as const; // prettier-ignore

/** The board of systems is a page each: those that the most is told of and by. */
export const availableSystems = ['systems/deepunity', 'systems/ris', 'systems/viewer'];

/** Of one board: time from the request to the last byte, and CPU of engine and console together, a load. */
export interface BoardFigures {
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly cpu_ms: number;
  readonly year_p50_ms: number;
  readonly year_p95_ms: number;
  readonly year_cpu_ms: number;
}
export type Figures = Record<string, BoardFigures>;

/**
 * Opens each page as one reader, again and again.
 * @param pids processes whose CPU counts
 * @throws when a page, or one panel of it, could not be computed: what fails is quick
 */
export async function measureBoards(
  reader: Reader,
  pages: readonly string[],
  pids: readonly number[],
  told: (page: string, figures: BoardFigures) => void
): Promise<Figures> {
  const cpu = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0) * 1000;
  const figures: Figures = {};
  for (const page of pages) {
    const one: Record<string, number> = {};
    for (const [prefix, search] of windows) {
      const path = `/${page}${search}`;
      await load(reader, path);
      const before = cpu();
      const times: number[] = [];
      for (let i = 0; i < warmLoads; i++) times.push(await load(reader, path));
      one[`${prefix}p50_ms`] = rounded(median(times));
      one[`${prefix}p95_ms`] = rounded(percentile(times, 0.95));
      one[`${prefix}cpu_ms`] = rounded((cpu() - before) / warmLoads);
    }
    figures[page] = one as unknown as BoardFigures;
    told(page, figures[page]);
  }
  return figures;
}

async function load(reader: Reader, path: string): Promise<number> {
  const started = performance.now();
  const { status, text } = await reader.get(path);
  const ms = performance.now() - started;
  if (status !== 200) throw new Error(`${path} answered ${status}`);
  if (text.includes('<p class="told') && /could not be computed|n’a pas pu être calculé/.test(text))
    throw new Error(`a panel of ${path} could not be computed`);
  return ms;
}
