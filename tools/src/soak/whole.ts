import { laneSums, wholeLane, type LaneSums } from '../testkit/audit-lane.ts';
import type { TestEngine } from '../testkit/engine.ts';
import { until } from '../testkit/until.ts';

/**
 * Waits until the store holds `messages` events and nothing more comes, then holds it against what was acknowledged.
 * @returns what was found
 * @throws when something is lost, doubled, or a rollup says something else than its base rows
 */
export async function expectWholeLane(
  engine: TestEngine,
  messages: number,
  withinMs: number
): Promise<LaneSums> {
  const settled = (sums: LaneSums | undefined) =>
    sums !== undefined && sums.events >= messages && sums.settled >= sums.events + sums.receptions;
  const sums = await until(() => laneSums(engine).catch(() => undefined), settled, withinMs);
  if (sums === undefined) throw new Error('the store does not answer');
  const [studies] = await engine.rows<{ n: string }>(
    `SELECT uniqExact(studies[1]) AS n FROM audit.event WHERE lane = 'audit'`
  );
  if (Number(studies?.n) !== messages)
    throw new Error(`${messages - Number(studies?.n)} of ${messages} acknowledged messages are not there`);
  const { highest: _, ...found } = sums;
  const wanted = wholeLane(messages, sums.receptions);
  for (const [name, value] of Object.entries(wanted))
    if (found[name as keyof typeof found] !== value)
      throw new Error(`${name} is ${found[name as keyof typeof found]}, and should be ${value}`);
  return sums;
}
