import { hash } from 'node:crypto';
import type { CensusRecord } from '@vigie/schemas/facts/census';
import { z } from 'zod';
import { mainModality, type Answer, type ToldStudy } from './census-ask.ts';

/** One study of a day as it was told last: site, modality, instances (-1: not told), mark of its accession, whole answers it was missing in. */
const Known = z.tuple([z.string(), z.string(), z.int(), z.string(), z.int()]);
type Known = z.infer<typeof Known>;
/** What an archive holds of one day, by Study Instance UID: kept beside the spool, so that only changes are told. */
export const DayState = z.record(z.string(), Known);
export type DayState = z.infer<typeof DayState>;

type Told = Pick<CensusRecord, 'complete' | 'reason' | 'total' | 'counts' | 'studies'>;

/** Studies that the next whole answer without them makes gone. */
export function doubtful(before: DayState, answer: Answer): string[] {
  const told = new Set(answer.studies.map(({ study }) => study));
  return Object.entries(before).flatMap(([uid, known]) =>
    known[4] + 1 >= missesToBeGone && !told.has(uid) ? [uid] : []
  );
}

/** A study is gone when this many whole answers in a row do not hold it: one may come from an archive that is starting. */
const missesToBeGone = 2;

/**
 * What is new in an answer, and what is known from now on. Pure. A partial answer adds and changes, and takes nothing away.
 * @param siteOf site of a study by what the archive tells of it; '' when unknown
 */
export function compareDay(
  before: DayState,
  answer: Answer,
  siteOf: (study: ToldStudy) => string
): { readonly told: Told; readonly after: DayState } {
  const complete = answer.gap === undefined;
  const after: DayState = {};
  const studies: Told['studies'] = [];
  for (const study of answer.studies) {
    if (!/^[0-9.]{1,64}$/.test(study.study)) continue;
    const known = knownOf(study, siteOf(study));
    const last = before[study.study];
    if (last === undefined || known.some((value, i) => i < 4 && value !== last[i]))
      studies.push(rowOf(study, known));
    after[study.study] = known;
  }
  for (const [uid, last] of Object.entries(before)) {
    if (after[uid] !== undefined) continue;
    const [site, modality, instances, mark, misses] = last;
    if (!complete) after[uid] = last;
    else if (misses + 1 < missesToBeGone) after[uid] = [site, modality, instances, mark, misses + 1];
    else studies.push({ study: uid, ...placeOf(last), state: 'gone' });
  }
  const instances = answer.studies.map((one) => one.instances);
  const sum = instances.reduce<number | undefined>(add, 0);
  const total = { studies: answer.studies.length, ...(sum !== undefined && { instances: sum }) };
  const told: Told = { complete, total, counts: complete ? changedCells(before, after) : [], studies };
  return { told: answer.gap === undefined ? told : { ...told, reason: answer.gap }, after };
}

const add = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : a + b;

function knownOf(study: ToldStudy, site: string): Known {
  const mark = study.accession === '' ? '' : hash('sha256', study.accession, 'hex').slice(0, 8);
  return [site, mainModality(study.modalities), study.instances ?? -1, mark, 0];
}

const placeOf = ([site, modality]: Known) => ({
  ...(site !== '' && { site }),
  ...(modality !== '' && { modality })
});

const rowOf = (study: ToldStudy, known: Known): Told['studies'][number] => ({
  study: study.study,
  ...placeOf(known),
  ...(study.accession !== '' && { accession: study.accession.slice(0, 64) }),
  ...(study.instances !== undefined && { instances: study.instances }),
  state: 'seen'
});

interface Cell {
  readonly place: Known;
  studies: number;
  instances: number | undefined;
  digest: bigint;
}

/** Cells by site and modality whose count, instances or set of studies is another than before; 0 for those that are no more. */
function changedCells(before: DayState, after: DayState): Told['counts'] {
  const [old, now] = [cellsOf(before), cellsOf(after)];
  const changed = [...now].filter(([key, cell]) => {
    const last = old.get(key);
    return !last || last.digest !== cell.digest || last.instances !== cell.instances;
  });
  const gone = [...old].filter(([key]) => !now.has(key));
  return [
    ...changed.map(([, { place, studies, instances, digest }]) => ({
      ...placeOf(place),
      studies,
      ...(instances !== undefined && { instances }),
      digest: digest.toString(16).padStart(16, '0')
    })),
    ...gone.map(([, { place }]) => ({ ...placeOf(place), studies: 0, instances: 0, digest: '0'.repeat(16) }))
  ];
}

function cellsOf(state: DayState): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const [uid, known] of Object.entries(state)) {
    const key = `${known[0]} ${known[1]}`;
    const cell = cells.get(key) ?? { place: known, studies: 0, instances: 0, digest: 0n };
    cell.studies += 1;
    cell.instances = add(cell.instances, known[2] < 0 ? undefined : known[2]);
    cell.digest ^= digestOf(uid);
    cells.set(key, cell);
  }
  return cells;
}

/** First eight bytes of the SHA-256 of a Study Instance UID. */
const digestOf = (uid: string): bigint => hash('sha256', uid, 'buffer').readBigUInt64BE(0);
