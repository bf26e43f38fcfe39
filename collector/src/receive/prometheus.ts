import type { Pull } from '@vigie/schemas';
import { parsePrometheusText, PrometheusTextError, type Sample } from '../decode/prometheus/text.ts';
import type { FilesystemDocument } from '../decode/pull/prometheus.ts';
import type { Reception } from '../reception.ts';
import { fetchText, keepWhenRoom, PullError, report, type PullDependencies } from './pull.ts';
import { repeat, type Schedule } from './schedule.ts';

export type PrometheusPull = Extract<Pull, { kind: 'prometheus' }>;

const timeoutMs = 10_000;
const maxBytes = 20_000_000;
const metrics = {
  node_filesystem_size_bytes: 'size_bytes',
  node_filesystem_free_bytes: 'free_bytes',
  node_filesystem_avail_bytes: 'avail_bytes'
} as const;
type Figure = (typeof metrics)[keyof typeof metrics];

/** Scrapes node_exporter for the state of storage pools. What it does not tell is counted and logged, never made up. */
export function startPrometheusPull(pull: PrometheusPull, dependencies: PullDependencies): Schedule {
  return repeat(
    pull.every_seconds * 1000,
    (signal) => scrape(pull, dependencies, signal),
    (error) => report(pull.id, error, dependencies)
  );
}

async function scrape(
  pull: PrometheusPull,
  dependencies: PullDependencies,
  signal: AbortSignal
): Promise<void> {
  const { now = Date.now, observe } = dependencies;
  const headers = { accept: 'text/plain;version=0.0.4' };
  const text = await fetchText(pull.url, { timeoutMs, maxBytes, headers, signal });
  const receivedAt = now();
  const documents = readFilesystems(text, pull, receivedAt, (code, message) =>
    observe.failed(pull.id, code, message)
  );
  const receptions = documents.map((document): Reception => ({
    raw: Buffer.from(JSON.stringify(document)),
    format: 'prometheus',
    transport: 'pull',
    peer: new URL(pull.url).hostname,
    source: pull.system,
    receivedAt
  }));
  if (receptions.length === 0) return;
  if ((await keepWhenRoom(receptions, undefined, dependencies, signal)) !== null)
    observe.pulled(pull.id, receptions.length);
}

/**
 * Filesystems of a scrape that are pools of ours. Pure.
 * @param failed told of each pool that the scrape does not tell fully
 * @throws {PullError} not-readable when the text is not in the format
 */
export function readFilesystems(
  text: string,
  pull: PrometheusPull,
  at: number,
  failed: (code: 'missing' | 'contradiction', message: string) => void
): FilesystemDocument[] {
  const samples = samplesOf(text);
  return pull.filesystems.flatMap(({ mountpoint, pool, tier }) => {
    const found = new Map<Figure, Sample>();
    for (const sample of samples)
      if (sample.labels.get('mountpoint') === mountpoint)
        found.set(metrics[sample.name as keyof typeof metrics], sample);
    const figure = (name: Figure) => {
      const value = found.get(name)?.value;
      return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
    };
    const size = figure('size_bytes');
    const free = figure('free_bytes');
    const available = figure('avail_bytes');
    if (size === undefined || (free ?? available) === undefined) {
      failed('missing', `the scrape does not tell size and free space of the filesystem of pool ${pool}`);
      return [];
    }
    if ((free ?? 0) > size || (available ?? 0) > size) {
      failed('contradiction', `the scrape tells more free space than size for pool ${pool}`);
      return [];
    }
    return [
      {
        system: pull.system,
        pool,
        tier,
        mountpoint,
        at: new Date(found.get('size_bytes')?.timestamp ?? at).toISOString(),
        size_bytes: size,
        ...(free !== undefined && { free_bytes: free }),
        ...(available !== undefined && { avail_bytes: available })
      }
    ];
  });
}

function samplesOf(text: string): Sample[] {
  try {
    return parsePrometheusText(text, (name) => Object.hasOwn(metrics, name));
  } catch (error) {
    if (!(error instanceof PrometheusTextError)) throw error;
    throw new PullError('not-readable', `its answer is not in the Prometheus text format: ${error.message}`);
  }
}
