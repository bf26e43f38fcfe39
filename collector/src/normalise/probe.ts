import type { ProbeRecord } from '@vigie/schemas/facts/probe';
import type { Signal } from '@vigie/schemas/facts/signal';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { originAt } from './origin.ts';

/** One synthetic check, of ours or of another monitor → row. The reason of a failure that none is told for is `error`. */
export function normaliseProbe(
  record: ProbeRecord,
  source: string,
  directory: Directory
): { origin: Origin; facts: Fact[] } {
  const site = directory.systemById(record.system)?.site ?? '';
  const origin = originAt(source, site, directory);
  const fact: Fact = {
    table: 'ops.probe_result',
    row: {
      site,
      establishment: origin.establishment,
      occurred_at: Date.parse(record.occurred_at),
      system: record.system,
      probe: record.probe,
      kind: record.kind,
      success: record.success ? 1 : 0,
      latency_ms: record.latency_ms ?? null,
      detail: record.detail ?? (record.success ? 'ok' : 'error')
    }
  };
  return { origin, facts: [fact] };
}

/** One signal of the watch or the simulator → row. */
export function normaliseSignal(
  signal: Signal,
  source: string,
  directory: Directory
): { origin: Origin; facts: Fact[] } {
  const site = signal.site ?? directory.systemById(signal.subject)?.site ?? '';
  const origin = originAt(source, site, directory);
  const fact: Fact = {
    table: 'ops.signal',
    row: {
      site,
      establishment: origin.establishment,
      occurred_at: Date.parse(signal.occurred_at),
      code: signal.code,
      severity: signal.severity,
      state: signal.state,
      subject: signal.subject,
      params: JSON.stringify(signal.params)
    }
  };
  return { origin, facts: [fact] };
}
