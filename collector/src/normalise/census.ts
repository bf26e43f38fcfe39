import type { CensusRecord } from '@vigie/schemas/facts/census';
import { Undecodable } from '../decode/undecodable.ts';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { originAt } from './origin.ts';
import { shortId } from './told-values.ts';

type CountFact = Extract<Fact, { table: 'ops.census' }>;
type StudyFact = Extract<Fact, { table: 'ops.census_study' }>;
type Place = { readonly site?: string | undefined; readonly institution?: string | undefined };

/**
 * An archive's answer for one day → its total, what changed of its counts by site and modality, and the studies that are new,
 * changed or gone. A partial answer has a total only: what is not in it is not known, so no count of it is kept.
 */
export function normaliseCensus(
  record: CensusRecord,
  source: string,
  directory: Directory
): { origin: Origin; facts: (CountFact | StudyFact)[] } {
  const origin = originAt(source, directory.systemById(record.system)?.site ?? '', directory);
  const when = { occurred_at: Date.parse(record.occurred_at), study_date: Date.parse(record.study_date) };
  const year = new Date(when.study_date).getUTCFullYear();
  if (year < 1970 || year > 2148)
    throw new Undecodable('bad-value', 'study_date must lie between 1970 and 2148');
  const common = { ...when, system: record.system };
  const asked = { complete: record.complete ? 1 : 0, reason: record.reason ?? '' };
  const { site: home, establishment } = origin;
  const facts: (CountFact | StudyFact)[] = [];
  if (record.total)
    facts.push({
      table: 'ops.census',
      row: {
        site: home, establishment, ...common, grain: 'day', modality: '', studies: record.total.studies,
        instances: record.total.instances ?? null, bytes: record.total.bytes ?? null, digest: 0, ...asked
      }
    }); // prettier-ignore
  for (const { site, modality, studies, instances, bytes, digest } of cells(record, directory))
    facts.push({
      table: 'ops.census',
      row: {
        site, establishment: directory.establishmentOf(site), ...common, grain: 'cell', modality, studies,
        instances, bytes, digest, ...asked
      }
    }); // prettier-ignore
  for (const study of record.studies) {
    if (study.state === 'gone' && !record.complete)
      throw new Undecodable('bad-value', 'studies names one as gone in an answer that is not complete');
    const site = siteOf(study, home, directory);
    facts.push({
      table: 'ops.census_study',
      row: {
        site, establishment: directory.establishmentOf(site), ...common, modality: study.modality ?? '',
        study: study.study, accession: shortId(study.accession ?? ''), instances: study.instances ?? null,
        bytes: study.bytes ?? null, state: study.state
      }
    }); // prettier-ignore
  }
  return { origin, facts };
}

interface Cell {
  readonly site: string;
  readonly modality: string;
  readonly studies: number;
  readonly instances: number | null;
  readonly bytes: number | null;
  readonly digest: bigint;
}

/** Counts by site and modality: institutions of one site are one. What is not told of a part is not known of the whole. */
function cells(record: CensusRecord, directory: Directory): Cell[] {
  if (!record.complete) return [];
  const home = directory.systemById(record.system)?.site ?? '';
  const found = new Map<string, Cell>();
  for (const told of record.counts) {
    const site = siteOf(told, home, directory);
    const modality = told.modality ?? '';
    const key = `${site} ${modality}`;
    const part = {
      site,
      modality,
      studies: told.studies,
      instances: told.instances ?? null,
      bytes: told.bytes ?? null,
      digest: BigInt(`0x${told.digest ?? '0'}`)
    };
    const before = found.get(key);
    found.set(key, before ? joined(before, part) : part);
  }
  return [...found.values()];
}

const sum = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b);

const joined = (a: Cell, b: Cell): Cell => ({
  ...a,
  studies: a.studies + b.studies,
  instances: sum(a.instances, b.instances),
  bytes: sum(a.bytes, b.bytes),
  digest: a.digest ^ b.digest
});

/** @throws {Undecodable} bad-value for a site that vigie.yaml does not know */
function siteOf({ site, institution = '' }: Place, home: string, directory: Directory): string {
  if (site !== undefined && directory.siteById(site) === undefined)
    throw new Undecodable('bad-value', 'site is not a site of vigie.yaml');
  return site ?? directory.siteByAlias(institution)?.id ?? home;
}
