import type { OrthancDocument, OrthancStatistics } from '../decode/pull/orthanc.ts';
import type { Reception } from '../reception.ts';
import { OrthancApi, type Change, type OrthancPull } from './orthanc-api.ts';
import { compare, Cursor, group, newInstances, restart, start, type Arrival } from './orthanc-changes.ts';
import { keepWhenRoom, report, type PullDependencies } from './pull.ts';
import { repeat, type Schedule } from './schedule.ts';

export type { OrthancPull } from './orthanc-api.ts';

/** Changes read at once: bounds what is held, and is one step of the cursor. */
const batch = 500;
/** Requests to Orthanc at the same time. */
const parallel = 4;
/** Unchanged statistics are told again after this time, so that a pool is known to be alive. */
const statisticsEveryMs = 300_000;
const seriesCacheLimit = 2_000;

/**
 * Reads what Orthanc took in: its changes give the instances, their metadata the sender, their series the modality.
 * The cursor moves in the transaction that keeps what it passed, so nothing is lost or told twice by a crash.
 * Orthanc does not tell queries, retrievals, failures, durations or deletions: those are not told on.
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
  readonly #series = new Map<string, Readonly<Record<string, string>>>();
  #told: { readonly figures: string; readonly at: number } | undefined;

  constructor(pull: OrthancPull, dependencies: PullDependencies) {
    this.#pull = pull;
    this.#dependencies = dependencies;
    this.#api = new OrthancApi(pull);
    this.#cursorId = `orthanc:${pull.id}`;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.#step(signal))) continue;
    if (!signal.aborted) await this.#statistics(signal);
  }

  /** Reads one batch of changes. @returns whether there is more */
  async #step(signal: AbortSignal): Promise<boolean> {
    const parsed = Cursor.safeParse(this.#dependencies.spool.cursor(this.#cursorId));
    const cursor = parsed.success ? parsed.data : start;
    // From one before the cursor, so that its own row comes back and tells whether it is still the same list.
    const { Changes, Done } = await this.#api.changes(Math.max(0, cursor.seq - 1), batch, signal);
    const last = Changes.length === 0 && cursor.seq > 0 ? await this.#api.lastChange(signal) : undefined;
    if (compare(cursor, Changes[0], last) === 'reset') {
      const message = 'Orthanc counts its changes anew: they are read from the start, but for what is older';
      this.#dependencies.observe.failed(this.#pull.id, 'reset', message);
      return (await this.#keep([], restart(cursor), signal)) !== null;
    }
    const newest = Changes.at(-1);
    if (newest === undefined || newest.Seq <= cursor.seq) return false;
    const arrivals = await this.#arrivals(newInstances(Changes, cursor), signal);
    const documents = group(arrivals, this.#pull);
    const next: Cursor = { seq: newest.Seq, id: newest.ID, date: newest.Date, after: cursor.after };
    if ((await this.#keep(documents, next, signal)) === null) return false;
    this.#dependencies.observe.pulled(this.#pull.id, documents.length);
    return !Done;
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
    const gone = changes.length - arrivals.length;
    if (gone > 0)
      this.#dependencies.observe.failed(
        this.#pull.id,
        'gone',
        `${gone} instances were deleted before they could be read`
      );
    return arrivals;
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

  async #statistics(signal: AbortSignal): Promise<void> {
    const { now = Date.now, observe } = this.#dependencies;
    const { CountInstances, CountStudies, TotalDiskSize } = await this.#api.statistics(signal);
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
    const { now = Date.now } = this.#dependencies;
    const receivedAt = now();
    const receptions = documents.map((document): Reception => ({
      raw: Buffer.from(JSON.stringify(document)),
      format: 'orthanc',
      transport: 'pull',
      peer: new URL(this.#pull.url).hostname,
      source: this.#pull.system,
      receivedAt
    }));
    const move = cursor && { id: this.#cursorId, value: cursor };
    return keepWhenRoom(receptions, move, this.#dependencies, signal);
  }
}
