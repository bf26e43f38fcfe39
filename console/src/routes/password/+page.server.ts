import { fail, redirect } from '@sveltejs/kit';
import type { AuditMessage } from '@vigie/schemas/audit-message';
import { z } from 'zod';
import { signedIn } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { authentication, passwordChanged } from '#lib/server/own-audit/own-audit.ts';
import { forgetFirstPassword } from '#lib/server/session/first-passwords.ts';
import { passwordFault } from '#lib/server/session/password.ts';
import { sessionCookie } from '#lib/server/session/sessions.ts';
import type { Actions, PageServerLoad } from './$types';

const Form = z.object({
  current: z.string().max(200),
  next: z.string().max(300),
  repeat: z.string().max(300)
});

export const load: PageServerLoad = ({ locals }) => ({ first: signedIn(locals).mustChangePassword });

export const actions: Actions = {
  default: async ({ request, locals, cookies, url, getClientAddress }) => {
    const { accounts, attempts, sessions, config, ownAudit, log } = context();
    const reader = signedIn(locals);
    const { login } = reader;
    const parsed = Form.safeParse(Object.fromEntries(await request.formData()));
    if (!parsed.success) return fail(400, { fault: 'wrong' as const, minutes: 0 });
    const { current, next, repeat } = parsed.data;
    const address = getClientAddress();
    const now = Date.now();
    const tell = (message: AuditMessage) =>
      void ownAudit
        .record(message)
        .catch((error: unknown) =>
          log.error({ error: String(error), login }, 'a change of password could not be audited')
        );
    const wait = attempts.wait(login, address, now);
    if (wait > 0) {
      if (attempts.firstRefusal(login, address, now)) tell(authentication('locked', reader, address));
      return fail(429, { fault: 'wait' as const, minutes: Math.ceil(wait / 60_000) });
    }
    attempts.begin(login, address, now);
    if (!(await accounts.check(login, current))) {
      tell(authentication('failure', reader, address));
      return fail(400, { fault: 'wrong' as const, minutes: 0 });
    }
    attempts.succeeded(login, address, now);
    const fault = passwordFault(next, { login, current, repeated: repeat });
    if (fault) return fail(400, { fault, minutes: 0 });
    await accounts.change(login, next, now);
    tell(passwordChanged(reader, address));
    forgetFirstPassword(config.dataFolder, login);
    sessions.endAll(login);
    cookies.set(sessionCookie, sessions.create(login, now), {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: url.protocol === 'https:'
    });
    redirect(303, '/');
  }
};
