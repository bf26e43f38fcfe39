import type { Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';

/** Names by which a message tells its source, the surest first. */
export interface Claims {
  /** System id known by the receiver: API key, client certificate, pull. */
  readonly source: string;
  readonly auditSource?: string;
  readonly application?: string;
  readonly hostname?: string;
  readonly peer: string;
}

/**
 * The system a message comes from: what the receiver knows, then what the message calls itself, then its host,
 * then its address; `unknown:<name>` otherwise.
 */
export function sourceOf(claims: Claims, directory: Directory): string {
  if (claims.source !== '') return claims.source;
  const { auditSource = '', application = '', hostname = '', peer } = claims;
  const system =
    directory.systemByAuditSource(auditSource) ??
    directory.systemByHl7Application(application) ??
    directory.systemByHostname(hostname) ??
    directory.systemByNetwork(hostname) ??
    directory.systemByNetwork(peer);
  return system?.id ?? `unknown:${label(auditSource || application || hostname || peer)}`;
}

/** Origin of a message whose site nothing in it tells: that of its source, else of its address. */
export function originOf(source: string, peer: string, directory: Directory): Origin {
  return originAt(
    source,
    directory.systemById(source)?.site ?? directory.siteByNetwork(peer)?.id ?? '',
    directory
  );
}

export function originAt(source: string, site: string, directory: Directory): Origin {
  return { source, site, establishment: directory.establishmentOf(site) };
}

/** The ASCII among the characters of a label: by far the most common, and quick to recognise. */
const plain = /^[\w .:@/|'(),+&$-]*$/;

/** A name that came from outside, fit for a label: bounded, printable, one line. */
export function label(name: string, limit = 64): string {
  if (name.length <= limit && plain.test(name)) return name.trim();
  return name
    .replaceAll(/[^\p{L}\p{N} ._:@/|'’(),+&$-]/gu, '_')
    .trim()
    .slice(0, limit);
}
