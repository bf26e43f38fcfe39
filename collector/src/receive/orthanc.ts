import type { OrthancDocument, OrthancStatistics } from '../decode/pull/orthanc.ts';
import { OrthancApi, type Change, type OrthancPull, type OrthancStatisticsAnswer } from './orthanc-api.ts';
import {
  anchorsOf,
  compare,
  Cursor,
  enoughAnchors,
  group,
  newInstances,
  restart,
  start,
  type Arrival
} from './orthanc-changes.ts';
import { OrthancGaugeTeller } from './orthanc-gauges.ts';
import { OrthancJobs, receptionsOf } from './orthanc-jobs.ts';
import { keepWhenRoom, report, type PullDependencies } from './pull.ts';
import { repeat, type Schedule } from './schedule.ts';

export type { OrthancPull } from './orthanc-api.ts';

/** Changes read at once: bounds what is held, and is one step of the cursor. */
const batch = 500;
/** So many changes behind, a series is asked for as a whole: a million instances are not asked for one by one. */
const behindFrom = 5_000;
const catchUpBatch = 2_000;
/** Requests to Orthanc at the same time. */
const parallel = 4;
/** Unchanged statistics are told again after this time, so that a pool is known to be alive. */
const statisticsEveryMs = 300_000;
const seriesCacheLimit = 2_000;

/**
 * Reads what Orthanc took in: its changes give the instances, their metadata the sender, their series the modality.
 * The cursor moves in the transaction that keeps what it passed, so nothing is lost or told twice by a crash.
 * Far behind, the sender of a series is that of its first instance of a batch; counts and bytes are exact. Of what it sends on it
 * tells finished jobs. Orthanc does not tell queries, failures, durations or deletions: those are not told on.
 */
export function startOrthancPull(pull: OrthancPull, dependencies: PullDependencies): Schedule {
  const puller = new OrthancPuller(pull, dependencies);
  return repeat(
    pull.every_seconds * 1000,
    (signal) => puller.run(signal),
    (error) => report(pull.id, error, dependencies)
  );
}

class OrthancPuller {
  readonly #pull: OrthancPull;
  readonly #dependencies: PullDependencies;
  readonly #api: OrthancApi;
  readonly #cursorId: string;
  readonly #jobs: OrthancJobs;
  readonly #gauges: OrthancGaugeTeller;
  readonly #series = new Map<string, Readonly<Record<string, string>>>();
  #told: { readonly figures: string; readonly at: number } | undefined;

  constructor(pull: OrthancPull, dependencies: PullDependencies) {
    this.#pull = pull;
    this.#dependencies = dependencies;
    this.#api = new OrthancApi(pull);
    this.#cursorId = `orthanc:${pull.id}`;
    this.#jobs = new OrthancJobs(pull, dependencies, this.#api);
    this.#gauges = new OrthancGaugeTeller(pull, dependencies, this.#api);
  }

