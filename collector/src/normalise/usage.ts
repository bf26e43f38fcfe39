import type { UsageRecord } from '@vigie/schemas/facts/usage';
import { Undecodable } from '../decode/undecodable.ts';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { originAt } from './origin.ts';

/**
 * Uses of a system as told by JSON → row. The site is the one told, else the system's own.
 * @param source the system the key speaks for; the key itself when it may speak for any
 * @throws {Undecodable} unknown-system when neither the record nor its key names a system
 */
export function normaliseUsage(
  record: UsageRecord,
  source: string,
  directory: Directory
): { origin: Origin; facts: Fact[] } {
  const system = record.system ?? source;
  const declared = directory.systemById(system);
  if (declared === undefined)
    throw new Undecodable(
      'unknown-system',
      'system must be told, and declared in vigie.yaml: the key speaks for no system of its own'
    );
  const site = record.site ?? declared.site ?? '';
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
