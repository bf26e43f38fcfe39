import type { Point } from '../../decode/otlp/read.ts';
import type { Fact } from '../../verdict.ts';
import type { Directory } from '../directory.ts';
import type { Rule } from './rule.ts';
import { current, inMs, latest, placeOf } from './series.ts';

/** One check, of each series the latest point: a success when all are above zero, as slow as the slowest. */
export function probe(
  rule: Rule<'probe'>,
  up: readonly Point[],
  latency: readonly Point[],
  directory: Directory
): Fact[] {
  const now = current(up);
  if (now.length === 0) return [];
  const took = current(latency).map(({ value }) => inMs(value, rule.latency?.unit));
  const success = now.every(({ value }) => value > 0);
  const row = {
    ...placeOf(rule.system, undefined, directory),
    occurred_at: latest(now),
    system: rule.system,
    probe: rule.probe,
    kind: 'other',
    success: success ? 1 : 0,
    latency_ms: took.length === 0 ? null : Math.max(...took),
    detail: success ? 'ok' : 'error'
  };
  return [{ table: 'ops.probe_result', row }];
}
