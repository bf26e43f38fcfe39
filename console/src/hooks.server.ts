import { randomUUID } from 'node:crypto';
import type { Handle, HandleServerError } from '@sveltejs/kit/hooks';
import { context } from '#lib/server/context.ts';
import { sessionCookie } from '#lib/server/session/sessions.ts';
import { scopeOf } from '#lib/server/access/reader.ts';
import { languageOf } from '#lib/text/language.ts';

export const handle: Handle = async ({ event, resolve }) => {
  const { accounts, sessions, config } = context();
  const { locals, cookies, url, request } = event;
  locals.requestId = randomUUID();
  const account = accounts.account(sessions.find(cookies.get(sessionCookie), Date.now()) ?? '');
  const asked = url.searchParams.get('lang');
  if (asked === 'fr' || asked === 'en')
    cookies.set('vigie_lang', asked, {
      path: '/',
      maxAge: 365 * 86_400,
      sameSite: 'lax',
      httpOnly: true,
      secure: url.protocol === 'https:'
    });
  locals.language = languageOf(
    asked ?? cookies.get('vigie_lang') ?? account?.language ?? request.headers.get('accept-language')
  );
  locals.reader = account && {
    login: account.login,
    name: account.name,
    role: account.role,
    scope: scopeOf(account, config.group),
    language: account.language,
    mustChangePassword: accounts.mustChange(account.login)
  };
  const response = await resolve(event, {
    transformPageChunk: ({ html }) => html.replace('%vigie.lang%', locals.language)
  });
  response.headers.set('x-content-type-options', 'nosniff');
  response.headers.set('referrer-policy', 'same-origin');
  response.headers.set('cross-origin-opener-policy', 'same-origin');
  response.headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=()');
  if (url.protocol === 'https:') response.headers.set('strict-transport-security', 'max-age=31536000');
  if (!url.pathname.startsWith('/_app/')) response.headers.set('cache-control', 'no-store');
  return response;
};

/** What failed is logged under an id that the page quotes; nothing of the request's content is. */
export const handleError: HandleServerError = (caught) => {
  const id = caught.event.locals.requestId;
  if (caught.kind === 'app') return { ...caught.error, id };
  if (caught.kind === 'framework')
    return { message: caught.error.status === 404 ? 'not-found' : 'refused', id };
  const { error, event } = caught;
  const told = error instanceof Error ? `${error.name}: ${error.stack ?? ''}` : String(error);
  context().log.error({ id, route: event.route.id, error: told }, 'a page failed');
  return { message: 'failed', id };
};
