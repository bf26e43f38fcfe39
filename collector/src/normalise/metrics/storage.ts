import type { Point } from '../../decode/otlp/read.ts';
import type { Fact } from '../../verdict.ts';
import type { Directory } from '../directory.ts';
import type { Rule } from './rule.ts';
import { latest, placeOf, total } from './series.ts';

/** What a pool holds, summed over its series. */
export function storage(
  rule: Rule<'storage'>,
  used: readonly Point[],
  capacity: readonly Point[],
  directory: Directory
): Fact[] {
  if (used.length === 0) return [];
  const { system, pool, tier } = rule;
  const row = {
    ...placeOf(system, undefined, directory),
    occurred_at: latest(used),
    system,
    pool,
    tier,
    capacity: capacity.length === 0 ? null : total(capacity),
    used: total(used),
    studies: null,
    instances: null
  };
  return [{ table: 'ops.storage_sample', row }];
}
