import { z } from 'zod';
import type { OrthancDocument, OrthancSent } from '../decode/pull/orthanc.ts';
import type { Reception } from '../reception.ts';
import type { Job, OrthancApi, OrthancPull } from './orthanc-api.ts';
import { keepWhenRoom, type PullDependencies } from './pull.ts';

/** Jobs that send images to a modality: by REST, or for a C-MOVE (SynchronousCMove: false). */
const sending = new Set(['DicomModalityStore']);
/** Jobs told already, the newest first; more than Orthanc keeps. */
const Told = z.array(z.string());
const remembered = 1_000;

/** Tells each finished job once: the list of those told moves in the transaction that keeps them. */
export class OrthancJobs {
  readonly #pull: OrthancPull;
  readonly #dependencies: PullDependencies;
  readonly #api: OrthancApi;

  constructor(pull: OrthancPull, dependencies: PullDependencies, api: OrthancApi) {
    this.#pull = pull;
    this.#dependencies = dependencies;
    this.#api = api;
  }

  async run(signal: AbortSignal): Promise<void> {
    const id = `orthanc:${this.#pull.id}:jobs`;
    const parsed = Told.safeParse(this.#dependencies.spool.cursor(id));
    const told = parsed.success ? parsed.data : [];
    const known = new Set(told);
    const fresh = (await this.#api.jobs(sending, signal)).filter(
      (job) => isFinished(job) && !known.has(job.ID)
    );
    if (fresh.length === 0) return;
    const documents = fresh.map((job) => documentOf(job, this.#pull));
    const cursor = { id, value: [...fresh.map((job) => job.ID), ...told].slice(0, remembered) };
    const receptions = receptionsOf(documents, this.#pull, this.#dependencies);
    if ((await keepWhenRoom(receptions, cursor, this.#dependencies, signal)) !== null)
      this.#dependencies.observe.pulled(this.#pull.id, documents.length);
  }
}

const isFinished = ({ State }: Job) => State === 'Success' || State === 'Failure';

function documentOf(job: Job, pull: OrthancPull): OrthancSent {
  const { LocalAet = '', RemoteAet = '', InstancesCount = 0, FailedInstancesCount = 0 } = job.Content;
  const partly = FailedInstancesCount > 0 && FailedInstancesCount < InstancesCount;
  return {
    kind: 'sent',
    system: pull.system,
    job: job.ID.slice(0, 128),
    calling_ae: LocalAet.trim().slice(0, 128),
    called_ae: RemoteAet.trim().slice(0, 128),
    instances: Math.max(0, InstancesCount - FailedInstancesCount),
    failures: FailedInstancesCount,
    duration_ms: Math.round(job.EffectiveRuntime * 1000),
    started_at: job.CreationTime.slice(0, 15),
    outcome:
      job.State === 'Success'
        ? FailedInstancesCount > 0
          ? 'warning'
          : 'success'
        : partly
          ? 'warning'
          : 'failure',
    error_code: job.ErrorCode
  };
}

/** Documents of the puller as they go into the spool. */
export function receptionsOf(
  documents: readonly OrthancDocument[],
  pull: OrthancPull,
  { now = Date.now }: PullDependencies
): Reception[] {
  const receivedAt = now();
  return documents.map((document) => ({
    raw: Buffer.from(JSON.stringify(document)),
    format: 'orthanc',
    transport: 'pull',
    peer: new URL(pull.url).hostname,
    source: pull.system,
    receivedAt
  }));
}
