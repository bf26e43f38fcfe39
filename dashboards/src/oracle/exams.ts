/** A second opinion for tests: exams made of messages, and their figures, the slow and obvious way. */

export interface Message {
  readonly seq: number;
  readonly accession: string;
  readonly milestone: string;
  readonly occurred_at: number;
  readonly told_at: number;
  readonly step: string;
  readonly site: string;
  readonly priority: string;
  readonly patient_class: string;
  readonly report_status: string;
  readonly appointment_at: number | null;
}

export interface Exam {
  readonly accession: string;
  readonly day: string;
  readonly outcome: string;
  readonly site: string;
  readonly priority: string;
  readonly patient_class: string;
  readonly at: Readonly<Record<string, number | undefined>>;
}

const paris = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short' });
/** Day of Paris an instant (ms since 1970) lies in. */
export const dayOf = (at: number): string => paris.format(at);

const states = new Set(['ordered', 'scheduled', 'arrived', 'started', 'ended', 'cancelled', 'no-show']);

export function examsOf(messages: readonly Message[]): Exam[] {
  return [...Map.groupBy(messages, (one) => one.accession)].map(([accession, of]) => {
    // What was said last comes last.
    const all = of.toSorted((a, b) => a.told_at - b.told_at || a.seq - b.seq);
    // An order after a cancellation begins afresh: what was said until then describes the exam, and is no step of it.
    const order = all.findLastIndex((one) => one.milestone === 'ordered');
    const cut = all.slice(0, Math.max(order, 0)).findLastIndex((one) => one.milestone === 'cancelled');
    const said = all.slice(cut + 1);
    const last = (keep: (one: Message) => boolean) => said.findLast(keep);
    const latest = (milestone: string, keep: (one: Message) => boolean = () => true) => {
      const mine = said.filter((one) => one.milestone === milestone && keep(one));
      return [...Map.groupBy(mine, (one) => one.step).values()].flatMap((one) => one.at(-1)?.occurred_at ?? []);
    };
    const first = (milestone: string) => least(said.filter((one) => one.milestone === milestone).map((one) => one.occurred_at));
    const whole = (one: Message) => !['addendum', 'corrected'].includes(one.report_status);
    const signed = said.findLast((one) => one.milestone === 'signed' && whole(one));
    const at = {
      ordered: least(latest('ordered')),
      appointment: last((one) => one.appointment_at !== null)?.appointment_at ?? undefined,
      arrived: least(latest('arrived')),
      started: least(latest('started')),
      ended: most(latest('ended')),
      available: most(latest('available')),
      opened: first('opened'),
      drafted: first('drafted'),
      signed: signed?.occurred_at ?? first('signed'),
      distributed: first('distributed')
    };
    const state = last((one) => states.has(one.milestone))?.milestone ?? '';
    const missed = last((one) => one.milestone === 'cancelled' || one.milestone === 'no-show')?.occurred_at;
    const when = at.ended ?? at.started ?? at.appointment ?? at.arrived ?? missed ?? least(said.map((one) => one.occurred_at));
    const outcome = state === 'cancelled' || state === 'no-show' ? state : at.ended === undefined ? 'open' : 'done';
    const told = (name: 'site' | 'priority' | 'patient_class') => all.findLast((one) => one[name] !== '')?.[name] ?? '';
    return { accession, day: dayOf(when ?? 0), outcome, site: told('site'), priority: told('priority'), patient_class: told('patient_class'), at };
  });
} // prettier-ignore

const least = (values: readonly number[]) => (values.length === 0 ? undefined : Math.min(...values));
const most = (values: readonly number[]) => (values.length === 0 ? undefined : Math.max(...values));

/** One exam followed for so many minutes: until its end was told, or until now. */
export interface Followed {
  readonly minutes: number;
  readonly told: boolean;
}

/** Kaplan–Meier: the share that is not over after so many minutes. */
export function left(followed: readonly Followed[], minutes: number): number {
  let share = 1;
  for (const time of new Set(followed.filter((one) => one.told && one.minutes <= minutes).map((one) => one.minutes))) {
    const atRisk = followed.filter((one) => one.minutes >= time).length;
    share *= 1 - followed.filter((one) => one.told && one.minutes === time).length / atRisk;
  }
  return share;
} // prettier-ignore

/** The first time after which at most `1 - share` is left; null when it is not reached. */
export function quantile(followed: readonly Followed[], share: number): number | null {
  const times = followed.map((one) => one.minutes).toSorted((a, b) => a - b);
  return times.find((time) => left(followed, time) <= 1 - share + 1e-9) ?? null;
}

export type Span = readonly [from: number, to: number];

/** Time that spans have in common with a union of spans, each instant counted once. */
export function common(spans: readonly Span[], open: readonly Span[]): number {
  const edges = [...new Set([...spans, ...open].flat())].toSorted((a, b) => a - b);
  const inside = (at: number, of: readonly Span[]) => of.some(([from, to]) => from <= at && at < to);
  return edges.reduce((sum, edge, i) => {
    const next = edges[i + 1];
    return next !== undefined && inside(edge, spans) && inside(edge, open) ? sum + next - edge : sum;
  }, 0);
}
