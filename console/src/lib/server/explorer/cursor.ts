import { z } from 'zod';
import { readEventId } from '../query/event.ts';
import type { Place } from './read.ts';

const At = z.iso.datetime().transform((text) => new Date(text));

/** `before` of an address: the time and the id of the last row of the page before. Undefined when it cannot be read. */
export function readCursor(text: string | null): Place | undefined {
  const [at = '', id = ''] = (text ?? '').split('_');
  const [time, key] = [At.safeParse(at), readEventId(id)];
  if (!time.success || !key) return undefined;
  return { occurred_at: time.data, collector: key.collector, seq: key.seq, sub: key.sub };
}

export const cursorOf = (row: { readonly occurred_at: Date; readonly id: string }): string =>
  `${row.occurred_at.toISOString()}_${row.id}`;
