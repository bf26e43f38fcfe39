import type { Point } from '../../decode/otlp/read.ts';
import type { Fact } from '../../verdict.ts';
import type { Directory } from '../directory.ts';
import { label } from '../origin.ts';
import type { Rule } from './rule.ts';
import { inMs, maxUInt32, modalityOf, placeOf } from './series.ts';

/** One use, or as many as a point counts. */
export function usage(rule: Rule<'usage'>, point: Point, directory: Directory): Fact[] {
  if (point.value === 0) return [];
  const { attributes, startedAt, at, sum } = point;
  const named = rule.label_from === undefined ? '' : (attributes.get(rule.label_from) ?? '');
  const row = {
    ...placeOf(
      rule.system,
      rule.site_from === undefined ? undefined : attributes.get(rule.site_from),
      directory
    ),
    occurred_at: startedAt ?? at,
    system: rule.system,
    kind: rule.kind,
    label: rule.label ?? label(named),
    outcome: rule.outcome ?? '',
    modality: modalityOf(attributes, rule.modality_from),
    count: Math.round(point.value),
    period_s: startedAt === null ? null : Math.min(Math.round((at - startedAt) / 1000), maxUInt32),
    duration_ms: sum === null ? null : inMs(sum, rule.count.unit)
  };
  return [{ table: 'ops.usage', row }];
}
