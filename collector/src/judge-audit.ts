import { AuditRecord } from '@vigie/schemas/facts/audit';
import { readAuditXml } from './decode/audit-xml/read.ts';
import { readRecord } from './decode/json/record.ts';
import { readSyslogHeader, type SyslogHeader } from './decode/syslog-header.ts';
import { Undecodable } from './decode/undecodable.ts';
import type { Findings, Trace } from './judge.ts';
import type { Directory } from './normalise/directory.ts';
import { normaliseEvent } from './normalise/event.ts';
import { Identities } from './normalise/identity.ts';
import { sourceOf } from './normalise/origin.ts';
import type { Reception } from './reception.ts';

/** DICOM audit documents: in a syslog frame, bare, or as text in a JSON record. */
export function judgeAudit(reception: Reception, directory: Directory, trace: Trace): Findings {
  const header = headerOf(reception);
  const { source: receiver, peer } = reception;
  const hostname = header?.hostname ?? '';
  trace.source = sourceOf({ source: receiver, hostname, peer }, directory);
  const { canonical, events, repairs } = readAuditXml(documentOf(reception, header));
  const auditSource = events.find((event) => event.sourceId !== '')?.sourceId ?? '';
  trace.source = sourceOf({ source: receiver, auditSource, hostname, peer }, directory);

  const identities = new Identities(directory);
  const context = { source: trace.source, sentAt: header?.sentAt ?? null, repairs };
  const results = events.map((event, index) =>
    naming(index, events.length, () => normaliseEvent(event, context, directory, identities))
  );
  const [first] = results;
  if (first === undefined) throw new Undecodable('not-an-audit-message', 'the document holds no event');
  return {
    origin: first.origin,
    canonical,
    facts: results.map(({ fact }) => fact),
    identities: identities.list(),
    repairs: [...new Set(results.flatMap(({ fact }) => ('repairs' in fact.row ? fact.row.repairs : [])))]
  };
}

function headerOf({ format, raw, receivedAt }: Reception): SyslogHeader | null {
  return format === 'syslog' ? readSyslogHeader(raw, receivedAt) : null;
}

function documentOf({ format, raw }: Reception, header: SyslogHeader | null): Buffer {
  if (format === 'json-audit') return Buffer.from(readRecord(raw, AuditRecord).xml);
  return header === null ? raw : raw.subarray(header.bodyStart);
}

/** In a wrapper, says which event broke it: one bad event keeps the whole message in quarantine. */
function naming<T>(index: number, count: number, normalise: () => T): T {
  try {
    return normalise();
  } catch (error) {
    if (count === 1 || !(error instanceof Undecodable)) throw error;
    throw new Undecodable(error.reason, `event ${index + 1} of ${count}: ${error.message}`);
  }
}
