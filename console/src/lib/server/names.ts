import { seesSystem, type Reader } from './access/reader.ts';
import { context } from './context.ts';

/** Names of the declared systems that a reader sees, by id. */
export function systemNames(reader: Pick<Reader, 'scope'>): Record<string, string> {
  const { group } = context().config;
  const mine = group.systems.filter((system) => seesSystem(reader, system, group));
  return Object.fromEntries(mine.map(({ id, name }) => [id, name]));
}
