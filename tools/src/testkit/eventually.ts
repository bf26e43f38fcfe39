import { until } from './until.ts';

/** Waits until `work` is true; what it throws meanwhile counts as not yet. @throws after `ms` */
export async function eventually(work: () => Promise<boolean>, ms = 30_000): Promise<void> {
  await until(() => work().catch(() => false), Boolean, ms);
}
