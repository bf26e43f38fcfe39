import type { Pull } from '@vigie/schemas';
import type { CensusGap } from '@vigie/schemas/facts/census';

export type CensusPull = Extract<Pull, { kind: 'census' }>;

/** What an archive is asked at study level: one Study Date, narrowed by modality or by Study Time where it is too much. */
export interface StudyQuery {
  /** 2026-11-24 */
  readonly date: string;
  /** Last day of a range that begins on `date`. */
  readonly until?: string;
  /** Study Instance UID. */
  readonly study?: string;
  readonly modality?: string;
  /** Hours from and to, both included: 0–23. */
  readonly hours?: readonly [from: number, to: number];
}

/** One study as the archive tells it; '' and undefined for what it does not. */
export interface ToldStudy {
  readonly study: string;
  readonly accession: string;
  readonly institution: string;
  readonly modalities: readonly string[];
  readonly instances: number | undefined;
}

export interface Answer {
  readonly studies: readonly ToldStudy[];
  /** Undefined when the answer is whole. */
  readonly gap: CensusGap | undefined;
}

/** Puts one question to an archive. @throws {PullError} when there is no answer at all */
export type Ask = (query: StudyQuery, signal: AbortSignal) => Promise<Answer>;

/** Study Date as attribute matching wants it (PS3.4 §C.2.2.2.5). */
export function dateRange({ date, until }: StudyQuery): string {
  const compact = (day: string) => day.replaceAll('-', '');
  return until === undefined ? compact(date) : `${compact(date)}-${compact(until)}`;
}

/** Study Time, the same way. */
export function timeRange([from, to]: readonly [number, number]): string {
  const two = (hour: number) => String(hour).padStart(2, '0');
  return `${two(from)}0000-${two(to)}5959.999999`;
}

/** Modalities of a study that tell little of the exam: reports, states, key notes, segmentations. */
const companions = new Set(['SR', 'PR', 'KO', 'OT', 'DOC', 'SEG', 'REG', 'FID', 'PLAN', 'AU', 'HC', '']);

/** The modality that a study is counted under: the first that is an acquisition, else the first told. */
export function mainModality(modalities: readonly string[]): string {
  const told = modalities.filter((one) => /^[A-Z0-9_]{2,16}$/.test(one));
  return told.find((one) => !companions.has(one)) ?? told[0] ?? '';
}

/** Modalities a day is asked by when it is too much at once, before those that its first answer tells. */
const usual = ['CT', 'MR', 'DX', 'CR', 'US', 'MG', 'XA', 'RF', 'NM', 'PT', 'OT', 'IO', 'PX', 'ES', 'SR'];
/** A modality's day is cut at most so often, in halves. */
const cuts = 3;
const dayLimit = 50_000;

/**
 * Asks for a whole day. What the archive cuts short is asked again by modality, then by parts of the day; the answer is whole
 * only when each part was, and when the parts hold everything that the first, short answer told.
 */
export async function askDay(ask: Ask, date: string, signal: AbortSignal): Promise<Answer> {
  const first = await ask({ date }, signal);
  return first.gap === 'truncated' ? askParts(ask, date, first, signal) : first;
}

/** The rest of a day of which the archive gave a part. */
export async function askParts(ask: Ask, date: string, first: Answer, signal: AbortSignal): Promise<Answer> {
  const found = new Map<string, ToldStudy>();
  let gap: CensusGap | undefined;
  const modalities = new Set([...usual, ...first.studies.flatMap((study) => study.modalities)]);
  const collect = async (query: StudyQuery, left: number): Promise<void> => {
    if (signal.aborted || found.size > dayLimit) return;
    const answer = await ask(query, signal);
    for (const study of answer.studies) found.set(study.study, study);
    const [from, to] = query.hours ?? [0, 23];
    if (answer.gap === undefined) return;
    if (answer.gap !== 'truncated' || left === 0) {
      gap = answer.gap;
      return;
    }
    const middle = Math.floor((from + to) / 2);
    await collect({ ...query, hours: [from, middle] }, left - 1);
    await collect({ ...query, hours: [middle + 1, to] }, left - 1);
  };
  for (const modality of modalities) if (modality !== '') await collect({ date, modality }, cuts);
  if (first.studies.some(({ study }) => !found.has(study))) gap ??= 'truncated';
  for (const study of first.studies) found.set(study.study, study);
  if (signal.aborted) gap ??= 'aborted';
  return { studies: [...found.values()], gap: found.size > dayLimit ? 'too-many' : gap };
}
