import type { IncomingHttpHeaders } from 'node:http';

/** Headers by which serve.ts tells the built application where the browser is and how it came. */
export const frontHeaders = {
  protocol: 'x-vigie-protocol',
  host: 'x-vigie-host',
  address: 'x-vigie-address'
} as const;

export interface Front {
  /** Public address of the console behind a proxy; undefined when browsers reach it directly, over plain HTTP. */
  readonly origin: string | undefined;
  /** How many proxies of ours append to X-Forwarded-For; 0 believes nobody. */
  readonly proxies: number;
}

/**
 * Writes what the application may believe about a request over whatever the client claimed. With a public origin that origin
 * holds, so that a forged Host names nothing; the client's address is the one our outermost proxy saw.
 */
export function setFrontHeaders(headers: IncomingHttpHeaders, peer: string | undefined, front: Front): void {
  const origin = front.origin === undefined ? undefined : new URL(front.origin);
  headers[frontHeaders.protocol] = origin === undefined ? 'http' : origin.protocol.slice(0, -1);
  headers[frontHeaders.host] = origin === undefined ? (headers.host ?? '') : origin.host;
  const told = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  headers[frontHeaders.address] = (front.proxies > 0 && told.at(-front.proxies)) || (peer ?? 'unknown');
}

/** Addresses that programs ask by a token of their own: cookies mean nothing there, and no browser's form can carry the token. */
const forPrograms = /^\/(?:fhir|syslogsearch)(?:\/|$)/;

/**
 * Makes a program's request independent of a browser's: its cookies are dropped, and a form it posts counts as our own, since
 * programs send no Origin. Call after setFrontHeaders.
 */
export function setProgramHeaders(headers: IncomingHttpHeaders, path: string): void {
  if (!forPrograms.test(path)) return;
  delete headers.cookie;
  headers.origin = `${String(headers[frontHeaders.protocol])}://${String(headers[frontHeaders.host])}`;
}

/** Whether the request comes from this machine itself, and not through a proxy on it. */
export function isLocal(headers: IncomingHttpHeaders, peer: string | undefined): boolean {
  return headers['x-forwarded-for'] === undefined && /^(?:::ffff:)?127\.|^::1$/.test(peer ?? '');
}
