import { z } from 'zod';
import type { AccessRow } from './access.ts';
import { define, type Bounds } from './define.ts';

const words = z.array(z.string());

const EventRow = z.object({
  collector: z.string(),
  lane: z.string(),
  seq: z.number(),
  sub: z.number(),
  block: z.number(),
  occurred_at: z.coerce.date(),
  sent_at: z.coerce.date().nullable(),
  received_at: z.coerce.date(),
  source: z.string(),
  site: z.string(),
  establishment: z.string(),
  decoder: z.string(),
  transport: z.string(),
  peer: z.string(),
  event_code: z.string(),
  event_types: words,
  action: z.string(),
  outcome: z.number(),
  actor_id: z.string(),
  actor_kind: z.string(),
  actor_roles: words,
  access_point: z.string(),
  audit_source: z.string(),
  enterprise_site: z.string(),
  patients: words,
  studies: words,
  accessions: words,
  modalities: words,
  instances: z.number().nullable(),
  purpose: z.string(),
  emergency: z.number(),
  participant_id: words,
  participant_kind: words,
  participant_role: words,
  participant_requestor: z.array(z.number()),
  participant_access_point: words,
  object_kind: words,
  object_role: words,
  object_id_type: words,
  object_id: words,
  object_life_cycle: words,
  repairs: words
});
export type EventRow = z.infer<typeof EventRow>;

/** A role's participant, as lists tell where images went from and to. */
const withRole = (event: EventRow, code: string) =>
  event.participant_id[event.participant_role.indexOf(code)] ?? '';

/** One event in full as a line of a list. Pure. */
export function lineOfEvent(event: EventRow): AccessRow {
  const { collector, lane, seq, sub } = event;
  return {
    ...event,
    id: `${collector}-${lane}-${seq}-${sub}`,
    actor_role: event.actor_roles[0] ?? '',
    ae_from: withRole(event, '110153'),
    ae_to: withRole(event, '110152')
  };
}

/** One event by its id, within the reader's scope: another establishment's is as if it did not exist. */
export interface EventKey extends Bounds {
  readonly collector: string;
  readonly lane: string;
  readonly seq: number;
  readonly sub: number;
}

export const eventById = define<EventKey, EventRow>({
  name: 'event.by-id',
  sql: `SELECT * EXCEPT (patients, actor_site, access_point_kind, retention), arrayMap(p -> lower(hex(p)), e.patients) AS patients
  FROM audit.event AS e
  WHERE seq = {seq:UInt64} AND sub = {sub:UInt16} AND collector = {collector:String} AND lane = {lane:String}
    AND establishment IN {scope:Array(String)} AND received_at >= {from:DateTime64(3)} AND received_at < {to:DateTime64(3)} LIMIT 1`,
  row: EventRow
});

export const receptionsOf = define<
  EventKey,
  { seq: number; received_at: Date; source: string; transport: string; peer: string; all: number }
>({
  name: 'event.receptions',
  sql: `SELECT seq, received_at, source, transport, peer, count() OVER () AS all FROM audit.reception
  WHERE collector = {collector:String} AND lane = {lane:String} AND original_seq = {seq:UInt64}
    AND (establishment IN {scope:Array(String)} OR establishment = '')
    AND received_at >= {from:DateTime64(3)} AND received_at < {to:DateTime64(3)} ORDER BY seq LIMIT 50`,
  row: z.object({
    seq: z.number(),
    received_at: z.coerce.date(),
    source: z.string(),
    transport: z.string(),
    peer: z.string(),
    all: z.number()
  })
});

/** Whether the block's header is stored. Headers tell nothing about persons, but are asked for within the same bounds. */
export const headerOf = define<
  Bounds & { collector: string; lane: string; block: number },
  { hash: string; key_id: string }
>({
  name: 'event.header',
  sql: `SELECT lower(hex(hash)) AS hash, key_id FROM audit.block
  WHERE collector = {collector:String} AND lane = {lane:String} AND block = {block:UInt64} AND kind = 'block'
    AND notEmpty({scope:Array(String)}) AND sealed_at >= {from:DateTime64(3)} AND sealed_at < {to:DateTime64(3)} LIMIT 1`,
  row: z.object({ hash: z.string(), key_id: z.string() })
});

/** Parses `c1-audit-123-0`. */
export function readEventId(id: string): Omit<EventKey, keyof Bounds> | undefined {
  const match = /^([a-z0-9]{1,16})-(audit|own)-(\d{1,15})-(\d{1,5})$/.exec(id);
  if (!match) return undefined;
  return { collector: match[1] ?? '', lane: match[2] ?? '', seq: Number(match[3]), sub: Number(match[4]) };
}
