import { redirect } from '@sveltejs/kit';
import { context } from '#lib/server/context.ts';
import { authentication } from '#lib/server/own-audit/own-audit.ts';
import { sessionCookie } from '#lib/server/session/sessions.ts';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = ({ cookies, locals, getClientAddress }) => {
  const { sessions, ownAudit, log } = context();
  const id = cookies.get(sessionCookie);
  if (id) sessions.end(id);
  if (locals.reader)
    ownAudit
      .record(authentication('logout', locals.reader, getClientAddress()))
      .catch((error: unknown) => log.error({ error: String(error) }, 'a sign-out could not be audited'));
  cookies.delete(sessionCookie, { path: '/' });
  redirect(303, '/sign-in');
};