  async run(signal: AbortSignal): Promise<void> {
    const end = (await this.#api.lastChange(signal))?.Seq ?? 0;
    while (!signal.aborted && (await this.#step(end, signal))) continue;
    if (signal.aborted) return;
    const statistics = await this.#api.statistics(signal);
    await this.#statistics(statistics, signal);
    await this.#jobs.run(signal);
    await this.#gauges.run(statistics, signal);
  }

  /**
   * Reads one batch of changes.
   * @param end the last change there was when the turn began
   * @returns whether there is more
   */
  async #step(end: number, signal: AbortSignal): Promise<boolean> {
    const { observe, spool } = this.#dependencies;
    const parsed = Cursor.safeParse(spool.cursor(this.#cursorId));
    const cursor = parsed.success ? parsed.data : start;
    const far = end - cursor.seq > behindFrom;
    observe.progress?.(this.#pull.id, Math.min(cursor.seq, end), end);
    // From one before the cursor, so that its own row comes back and tells whether it is still the same list.
    const since = Math.max(0, cursor.seq - 1);
    const { Changes, Done } = await this.#api.changes(since, far ? catchUpBatch : batch, signal);
    const last = Changes.length === 0 && cursor.seq > 0 ? await this.#api.lastChange(signal) : undefined;
    if (await this.#isReset(cursor, Changes[0], last, signal)) {
      const message = 'Orthanc counts its changes anew: they are read from the start, but for what is older';
      observe.failed(this.#pull.id, 'reset', message);
      return (await this.#keep([], restart(cursor), signal)) !== null;
    }
    const newest = Changes.at(-1);
    if (newest === undefined || newest.Seq <= cursor.seq) return false;
    const fresh = newInstances(Changes, cursor);
    const arrivals = far ? await this.#bySeries(fresh, signal) : await this.#arrivals(fresh, signal);
    const documents = group(arrivals, this.#pull);
    const next: Cursor = {
      seq: newest.Seq,
      id: newest.ID,
      date: newest.Date,
      after: cursor.after,
      anchors: anchorsOf(cursor.anchors, arrivals)
    };
    if ((await this.#keep(documents, next, signal)) === null) return false;
    observe.pulled(this.#pull.id, documents.length);
    observe.progress?.(this.#pull.id, newest.Seq, Math.max(end, newest.Seq));
    return !Done;
  }

  /** A row may be missing because its study was deleted: a database in which nothing read before is left is another one. */
  async #isReset(
    cursor: Cursor,
    first: Change | undefined,
    last: Change | undefined,
    signal: AbortSignal
  ): Promise<boolean> {
    const verdict = compare(cursor, first, last);
    if (verdict !== 'ask') return verdict === 'reset';
    if (cursor.anchors.length < enoughAnchors) return false;
    for (const anchor of cursor.anchors) if (await this.#api.holds(anchor, signal)) return false;
    return true;
  }

  /** One look at an instance and one at its series for all of it that the changes name. */
  async #bySeries(changes: readonly Change[], signal: AbortSignal): Promise<Arrival[]> {
    const left = new Map(changes.map((change) => [change.ID, change]));
    const found = new Map<string, Arrival>();
    for (const change of changes) {
      if (!left.delete(change.ID)) continue;
      if (signal.aborted) return [];
      const instance = await this.#api.instance(change.ID, signal);
      const series = instance && (await this.#seriesOf(instance.series, signal));
      if (instance === undefined || series === undefined) continue;
      found.set(change.ID, { change, instance, series });
      // The others came when their own changes say.
      const { ReceptionDate: _, ...metadata } = instance.metadata;
      for (const [id, bytes] of (await this.#api.siblings(instance.series, signal)) ?? []) {
        const other = left.get(id);
        if (other === undefined) continue;
        left.delete(id);
        found.set(id, { change: other, instance: { bytes, series: instance.series, metadata }, series });
      }
    }
    this.#gone(changes.length - found.size);
    return changes.flatMap(({ ID }) => found.get(ID) ?? []);
  }

  async #arrivals(changes: readonly Change[], signal: AbortSignal): Promise<Arrival[]> {
    const found: (Arrival | undefined)[] = Array(changes.length).fill(undefined);
    const waiting = changes.entries();
    const work = async () => {
      for (const [index, change] of waiting) {
        const instance = await this.#api.instance(change.ID, signal);
        const series = instance && (await this.#seriesOf(instance.series, signal));
        if (instance !== undefined && series !== undefined) found[index] = { change, instance, series };
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    const arrivals = found.filter((one) => one !== undefined);
    this.#gone(changes.length - arrivals.length);
    return arrivals;
  }

  #gone(instances: number): void {
    if (instances > 0)
      this.#dependencies.observe.failed(
        this.#pull.id,
        'gone',
        `${instances} instances were deleted before they could be read`
      );
  }

  async #seriesOf(id: string, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined> {
    const known = this.#series.get(id);
    if (known !== undefined) return known;
    const found = await this.#api.series(id, signal);
    if (found === undefined) return undefined;
    if (this.#series.size >= seriesCacheLimit) this.#series.clear();
    this.#series.set(id, found);
    return found;
  }

  async #statistics(
    { CountInstances, CountStudies, TotalDiskSize }: OrthancStatisticsAnswer,
    signal: AbortSignal
  ): Promise<void> {
    const { now = Date.now, observe } = this.#dependencies;
    const figures = [CountInstances, CountStudies, TotalDiskSize].join();
    const at = now();
    if (this.#told?.figures === figures && at - this.#told.at < statisticsEveryMs) return;
    const document: OrthancStatistics = {
      kind: 'statistics',
      system: this.#pull.system,
      pool: this.#pull.pool,
      tier: this.#pull.tier,
      at: new Date(at).toISOString(),
      used_bytes: TotalDiskSize,
      studies: CountStudies,
      instances: CountInstances
    };
    if ((await this.#keep([document], undefined, signal)) === null) return;
    this.#told = { figures, at };
    observe.pulled(this.#pull.id, 1);
  }

  #keep(documents: readonly OrthancDocument[], cursor: Cursor | undefined, signal: AbortSignal) {
    const receptions = receptionsOf(documents, this.#pull, this.#dependencies);
    const move = cursor && { id: this.#cursorId, value: cursor };
    return keepWhenRoom(receptions, move, this.#dependencies, signal);
  }
}
