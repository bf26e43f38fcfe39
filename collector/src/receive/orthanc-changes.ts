import { z } from 'zod';
import type { OrthancReceived } from '../decode/pull/orthanc.ts';
import type { Change, FoundInstance, OrthancPull } from './orthanc-api.ts';

/** How far the changes are read: the last one that was, and after a reset the time up to which all was read before. */
export const Cursor = z.object({
  seq: z.int().min(0),
  id: z.string(),
  date: z.string(),
  after: z.string().default(''),
  /** Instances read before, of different series: while one of them is there, it is the same database. */
  anchors: z.array(z.string()).default([])
});
export type Cursor = z.infer<typeof Cursor>;

export const start: Cursor = { seq: 0, id: '', date: '', after: '', anchors: [] };

const mostAnchors = 5;
/** As many are gone when a database was replaced; fewer may have been deleted. */
export const enoughAnchors = 3;

/** Anchors from now on: the newest instances of different series. */
export function anchorsOf(before: readonly string[], arrivals: readonly Arrival[]): string[] {
  const bySeries = new Map(arrivals.map(({ change, instance }) => [instance.series, change.ID]));
  return [...new Set([...[...bySeries.values()].toReversed(), ...before])].slice(0, mostAnchors);
}

/**
 * Whether Orthanc still counts its changes from where the cursor stands. Pure. A deleted study takes its rows out of the
 * list, so a missing row or a lower end is no reset by itself.
 * @param first the first change at or after the cursor, the cursor's own if it is still there
 * @param last the newest change of all, asked for when there is no first
 * @returns `reset` when the database was replaced: the same number now means another change, or the list ends before the
 *   cursor with a change that is newer than it; `ask` when the cursor's row is missing and the list goes on beyond it: its study
 *   was deleted, or another database has grown past it
 */
export function compare(
  cursor: Cursor,
  first: Change | undefined,
  last: Change | undefined
): 'same' | 'reset' | 'ask' {
  if (cursor.seq === 0) return 'same';
  if (first?.Seq === cursor.seq)
    return first.ID === cursor.id && first.Date === cursor.date ? 'same' : 'reset';
  if (first !== undefined) return 'ask';
  return last !== undefined && last.Seq < cursor.seq && last.Date > cursor.date ? 'reset' : 'same';
}

/** Changes are read again from the start, but for what is older than what was read. */
export function restart(cursor: Cursor): Cursor {
  return { ...start, after: cursor.date > cursor.after ? cursor.date : cursor.after };
}

/** New instances after the cursor. */
export function newInstances(changes: readonly Change[], cursor: Cursor): Change[] {
  return changes.filter(
    ({ Seq, ChangeType, Date }) => Seq > cursor.seq && ChangeType === 'NewInstance' && Date > cursor.after
  );
}

export interface Arrival {
  readonly change: Change;
  readonly instance: FoundInstance;
  /** study, institution, modality, station. */
  readonly series: Readonly<Record<string, string>>;
}

/** Groups arrivals by series and sender: one document each, in the order of their first change. Pure. */
export function group(arrivals: readonly Arrival[], pull: OrthancPull): OrthancReceived[] {
  const groups = new Map<string, Arrival[]>();
  for (const arrival of arrivals) {
    const { RemoteAET = '', CalledAET = '', RemoteIP = '', Origin = '' } = arrival.instance.metadata;
    const key = [arrival.instance.series, RemoteAET, CalledAET, RemoteIP, Origin].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), arrival]);
  }
  return [...groups.values()].map((members) => documentOf(members, pull));
}

function documentOf(members: readonly Arrival[], pull: OrthancPull): OrthancReceived {
  const { instance, series } = members[0] ?? missing();
  const { metadata } = instance;
  const numbers = members.map(({ change }) => change.Seq);
  const times = members.map(({ change, instance: one }) => one.metadata['ReceptionDate'] ?? change.Date);
  const classes = new Set(members.map(({ instance: one }) => one.metadata['SopClassUid'] ?? ''));
  const text = (value: string | undefined) => (value ?? '').trim().slice(0, 128);
  return {
    kind: 'received',
    system: pull.system,
    pool: pull.pool,
    tier: pull.tier,
    first_change: Math.min(...numbers),
    last_change: Math.max(...numbers),
    series: instance.series,
    received_at: times.reduce((latest, time) => (time > latest ? time : latest)),
    origin: text(metadata['Origin']),
    calling_ae: text(metadata['RemoteAET']),
    called_ae: text(metadata['CalledAET']),
    peer: text(metadata['RemoteIP']),
    study: text(series['study']),
    modality: text(series['modality']),
    sop_class: classes.size === 1 ? text([...classes][0]) : '',
    station: text(series['station']),
    institution: text(series['institution']),
    instances: members.length,
    bytes: members.reduce((sum, { instance: one }) => sum + one.bytes, 0)
  };
}

function missing(): never {
  throw new Error('a group without members');
}
