import { CensusRecord } from '@vigie/schemas/facts/census';
import { ExamRecord } from '@vigie/schemas/facts/exam';
import { MppsRecord } from '@vigie/schemas/facts/mpps';
import { ProbeRecord } from '@vigie/schemas/facts/probe';
import { Signal } from '@vigie/schemas/facts/signal';
import { StorageRecord, VolumeRecord } from '@vigie/schemas/facts/storage';
import { TransferRecord } from '@vigie/schemas/facts/transfer';
import { UsageRecord } from '@vigie/schemas/facts/usage';
import type { z } from 'zod';
import { readRecord } from './decode/json/record.ts';
import { OrthancDocument } from './decode/pull/orthanc.ts';
import { FilesystemDocument } from './decode/pull/prometheus.ts';
import { firstYear, lastYear } from './decode/time.ts';
import { Undecodable } from './decode/undecodable.ts';
import { normaliseCensus } from './normalise/census.ts';
import type { Directory } from './normalise/directory.ts';
import { normaliseExam } from './normalise/exam.ts';
import { normaliseGauges } from './normalise/gauge.ts';
import { normaliseMpps } from './normalise/mpps.ts';
import type { Identities } from './normalise/identity.ts';
import { normaliseProbe, normaliseSignal } from './normalise/probe.ts';
import {
  normaliseFilesystem,
  normaliseStatistics,
  normaliseStorage,
  normaliseVolume
} from './normalise/storage.ts';
import { normaliseOrthanc, normaliseOrthancSent, normaliseTransfer } from './normalise/transfer.ts';
import { normaliseUsage } from './normalise/usage.ts';
import type { Reception } from './reception.ts';
import type { Fact, Findings, Origin, Trace } from './verdict.ts';

interface Normalised {
  readonly origin: Origin;
  readonly facts: readonly Fact[];
  readonly identities?: Identities;
}

const isoTimes = ['occurred_at', 'at', 'told_at', 'appointment_at', 'started_at', 'ended_at'];

/**
 * Makes the judge of one kind of JSON record.
 * @param speaker the system a record speaks for, by its own words; undefined when it names none
 * @param times fields that hold an ISO time where a record has them
 */
function jsonJudge<S extends z.ZodType>(
  schema: S,
  speaker: (record: z.infer<S>) => string | undefined,
  normalise: (record: z.infer<S>, source: string, directory: Directory, receivedAt: number) => Normalised,
  times: readonly string[] = isoTimes
) {
  return (reception: Reception, directory: Directory, trace: Trace): Findings => {
    const record = readRecord(reception.raw, schema);
    const named = speaker(record);
    if (named !== undefined) {
      if (reception.source !== '' && named !== reception.source)
        throw new Undecodable('unknown-system', 'names another system than the one the key speaks for');
      if (directory.systemById(named) === undefined)
        throw new Undecodable('unknown-system', 'names a system that is not declared in vigie.yaml');
      trace.source = named;
    }
    refuseUnknown(record, times, directory);
    const { origin, facts, identities } = normalise(record, trace.source, directory, reception.receivedAt);
    const canonical = Buffer.concat([Buffer.from(`${reception.format}|${trace.source}|`), reception.raw]);
    return { origin, canonical, facts, identities: identities?.list() ?? [], repairs: [] };
  };
}

/** What a schema cannot know: the sites there are, the times that fit the store. */
function refuseUnknown(record: unknown, times: readonly string[], directory: Directory): void {
  if (typeof record !== 'object' || record === null) return;
  const text = (field: string) => {
    const value = (record as Record<string, unknown>)[field];
    return typeof value === 'string' ? value : undefined;
  };
  for (const field of ['site', 'actor_site']) {
    const site = text(field);
    if (site !== undefined && directory.siteById(site) === undefined)
      throw new Undecodable('bad-value', `${field} is not a site of vigie.yaml`);
  }
  for (const field of times) {
    const time = text(field);
    const year = time === undefined ? firstYear : new Date(Date.parse(time)).getUTCFullYear();
    if (!(year >= firstYear && year <= lastYear))
      throw new Undecodable('bad-value', `${field} must lie between ${firstYear} and ${lastYear}`);
  }
}

export const judgeTransfer = jsonJudge(TransferRecord, (record) => record.observer, normaliseTransfer);
export const judgeExam = jsonJudge(ExamRecord, (record) => record.system, normaliseExam);
export const judgeMpps = jsonJudge(MppsRecord, (record) => record.system, normaliseMpps);
export const judgeStorage = jsonJudge(StorageRecord, (record) => record.system, normaliseStorage);
export const judgeVolume = jsonJudge(VolumeRecord, (record) => record.system, normaliseVolume);
export const judgeProbe = jsonJudge(ProbeRecord, (record) => record.system, normaliseProbe);
export const judgeUsage = jsonJudge(UsageRecord, (record) => record.system, normaliseUsage);
export const judgeCensus = jsonJudge(CensusRecord, (record) => record.system, normaliseCensus);
export const judgeSignal = jsonJudge(Signal, () => undefined, normaliseSignal);

export const judgeOrthanc = jsonJudge(
  OrthancDocument,
  (told) => told.system,
  (told, _, directory, receivedAt) =>
    told.kind === 'received'
      ? normaliseOrthanc(told, directory, receivedAt)
      : told.kind === 'sent'
        ? normaliseOrthancSent(told, directory, receivedAt)
        : told.kind === 'gauges'
          ? normaliseGauges(told, directory)
          : normaliseStatistics(told, directory),
  // Its other times are of Orthanc's own form.
  ['at']
);

export const judgeFilesystem = jsonJudge(
  FilesystemDocument,
  (told) => told.system,
  (told, _, directory) => normaliseFilesystem(told, directory)
);
