import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { context } from '#lib/server/context.ts';
import { authentication } from '#lib/server/own-audit/own-audit.ts';
import { sessionCookie } from '#lib/server/session/sessions.ts';
import type { Actions, PageServerLoad } from './$types';

const Form = z.object({
  login: z.string().trim().toLowerCase().min(1).max(63),
  password: z.string().min(1).max(200)
});

export const load: PageServerLoad = ({ locals }) => {
  if (locals.reader) redirect(303, '/');
};

export const actions: Actions = {
  default: async ({ request, cookies, url, getClientAddress }) => {
    const { accounts, attempts, sessions, ownAudit, log } = context();
    const parsed = Form.safeParse(Object.fromEntries(await request.formData()));
    if (!parsed.success) return fail(400, { fault: 'wrong' as const, login: '', minutes: 0 });
    const { login, password } = parsed.data;
    const address = getClientAddress();
    const now = Date.now();
    const named = accounts.account(login);
    // Signing in shows nothing by itself, so a collector that is down does not lock everyone out: it is logged here instead.
    const tell = (what: 'login' | 'failure' | 'locked') =>
      void ownAudit
        .record(authentication(what, named, address))
        .catch((error: unknown) =>
          log.error({ error: String(error), login: named?.login, what }, 'a sign-in could not be audited')
        );
    const wait = attempts.wait(login, address, now);
    if (wait > 0) {
      if (attempts.firstRefusal(login, address, now)) tell('locked');
      return fail(429, { fault: 'wait' as const, login, minutes: Math.ceil(wait / 60_000) });
    }
    attempts.begin(login, address, now);
    const account = await accounts.check(login, password);
    tell(account ? 'login' : 'failure');
    if (!account) {
      return fail(400, { fault: 'wrong' as const, login, minutes: 0 });
    }
    attempts.succeeded(login, address, now);
    cookies.set(sessionCookie, sessions.create(login, now), {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: url.protocol === 'https:'
    });
    redirect(303, accounts.mustChange(login) ? '/password' : '/');
  }
};
