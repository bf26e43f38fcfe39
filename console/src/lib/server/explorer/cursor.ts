import { z } from 'zod';
import type { Key } from '../query/access.ts';
import { readEventId } from '../query/event.ts';
import type { Bound } from './bound.ts';

/** A row's place in the order of lists, newest first: the cursor of a page. */
type Place = Pick<Key, 'occurred_at' | 'collector' | 'seq' | 'sub'>;

/** Where a page begins: after which row, and how far its list goes. */
export interface Cursor {
  readonly place: Place;
  /** Undefined in an address that holds none: then the list is bounded anew. */
  readonly bound: Bound | undefined;
}

const At = z.iso.datetime().transform((text) => new Date(text));
const BoundText = z
  .string()
  .max(4000)
  .regex(/^(?:[a-z0-9]{1,16}\.\d{1,15}(?:-(?!$)|$))+$/)
  .transform((text): Bound =>
    text.split('-').map((one) => [one.split('.')[0] ?? '', Number(one.split('.')[1])])
  );

/** `before` of an address: time and id of the last row of the page before, and the list's bound. Undefined when it cannot be read. */
export function readCursor(text: string | null): Cursor | undefined {
  const [at = '', id = '', bound = ''] = (text ?? '').split('_');
  const [time, key] = [At.safeParse(at), readEventId(id)];
  if (!time.success || !key) return undefined;
  const { collector, seq, sub } = key;
  return {
    place: { occurred_at: time.data, collector, seq, sub },
    bound: BoundText.safeParse(bound).data
  };
}

export const cursorOf = (row: { readonly occurred_at: Date; readonly id: string }, bound: Bound): string =>
  [row.occurred_at.toISOString(), row.id, bound.map(([collector, seq]) => `${collector}.${seq}`).join('-')].filter(Boolean).join('_'); // prettier-ignore
