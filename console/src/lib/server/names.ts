import { context } from './context.ts';

/** Names of the declared systems, by id. */
export function systemNames(): Record<string, string> {
  return Object.fromEntries(context().config.group.systems.map(({ id, name }) => [id, name]));
}
