import { may } from '../access/pages.ts';
import type { Reader } from '../access/reader.ts';
import type { AccessRow } from '../query/access.ts';
import type { ShownAct } from './shown-acts.ts';

/** One line of a list, as its reader may see it. */
export interface Line extends Omit<AccessRow, 'collector' | 'seq' | 'sub' | 'ae_from' | 'ae_to'> {
  /** Who tells the act beside `source`: by message, oldest first. */
  readonly witnesses: readonly { readonly id: string; readonly at: Date; readonly source: string; readonly event_code: string }[];
} // prettier-ignore

/** The DSI reads acts, systems and roles, never persons, patients or what tells of one. Pure but for the table of rights. */
export function visibleRow<T extends Pick<AccessRow, 'actor_kind' | 'actor_id' | 'patients' | 'studies' | 'accessions'>>(reader: Reader, row: T): T {
  if (may(reader.role, 'see-pseudonyms')) return row;
  const hidden = row.actor_kind === 'person' ? '' : row.actor_id;
  return { ...row, actor_id: hidden, patients: [], studies: [], accessions: [] };
} // prettier-ignore

export function lineOf(reader: Reader, { row, witnesses }: ShownAct): Line {
  const { collector: _c, seq: _s, sub: _u, ae_from: _f, ae_to: _t, ...shown } = visibleRow(reader, row);
  return {
    ...shown,
    studies: [],
    accessions: [],
    witnesses: witnesses.map(({ id, occurred_at, source, event_code }) => ({ id, at: occurred_at, source, event_code })) // prettier-ignore
  };
}
