/** What every benchmark ends with: one JSON object, units in the names of its figures. */
export interface BenchResult {
  readonly bench: string;
  readonly cores: number;
  readonly figures: Readonly<Record<string, unknown>>;
  /** Figures of other software measured the same way, by its name. */
  readonly against: Readonly<Record<string, unknown>>;
  /** What was not as usual: fewer runs, fewer minutes. */
  readonly conditions?: Readonly<Record<string, number>>;
}

export interface BenchOptions {
  /** Runs of which the median is told; 3 unless told otherwise. */
  readonly runs: number;
  /** Minutes of live simulation before memory is read; 10 unless told otherwise. */
  readonly minutes: number;
  /** Simulated days behind the pages; 90 unless told otherwise. */
  readonly days: number;
  /** Other software to measure beside ours. */
  readonly against: string | undefined;
  /** Events behind the explorer; 20,000,000 unless told otherwise. */
  readonly events: number;
  /** How many times the demonstration's size the boards are measured at; 10 unless told otherwise. */
  readonly times: number;
  /** Folder that a benchmark fills and keeps, for another run. */
  readonly data: string | undefined;
}

/** Nearest-rank percentile of numbers in any order. @param share from 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** @returns the value with one digit after the point */
export const rounded = (value: number): number => Math.round(value * 10) / 10;
