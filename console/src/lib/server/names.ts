import type { Reader } from './access/reader.ts';
import { systemsSeen } from './access/systems-seen.ts';
import { context } from './context.ts';

/** Names of the declared systems that a reader sees, by id. */
export function systemNames(reader: Pick<Reader, 'scope'>): Record<string, string> {
  const mine = systemsSeen(reader, context().config.group);
  return Object.fromEntries(mine.map(({ id, name }) => [id, name]));
}
