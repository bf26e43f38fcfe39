import { z } from 'zod';

/** Whether what comes in is taken and stored, as the collector says of itself. */
export type Intake =
  | { readonly state: 'well' | 'full' | 'unreachable' }
  /** Taken in and kept, and not stored since. */
  | { readonly state: 'waiting'; readonly since: number };

/** What `/readyz` of the collector says, as far as it is read here. */
export const Readiness = z.object({
  spool_full: z.boolean(),
  parked: z.record(z.string(), z.string()),
  failing: z.record(z.string(), z.string()),
  spool: z.record(z.string(), z.object({ oldest_ms: z.number() }))
});

/** A failure that lasts less is one of those that a repeated try mends. */
const patienceMs = 60_000;

/** Pure. @param now ms since 1970 */
export function intakeOf(told: z.infer<typeof Readiness>, now: number): Intake {
  if (told.spool_full) return { state: 'full' };
  const parked = Object.keys(told.parked);
  const oldest = (lanes: readonly string[]) =>
    Math.max(0, ...lanes.map((lane) => told.spool[lane]?.oldest_ms ?? 0));
  const waitedMs = oldest(Object.keys(told.failing));
  if (parked.length > 0) return { state: 'waiting', since: now - oldest(parked) };
  return waitedMs > patienceMs ? { state: 'waiting', since: now - waitedMs } : { state: 'well' };
}
