import type { Context } from 'hono';
import type { Env } from './http-context.ts';
import { refusals, type RefusalCode } from './http-errors.ts';

/** The answer of a refusal: its code, its sentence and what to do. */
export function refuse(context: Context<Env>, code: RefusalCode, retryAfter: number | undefined): Response {
  const refusal = refusals[code];
  if (code === 'unauthorised') context.header('www-authenticate', 'Bearer');
  if (code === 'method-not-allowed') context.header('allow', 'POST');
  if ('retryAfter' in refusal)
    context.header('retry-after', String(Math.max(refusal.retryAfter, retryAfter ?? 0)));
  // What is left of a body that was not read cannot be told from the next request.
  if (code === 'too-large' || code === 'busy') context.header('connection', 'close');
  return context.json({ code, message: refusal.message, mend: refusal.mend }, refusal.status);
}
