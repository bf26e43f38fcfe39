import type { OrthancGauges } from '../decode/pull/orthanc.ts';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { originAt } from './origin.ts';

/** What Orthanc tells of itself → one row a gauge. */
export function normaliseGauges(
  { system, at, gauges }: OrthancGauges,
  directory: Directory
): { readonly origin: Origin; readonly facts: readonly Fact[] } {
  const origin = originAt(system, directory.systemById(system)?.site ?? '', directory);
  const { site, establishment } = origin;
  const occurred_at = Date.parse(at);
  const facts = gauges.map(({ gauge, unit, value }): Fact => ({
    table: 'ops.gauge',
    row: { site, establishment, occurred_at, system, gauge, label: '', unit, value }
  }));
  return { origin, facts };
}
