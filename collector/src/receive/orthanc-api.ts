import type { Pull } from '@vigie/schemas';
import { z } from 'zod';
import { authorizationOf, fetchText, PullError } from './pull.ts';

export type OrthancPull = Extract<Pull, { kind: 'orthanc' }>;

const timeoutMs = 15_000;
const maxBytes = 5_000_000;

const Change = z.looseObject({
  Seq: z.int().min(0),
  ChangeType: z.string(),
  ID: z.string(),
  Date: z.string()
});
export type Change = z.infer<typeof Change>;
const Changes = z.looseObject({ Changes: z.array(Change), Done: z.boolean() });

const Instance = z.looseObject({ FileSize: z.int().min(0), ParentSeries: z.string() });
const Siblings = z.array(z.looseObject({ ID: z.string(), FileSize: z.int().min(0) }));
const Metadata = z.record(z.string(), z.string());
const tags = z.record(z.string(), z.unknown());
const Series = z.looseObject({ ParentStudy: z.string(), MainDicomTags: tags });
const Study = z.looseObject({ MainDicomTags: tags });
const Statistics = z.looseObject({
  CountInstances: z.int().min(0),
  CountStudies: z.int().min(0),
  TotalDiskSize: z.coerce.number().int().min(0),
  CountSeries: z.int().min(0).optional(),
  CountPatients: z.int().min(0).optional(),
  TotalUncompressedSize: z.coerce.number().int().min(0).optional()
});
/** What `/statistics` answers. */
export type OrthancStatisticsAnswer = z.infer<typeof Statistics>;

/** Plugins have jobs of their own, with contents of any form. */
const AnyJob = z.looseObject({ Type: z.string() });
const Job = z.looseObject({
  ID: z.string(),
  Type: z.string(),
  State: z.string(),
  ErrorCode: z.int().default(0),
  CreationTime: z.string(),
  CompletionTime: z.string().optional(),
  EffectiveRuntime: z.number().min(0).default(0),
  Content: z.looseObject({
    LocalAet: z.string().optional(),
    RemoteAet: z.string().optional(),
    InstancesCount: z.int().min(0).optional(),
    FailedInstancesCount: z.int().min(0).optional()
  })
});
/** A job of Orthanc, such as a study that it sends to a modality. */
export type Job = z.infer<typeof Job>;

export interface FoundInstance {
  readonly bytes: number;
  readonly series: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is read of Orthanc's REST interface (1.10 and later). */
export class OrthancApi {
  readonly #pull: OrthancPull;

  constructor(pull: OrthancPull) {
    this.#pull = pull;
  }

  /** Changes after `since`, at most `limit`. */
  changes(since: number, limit: number, signal: AbortSignal) {
    return this.#get(`changes?since=${since}&limit=${limit}`, Changes, signal);
  }

  /** The newest change; undefined when there is none. */
  async lastChange(signal: AbortSignal): Promise<Change | undefined> {
    return (await this.#get('changes?last', Changes, signal)).Changes[0];
  }

  /** Jobs of these types of its history (JobsHistorySize, 10 unless configured), finished ones too. */
  async jobs(types: ReadonlySet<string>, signal: AbortSignal): Promise<Job[]> {
    const all = await this.#get('jobs?expand', z.array(AnyJob), signal);
    return readable(
      z.array(Job),
      all.filter(({ Type }) => types.has(Type))
    );
  }

  /** Whether an instance is still there. */
  async holds(id: string, signal: AbortSignal): Promise<boolean> {
    return (
      (await unlessGone(this.#get(`instances/${encodeURIComponent(id)}`, Instance, signal))) !== undefined
    );
  }

  /** Id → bytes of the instances of a series; undefined when it was deleted meanwhile, or holds too many for one answer. */
  async siblings(series: string, signal: AbortSignal): Promise<ReadonlyMap<string, number> | undefined> {
    try {
      const path = `series/${encodeURIComponent(series)}/instances`;
      const found = await unlessGone(this.#get(path, Siblings, signal));
      return found && new Map(found.map(({ ID, FileSize }) => [ID, FileSize]));
    } catch (error) {
      if (error instanceof PullError && error.code === 'too-large') return undefined;
      throw error;
    }
  }

  statistics(signal: AbortSignal) {
    return this.#get('statistics', Statistics, signal);
  }

  /** Its gauges, as Prometheus text. */
  metrics(signal: AbortSignal): Promise<string> {
    return this.#text('tools/metrics-prometheus', signal);
  }

  /** @returns undefined when it was deleted meanwhile */
  async instance(id: string, signal: AbortSignal): Promise<FoundInstance | undefined> {
    const path = `instances/${encodeURIComponent(id)}`;
    const found = await unlessGone(this.#get(path, Instance, signal));
    const metadata = found && (await unlessGone(this.#get(`${path}/metadata?expand`, Metadata, signal)));
    return metadata && { bytes: found.FileSize, series: found.ParentSeries, metadata };
  }

  /** Main tags of a series and its study, by name; undefined when it was deleted meanwhile. */
  async series(id: string, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined> {
    const series = await unlessGone(this.#get(`series/${encodeURIComponent(id)}`, Series, signal));
    const study =
      series &&
      (await unlessGone(this.#get(`studies/${encodeURIComponent(series.ParentStudy)}`, Study, signal)));
    if (series === undefined || study === undefined) return undefined;
    const text = (value: unknown) => (typeof value === 'string' ? value.trim().slice(0, 128) : '');
    return {
      study: text(study.MainDicomTags['StudyInstanceUID']),
      institution: text(study.MainDicomTags['InstitutionName']),
      modality: text(series.MainDicomTags['Modality']),
      station: text(series.MainDicomTags['StationName'])
    };
  }

  async #get<S extends z.ZodType>(path: string, schema: S, signal: AbortSignal): Promise<z.infer<S>> {
    return readable(schema, parse(await this.#text(path, signal)));
  }

  async #text(path: string, signal: AbortSignal): Promise<string> {
    const url = new URL(path, this.#pull.url.endsWith('/') ? this.#pull.url : `${this.#pull.url}/`).href;
    const headers = await authorizationOf(this.#pull);
    return fetchText(url, { timeoutMs, maxBytes, headers, signal });
  }
}

function readable<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (!result.success) throw new PullError('not-readable', 'it does not answer as Orthanc does');
  return result.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PullError('not-readable', 'its answer is not JSON');
  }
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PullError && error.status === 404) return undefined;
    throw error;
  }
}
