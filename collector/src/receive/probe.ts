import type { Probe } from '@vigie/schemas';
import type { ProbeRecord } from '@vigie/schemas/facts/probe';
import type { Reception } from '../reception.ts';
import { check } from './probe-check.ts';
import { keepWhenRoom, report, type PullDependencies } from './pull.ts';
import { repeat, type Schedule } from './schedule.ts';

/** Checks each system on its own schedule; every check, good or bad, is a record. */
export function startProbes(probes: readonly Probe[], dependencies: PullDependencies): Schedule {
  const schedules = probes.map((probe) =>
    repeat(
      probe.every_seconds * 1000,
      (signal) => run(probe, dependencies, signal),
      (error) => report(probe.id, error, dependencies)
    )
  );
  return {
    async stop() {
      await Promise.all(schedules.map((schedule) => schedule.stop()));
    }
  };
}

async function run(probe: Probe, dependencies: PullDependencies, signal: AbortSignal): Promise<void> {
  const { now = Date.now, observe } = dependencies;
  const startedAt = now();
  const { success, latencyMs, detail } = await check(probe, signal);
  // A check that the stop cut short says nothing of the system.
  if (signal.aborted) return;
  const record: ProbeRecord = {
    occurred_at: new Date(startedAt).toISOString(),
    probe: probe.id,
    system: probe.system,
    kind: probe.kind,
    success,
    detail,
    ...(latencyMs !== undefined && { latency_ms: latencyMs })
  };
  const reception: Reception = {
    raw: Buffer.from(JSON.stringify(record)),
    format: 'probe',
    transport: 'probe',
    peer: probe.kind === 'http' ? new URL(probe.url).hostname : probe.host,
    source: probe.system,
    receivedAt: now()
  };
  if ((await keepWhenRoom([reception], undefined, dependencies, signal)) !== null)
    observe.pulled(probe.id, 1);
}
