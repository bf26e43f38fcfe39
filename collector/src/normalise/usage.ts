import type { UsageRecord } from '@vigie/schemas/facts/usage';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { originAt } from './origin.ts';

/** Uses of a system as told by JSON → row. The site is the one told, else the system's own. */
export function normaliseUsage(
  record: UsageRecord,
  source: string,
  directory: Directory
): { origin: Origin; facts: Fact[] } {
  const system = record.system ?? source;
  const site = record.site ?? directory.systemById(system)?.site ?? '';
  const origin = originAt(source, site, directory);
  const fact: Fact = {
    table: 'ops.usage',
    row: {
      site,
      establishment: origin.establishment,
      occurred_at: Date.parse(record.occurred_at),
      system,
      kind: record.kind,
      label: record.label ?? '',
      outcome: record.outcome ?? '',
      modality: record.modality ?? '',
      count: record.count,
      period_s: record.period_seconds ?? null,
      duration_ms: record.duration_ms ?? null
    }
  };
  return { origin, facts: [fact] };
}
