import { parsePrometheusText, PrometheusTextError } from '../decode/prometheus/text.ts';
import type { OrthancGauges } from '../decode/pull/orthanc.ts';
import type { OrthancApi, OrthancPull, OrthancStatisticsAnswer } from './orthanc-api.ts';
import { receptionsOf } from './orthanc-jobs.ts';
import { keepWhenRoom, PullError, type PullDependencies } from './pull.ts';

/** Metrics are asked for at most this often: Orthanc counts anew for each answer. */
const askEveryMs = 60_000;
/** Told again after this time; sooner when jobs wait, run or fail otherwise than when last told. */
const tellEveryMs = 300_000;
const mostGauges = 128;
const prefix = 'orthanc_';
type Gauge = OrthancGauges['gauges'][number];

/** How a metric's name ends → the unit that is stored, and how many of it make one of the metric's. Orthanc's MB are 2^20 bytes. */
const endings = [
  { ending: '_mb', unit: 'bytes', perUnit: 1_048_576 },
  { ending: '_bytes', unit: 'bytes', perUnit: 1 },
  { ending: '_ms', unit: 'ms', perUnit: 1 },
  { ending: '_s', unit: 'ms', perUnit: 1000 }
] as const;

/** Bytes up to 1.10, which its name does not say; `_mb` since. */
const withoutUnit = new Set(['orthanc_dicom_cache_size']);

/** Tells what Orthanc tells of itself: what it holds, its jobs, its caches, how long its services take. */
export class OrthancGaugeTeller {
  readonly #pull: OrthancPull;
  readonly #dependencies: PullDependencies;
  readonly #api: OrthancApi;
  #asked = -Infinity;
  #told = { at: -Infinity, jobs: '' };
  #silent = false;

  constructor(pull: OrthancPull, dependencies: PullDependencies, api: OrthancApi) {
    this.#pull = pull;
    this.#dependencies = dependencies;
    this.#api = api;
  }

  async run(statistics: OrthancStatisticsAnswer, signal: AbortSignal): Promise<void> {
    const { now = Date.now, observe } = this.#dependencies;
    const at = now();
    if (at - this.#asked < askEveryMs) return;
    this.#asked = at;
    const gauges = gaugesOf(statistics, await this.#metrics(signal));
    const jobs = JSON.stringify(
      gauges.filter(({ gauge }) => /^jobs-(?:pending|running|failed)$/.test(gauge))
    );
    if (at - this.#told.at < tellEveryMs && jobs === this.#told.jobs) return;
    const document: OrthancGauges = {
      kind: 'gauges',
      system: this.#pull.system,
      at: new Date(at).toISOString(),
      gauges
    };
    const receptions = receptionsOf([document], this.#pull, this.#dependencies);
    if ((await keepWhenRoom(receptions, undefined, this.#dependencies, signal)) === null) return;
    this.#told = { at, jobs };
    observe.pulled(this.#pull.id, 1);
  }

  /** @returns '' where Orthanc does not tell its metrics, which is told once; what `/statistics` says is kept all the same */
  async #metrics(signal: AbortSignal): Promise<string> {
    let [text, why] = ['', 'its metrics are empty'];
    try {
      text = await this.#api.metrics(signal);
    } catch (error) {
      if (!(error instanceof PullError) || error.code !== 'status') throw error;
      why = error.message;
    }
    const silent = text.trim() === '';
    if (silent && !this.#silent)
      this.#dependencies.observe.failed(
        this.#pull.id,
        'missing',
        `Orthanc does not tell its metrics (${why}): set MetricsEnabled, and let its user read /tools/metrics-prometheus`
      );
    this.#silent = silent;
    return text;
  }
}

/**
 * Orthanc's gauges by their own names, with hyphens, and without `orthanc_`, `count_` and the unit. Pure.
 * @param metrics text of `/tools/metrics-prometheus`: what `/statistics` tells exactly is not taken from it
 * @throws {PullError} not-readable
 */
export function gaugesOf(statistics: OrthancStatisticsAnswer, metrics: string): Gauge[] {
  const found = new Map<string, Gauge>();
  const add = (gauge: string, unit: Gauge['unit'], value: number | undefined) => {
    const whole = Math.round(value ?? -1);
    if (whole < 0 || !Number.isSafeInteger(whole) || found.has(gauge) || found.size >= mostGauges) return;
    found.set(gauge, { gauge, unit, value: whole });
  };
  add('patients', 'count', statistics.CountPatients);
  add('studies', 'count', statistics.CountStudies);
  add('series', 'count', statistics.CountSeries);
  add('instances', 'count', statistics.CountInstances);
  add('disk-size', 'bytes', statistics.TotalDiskSize);
  add('uncompressed-size', 'bytes', statistics.TotalUncompressedSize);
  for (const { name, labels, value } of samplesOf(metrics)) {
    if (labels.size > 0 || withoutUnit.has(name)) continue;
    const told = name.slice(prefix.length);
    const {
      ending = '',
      unit = 'count',
      perUnit = 1
    } = endings.find((one) => told.endsWith(one.ending)) ?? {};
    const gauge = told
      .slice(0, told.length - ending.length)
      .replace(/^count_/, '')
      .replaceAll('_', '-');
    if (gauge !== '' && gauge.length <= 64) add(gauge, unit, value * perUnit);
  }
  return [...found.values()];
}

function samplesOf(text: string) {
  try {
    return parsePrometheusText(text, (name) => name.startsWith(prefix));
  } catch (error) {
    if (!(error instanceof PrometheusTextError)) throw error;
    throw new PullError(
      'not-readable',
      `its metrics are not in the Prometheus text format: ${error.message}`
    );
  }
}
