import type { StorageRecord, VolumeRecord } from '@vigie/schemas/facts/storage';
import type { OrthancStatistics } from '../decode/pull/orthanc.ts';
import type { FilesystemDocument } from '../decode/pull/prometheus.ts';
import { Undecodable } from '../decode/undecodable.ts';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { originAt } from './origin.ts';

type SampleFact = Extract<Fact, { table: 'ops.storage_sample' }>;
type VolumeFact = Extract<Fact, { table: 'ops.study_volume' }>;
interface Normalised<F> {
  readonly origin: Origin;
  readonly facts: readonly F[];
}

/** One storage sample of the JSON input → row. */
export function normaliseStorage(
  record: StorageRecord,
  source: string,
  directory: Directory
): Normalised<SampleFact> {
  return sample(
    record.system,
    source,
    {
      occurred_at: Date.parse(record.occurred_at),
      pool: record.pool,
      tier: record.tier,
      capacity: record.capacity_bytes ?? null,
      used: record.used_bytes,
      studies: record.studies ?? null,
      instances: record.instances ?? null
    },
    directory
  );
}

/**
 * One filesystem of node_exporter → row. Used is size less free, so that what the filesystem reserves for root counts
 * as free, as `df` shows it; where an exporter tells no free space, size less available.
 */
export function normaliseFilesystem(told: FilesystemDocument, directory: Directory): Normalised<SampleFact> {
  const free = told.free_bytes ?? told.avail_bytes ?? 0;
  if (free > told.size_bytes)
    throw new Undecodable('bad-value', 'free_bytes is more than size_bytes: the exporter contradicts itself');
  const state = {
    occurred_at: Date.parse(told.at),
    pool: told.pool,
    tier: told.tier,
    capacity: told.size_bytes,
    used: told.size_bytes - free,
    studies: null,
    instances: null
  };
  return sample(told.system, told.system, state, directory);
}

/** Orthanc's `/statistics` → row. Orthanc does not tell the capacity of its disk. */
export function normaliseStatistics(told: OrthancStatistics, directory: Directory): Normalised<SampleFact> {
  const state = {
    occurred_at: Date.parse(told.at),
    pool: told.pool,
    tier: told.tier,
    capacity: null,
    used: told.used_bytes,
    studies: told.studies,
    instances: told.instances
  };
  return sample(told.system, told.system, state, directory);
}

function sample(
  system: string,
  source: string,
  state: Omit<SampleFact['row'], 'site' | 'establishment' | 'system'>,
  directory: Directory
): Normalised<SampleFact> {
  const origin = originAt(source, directory.systemById(system)?.site ?? '', directory);
  const row = { site: origin.site, establishment: origin.establishment, system, ...state };
  return { origin, facts: [{ table: 'ops.storage_sample', row }] };
}

/** One change of a study's volume of the JSON input → row. */
export function normaliseVolume(
  record: VolumeRecord,
  source: string,
  directory: Directory
): Normalised<VolumeFact> {
  const site = record.site ?? directory.systemById(record.system)?.site ?? '';
  const origin = originAt(source, site, directory);
  const row: VolumeFact['row'] = {
    site,
    establishment: origin.establishment,
    occurred_at: Date.parse(record.occurred_at),
    system: record.system,
    pool: record.pool,
    tier: record.tier,
    study: record.study ?? '',
    modality: record.modality ?? '',
    bytes: record.bytes,
    instances: record.instances,
    reason: record.reason
  };
  return { origin, facts: [{ table: 'ops.study_volume', row }] };
}
