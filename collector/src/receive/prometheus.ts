import type { MetricRule, Pull } from '@vigie/schemas';
import { parsePrometheusText, PrometheusTextError, type Sample } from '../decode/prometheus/text.ts';
import type { FilesystemDocument } from '../decode/pull/prometheus.ts';
import type { Reception } from '../reception.ts';
import { asRequest, selected, Totals } from './prometheus-metrics.ts';
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

/**
 * Scrapes node_exporter for the state of storage pools, and what rules read of any exporter. What it does not tell is counted and
 * logged, never made up.
 */
export function startPrometheusPull(
  pull: PrometheusPull,
  dependencies: PullDependencies,
  metricRules: readonly MetricRule[] = []
): Schedule {
  const rules = pull.metrics ? metricRules.filter(({ system }) => system === pull.system) : [];
  return repeat(
    pull.every_seconds * 1000,
    (signal) => scrape(pull, rules, dependencies, signal),
    (error) => report(pull.id, error, dependencies)
  );
}

async function scrape(
  pull: PrometheusPull,
  rules: readonly MetricRule[],
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
  const told = rules.length === 0 ? undefined : counted(text, pull, rules, dependencies, receivedAt);
  if (told?.request !== undefined)
    receptions.push({
      raw: Buffer.from(JSON.stringify(told.request)),
      format: 'otlp-json',
      transport: 'pull',
      peer: new URL(pull.url).hostname,
      source: pull.system,
      receivedAt
    });
  const cursor = told && { id: cursorOf(pull), value: told.totals };
  if (receptions.length === 0 && cursor === undefined) return;
  if ((await keepWhenRoom(receptions, cursor, dependencies, signal)) !== null)
    observe.pulled(pull.id, receptions.length);
}

const cursorOf = ({ id }: PrometheusPull) => `prometheus:${id}`;

/** What rules read of a scrape: the last values of counters are kept in the transaction that keeps what came since. */
function counted(
  text: string,
  pull: PrometheusPull,
  rules: readonly MetricRule[],
  { spool, observe }: PullDependencies,
  at: number
) {
  const names = selected(rules);
  const wanted = new Set([...names.states, ...names.counters].map(({ metric }) => metric));
  const samples = samplesOf(text, (name) => wanted.has(name));
  const before = Totals.safeParse(spool.cursor(cursorOf(pull)));
  const told = asRequest(samples, names, before.success ? before.data : undefined, at);
  if (samples.length === 0)
    observe.failed(pull.id, 'missing', 'the scrape holds none of the metrics that its rules read');
  if (told.forgotten > 0)
    observe.failed(
      pull.id,
      'too-large',
      `${told.forgotten} series are beyond what is remembered and are not counted`
    );
  return told;
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
  const samples = samplesOf(text, (name) => Object.hasOwn(metrics, name));
  return pull.filesystems.flatMap(({ mountpoint, pool, tier, when = {} }) => {
    const found = new Map<Figure, Sample>();
    const labels = Object.entries({ mountpoint, ...when });
    const own = samples.filter((sample) => labels.every(([key, value]) => sample.labels.get(key) === value));
    const machines = new Set(
      own.map((sample) => `${sample.labels.get('instance')}|${sample.labels.get('job')}`)
    );
    if (machines.size > 1) {
      failed(
        'contradiction',
        `the scrape tells the filesystem of pool ${pool} of several machines: name its instance under when`
      );
      return [];
    }
    for (const sample of own) found.set(metrics[sample.name as keyof typeof metrics], sample);
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

function samplesOf(text: string, wanted: (name: string) => boolean): Sample[] {
  try {
    return parsePrometheusText(text, wanted);
  } catch (error) {
    if (!(error instanceof PrometheusTextError)) throw error;
    throw new PullError('not-readable', `its answer is not in the Prometheus text format: ${error.message}`);
  }
}
