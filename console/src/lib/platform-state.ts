/** State of a watched system in words. */
export type PlatformState = 'works' | 'slow' | 'down' | 'silent' | 'unknown' | 'quiet';
/** One quarter of an hour: all checks good, some failed, no check. */
export type Quarter = 'good' | 'bad' | 'none';

const quarterMs = 900_000;

/** 96 quarters of an hour up to now. Pure. */
export function strip(
  quarters: readonly { readonly at: Date; readonly checks: number; readonly successes: number }[],
  now: Date
): Quarter[] {
  const last = Math.floor(now.getTime() / quarterMs);
  const found = new Map(quarters.map((one) => [Math.floor(one.at.getTime() / quarterMs), one]));
  return Array.from({ length: 96 }, (_, i) => {
    const one = found.get(last - 95 + i);
    return one === undefined || one.checks === 0 ? 'none' : one.successes < one.checks ? 'bad' : 'good';
  });
}

/** State from the last checks and the last message. Pure: a failing service is down before anything else is said. */
export function platformState(
  system: {
    readonly quarters: readonly Quarter[];
    /** Failed checks of the last two hours; a single one is shown, and is no state. */
    readonly failed: number;
    readonly failing: boolean;
    readonly lastAt: Date | undefined;
    readonly silenceMinutes: number | undefined;
  },
  now: Date
): PlatformState {
  if (system.failing) return 'down';
  const silent =
    system.lastAt !== undefined &&
    system.silenceMinutes !== undefined &&
    now.getTime() - system.lastAt.getTime() > system.silenceMinutes * 60_000;
  if (silent) return 'silent';
  if (system.failed >= 2) return 'slow';
  if (system.quarters.some((one) => one !== 'none')) return 'works';
  return system.lastAt === undefined ? 'unknown' : 'quiet';
}
