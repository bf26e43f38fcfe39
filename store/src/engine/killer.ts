import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from 'chdb';
import { quote } from './lexer.ts';

/** How often a query that nobody waits for is told to end: it may not have begun when told first. */
const everyMs = 250;

/**
 * Ends a query whose client has left: closing its session or pipe would let it go on in the engine.
 * @param mark begins the query's log_comment
 * @returns when the query has ended, by itself or not
 */
export async function killWhenGone(
  session: Session,
  gone: AbortSignal,
  mark: string,
  ending: Promise<unknown>
): Promise<void> {
  let ended = false;
  const end = ending.then(() => (ended = true));
  const left = Promise.withResolvers<void>();
  gone.addEventListener('abort', () => left.resolve(), { once: true });
  if (!gone.aborted) await Promise.race([left.promise, end]);
  while (!ended) {
    const kill = `KILL QUERY WHERE startsWith(Settings['log_comment'], ${quote(mark)})`;
    await session.queryAsync(kill, { format: 'Null' }).catch(() => undefined);
    await Promise.race([end, sleep(everyMs)]);
  }
}
