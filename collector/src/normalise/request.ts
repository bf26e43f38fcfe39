import type { ToldRequest } from '../decode/access-log/read.ts';
import { routeOf } from '../decode/access-log/route.ts';
import { firstYear, lastYear } from '../decode/time.ts';
import { Undecodable } from '../decode/undecodable.ts';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { bareAddress } from './network.ts';
import { label, originAt } from './origin.ts';
import { uidOf } from './told-values.ts';

type TransferFact = Extract<Fact, { table: 'ops.transfer' }>;

const maxUInt32 = 4_294_967_295;

/**
 * One request of a web server in front of DICOMweb → one transfer of grain `request`: `calling_ae` is the client's software,
 * `called_ae` the route, `peer` the client's address, by which its site is known. Neither login nor query is kept.
 */
export function normaliseRequest(
  told: ToldRequest,
  source: string,
  directory: Directory
): { origin: Origin; facts: TransferFact[] } {
  const year = new Date(told.at).getUTCFullYear();
  if (!(year >= firstYear && year <= lastYear))
    throw new Undecodable('bad-value', `msec must lie between ${firstYear} and ${lastYear}, in seconds`);
  const { service, template, study } = routeOf(told.method, told.path, told.query);
  const client = clientOf(told, directory);
  const server = directory.systemById(source);
  const caller = directory.systemByNetwork(client);
  const authority = directory.authoritativeObserver(caller, server);
  const site = directory.siteByNetwork(client)?.id ?? caller?.site ?? server?.site ?? '';
  const origin = originAt(source, site, directory);
  const bytes = service === 'STOW' ? told.bytesIn : told.bytesOut;
  const row: TransferFact['row'] = {
    site,
    establishment: origin.establishment,
    occurred_at: told.at,
    observer: source,
    authoritative: authority === undefined || authority === source ? 1 : 0,
    grain: 'request',
    service,
    calling_ae: softwareOf(told.agent),
    called_ae: template,
    from_system: caller?.id ?? '',
    to_system: server?.id ?? '',
    peer: client,
    modality: '',
    sop_class: '',
    study: uidOf(study),
    instances: null,
    failures: null,
    bytes: bytes === null ? null : Math.round(bytes),
    duration_ms: told.durationMs === null ? null : Math.min(told.durationMs, maxUInt32),
    status: statusOf(told, service),
    status_code: String(told.status),
    reason: reasonOf(told)
  };
  return { origin, facts: [{ table: 'ops.transfer', row }] };
}

/**
 * The client's address: the connection's own; behind a proxy (this machine, or a system that is declared) the last one that the
 * proxy added to X-Forwarded-For. What a client itself writes there is not believed.
 */
function clientOf({ client, forwardedFor }: ToldRequest, directory: Directory): string {
  const direct = bareAddress(client) ?? '';
  const proxied =
    direct === '' || direct === '::1' || direct.startsWith('127.') || directory.systemByNetwork(direct);
  if (!proxied) return direct;
  return bareAddress(forwardedFor.split(',').at(-1) ?? '') ?? direct;
}

/** STOW-RS answers 202 when it stored some instances and not others (PS3.18 10.5.3). */
function statusOf({ status, aborted }: ToldRequest, service: string): string {
  if (aborted) return 'aborted';
  if (status >= 400) return 'failure';
  return status === 202 && service === 'STOW' ? 'warning' : 'success';
}

function reasonOf({ status, aborted }: ToldRequest): string {
  if (aborted) return 'client-gone';
  if (status < 400) return '';
  if (status === 401 || status === 403) return 'unauthorised';
  if (status === 404 || status === 410) return 'not-found';
  if (status === 413 || status === 414) return 'too-large';
  if (status === 429) return 'too-many-requests';
  if (status === 502 || status === 503 || status === 504) return 'no-response';
  return status < 500 ? 'bad-request' : 'server-error';
}

const browsers =
  /^(?:Mozilla|AppleWebKit|KHTML|Gecko|Firefox|Chrome|HeadlessChrome|Chromium|Safari|Edg|OPR|Version|Mobile)$/;

/** Name of the client's software, without its version: what a user agent names last that is no browser; "browser" else. */
function softwareOf(agent: string): string {
  const products = [...agent.matchAll(/([A-Za-z][\w.-]{0,63})\/\d/g)].map(([, name = '']) => name);
  const named = products.findLast((name) => !browsers.test(name));
  return named === undefined ? (products.length > 0 ? 'browser' : '') : label(named, 32);
}
