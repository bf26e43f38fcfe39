import type { HeldStudy } from '../plan/holdings.ts';
import { minuteOf } from '../plan/paris.ts';

/** A question at study level, as both C-FIND and QIDO-RS put it; '' matches everything. */
export interface StudyQuestion {
  readonly date: string;
  readonly time: string;
  readonly modality: string;
  readonly study: string;
}

/** What an archive holds of one day, 2026-11-24. */
export type Holdings = (day: string) => readonly HeldStudy[];

/** Longest range of dates that is answered. */
const longestRange = 400;
const dash = (date: string) => `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`;
const isDay = (date: string) => /^\d{8}$/.test(date) && !Number.isNaN(Date.parse(`${dash(date)}T12:00:00Z`));

/** First and last day, 2026-11-24, of one date or a range of them (PS3.4 §C.2.2.2.5); undefined when it is neither. */
export function rangeOf(dates: string): { readonly first: string; readonly last: string } | undefined {
  const [first = '', last = first] = dates.split('-').map((one) => one.trim());
  return isDay(first) && isDay(last) ? { first: dash(first), last: dash(last) } : undefined;
}

export interface FoundStudy extends HeldStudy {
  readonly date: string;
  readonly time: string;
}

/** Studies that match, by date; none without a date. */
export function findStudies(holdings: Holdings, question: StudyQuestion): FoundStudy[] {
  const range = rangeOf(question.date);
  if (!range) return [];
  const [from = '', to = '235959'] = question.time === '' ? [] : question.time.split('-');
  const found: FoundStudy[] = [];
  let day = range.first;
  for (let i = 0; i < longestRange && day <= range.last; i++) {
    for (const study of holdings(day)) {
      const minutes = minuteOf(study.at);
      const two = (value: number) => String(value).padStart(2, '0');
      const time = `${two(Math.floor(minutes / 60))}${two(minutes % 60)}00`;
      if (
        (question.modality === '' || question.modality === study.modality) &&
        (question.study === '' || question.study === study.study) &&
        time >= from &&
        time <= to
      )
        found.push({ ...study, date: day.replaceAll('-', ''), time });
    }
    day = new Date(Date.parse(`${day}T12:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  }
  return found;
}
