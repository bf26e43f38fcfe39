/** Asks the console as one reader; redirects are not followed. */
export interface Reader {
  get(path: string): Promise<{ status: number; text: string; location: string | null }>;
  /** The very bytes of an answer. */
  bytes(path: string): Promise<Uint8Array>;
  /** Posts a form, as a browser on the same origin would. */
  post(
    path: string,
    form: Record<string, string>
  ): Promise<{ status: number; text: string; location: string | null }>;
}

/** Signs in with a first password and changes it. @throws when either is refused */
export async function signInOverHttp(url: string, login: string, password: string): Promise<Reader> {
  let cookie = '';
  const ask = async (path: string, init: RequestInit) => {
    const response = await fetch(`${url}${path}`, {
      ...init,
      redirect: 'manual',
      headers: { cookie, origin: url, ...init.headers }
    });
    for (const one of response.headers.getSetCookie())
      if (one.startsWith('vigie_session=')) cookie = one.split(';')[0] ?? '';
    return {
      status: response.status,
      text: await response.text(),
      location: response.headers.get('location')
    };
  };
  const reader: Reader = {
    get: (path) => ask(path, {}),
    bytes: async (path) => {
      const response = await fetch(`${url}${path}`, { redirect: 'manual', headers: { cookie } });
      return new Uint8Array(await response.arrayBuffer());
    },
    post: (path, form) =>
      ask(path, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
      })
  };
  await reader.post('/sign-in', { login, password });
  const next = `un-mot-de-passe-${password}`;
  const changed = await reader.post('/password', { current: password, next, repeat: next });
  if (changed.status !== 303) throw new Error(`${login} could not sign in: ${changed.status}`);
  return reader;
}
