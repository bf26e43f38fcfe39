import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { bySequence, receivedBefore } from './choice.ts';
import type { Forwarding } from './forwarding.ts';

const maxBytes = 1_000_000;
const Lane = z.enum(['audit', 'own']);

/** What may no longer be sent: messages of a lane by their sequences, or all of some lanes received before an instant. */
const Withdrawal = z.union([
  z.strictObject({
    because: z.string().max(64),
    lane: Lane,
    seqs: z.array(z.int().min(1)).min(1).max(20_000)
  }),
  z.strictObject({ because: z.string().max(64), lanes: z.array(Lane).min(1), before: z.int().min(0) })
]);

/**
 * What an operator's command asks of the forward queues, under keys/own.key alone:
 * `GET /v1/own/forwarding/waiting` what waits, by lane; `POST /v1/own/forwarding/withdraw` takes messages out of every queue.
 * @param ownKey text of the key
 */
export function forwardRoutes(
  forwarding: Forwarding,
  { ownKey, collector }: { readonly ownKey: string; readonly collector: string }
): Hono {
  const routes = new Hono();
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const own = digest(`Bearer ${ownKey}`);
  routes.use('/v1/own/forwarding/*', async (context, next) => {
    if (timingSafeEqual(digest(context.req.header('authorization') ?? ''), own)) return next();
    return context.json(
      { code: 'unauthorised', mend: 'send the text of keys/own.key as a bearer token' },
      401
    );
  });
  routes.use('/v1/own/forwarding/*', bodyLimit({ maxSize: maxBytes }));
  routes.get('/v1/own/forwarding/waiting', async (context) =>
    context.json({ collector, lanes: Object.fromEntries(await forwarding.queues.waiting()) })
  );
  routes.post('/v1/own/forwarding/withdraw', async (context) => {
    const asked = Withdrawal.safeParse(await context.req.json().catch(() => undefined));
    if (!asked.success) return context.json({ code: 'bad-body', mend: z.prettifyError(asked.error) }, 400);
    const { because, ...what } = asked.data;
    const choice =
      'seqs' in what ? bySequence(what.lane, what.seqs) : receivedBefore(what.lanes, what.before);
    return context.json({ collector, ...(await forwarding.withdraw(choice, because)) });
  });
  return routes;
}
