import { AuditRecord } from '@vigie/schemas/facts/audit';
import { readAuditXml, type ToldAudit } from './decode/audit-xml/read.ts';
import { readRecord } from './decode/json/record.ts';
import { readSyslogHeader, type SyslogHeader } from './decode/syslog-header.ts';
import { Undecodable } from './decode/undecodable.ts';
import type { Directory } from './normalise/directory.ts';
import { normaliseEvent } from './normalise/event.ts';
import { Identities } from './normalise/identity.ts';
import { label, originOf, sourceOf } from './normalise/origin.ts';
import type { Reception } from './reception.ts';
import type { Findings, Origin, RefusedPart, Trace, Traits } from './verdict.ts';

/** DICOM audit documents: in a syslog frame, bare, or as text in a JSON record. */
export function judgeAudit(reception: Reception, directory: Directory, trace: Trace): Findings {
  const header = headerOf(reception);
  const { source: receiver, peer } = reception;
  const hostname = header?.hostname ?? '';
  const { canonical, events, repairs } = reading(reception, header, trace, directory);
  const systemOf = (auditSource: string) =>
    sourceOf({ source: receiver, auditSource, hostname, peer }, directory);
  const sentAt = header?.sentAt ?? null;
  const identities = new Identities(directory);
  const [only] = events;
  if (only !== undefined && events.length === 1) {
    const source = (trace.source = systemOf(only.sourceId));
    const { fact, origin } = normaliseEvent(only, { source, sentAt, repairs }, directory, identities);
    return { origin, canonical, facts: [fact], identities: identities.list(), repairs: fact.row.repairs };
  }
  const told = events.map(({ sourceId }) => sourceId).filter((id) => id !== '');
  trace.source = systemOf(told[0] ?? '');

  const results: ReturnType<typeof normaliseEvent>[] = [];
  const refused: RefusedPart[] = [];
  events.forEach((event, sub) => {
    const source = told.length > 1 && event.sourceId !== '' ? systemOf(event.sourceId) : trace.source;
    try {
      const result = normaliseEvent(event, { source, sentAt, repairs }, directory, identities);
      if (source !== trace.source) result.fact.row.source = source;
      results.push(result);
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error;
      const detail = `event ${sub + 1} of ${events.length}: ${error.message}`;
      refused.push({ sub, reason: error.reason, detail });
    }
  });
  const [first] = results;
  const [worst] = refused;
  if (first === undefined)
    throw new Undecodable(
      worst?.reason ?? 'not-an-audit-message',
      worst?.detail ?? 'the document holds no event'
    );
  return {
    origin: originOfAll(first.origin, trace.source, peer, directory),
    canonical,
    facts: results.map(({ fact }) => fact),
    ...(refused.length > 0 && { refused }),
    identities: identities.list(),
    repairs: [...new Set(results.flatMap(({ fact }) => fact.row.repairs))].sort()
  };
}

/** Reads the document; of one that cannot be read the header and the address tell the source. */
function reading(
  reception: Reception,
  header: SyslogHeader | null,
  trace: Trace,
  directory: Directory
): ToldAudit {
  try {
    const document = documentOf(reception, header);
    trace.traits = traitsOf(header, document, reception.peer);
    return readAuditXml(document);
  } catch (error) {
    const { source, peer } = reception;
    trace.source = sourceOf({ source, hostname: header?.hostname ?? '', peer }, directory);
    throw error;
  }
}

/** The reception's own origin: the first event's, unless that came from another system of the wrapper. */
function originOfAll(first: Origin, source: string, peer: string, directory: Directory): Origin {
  return first.source === source ? first : originOf(source, peer, directory);
}

function traitsOf(header: SyslogHeader | null, document: Buffer, peer: string): Traits {
  // The newer form is found at once where it is used; only older documents are read through.
  const coding = document.includes('csd-code=') ? 'csd-code' : document.includes(' code=') ? 'code' : 'none';
  if (header === null) return { coding };
  const { form, hostname, appName, sequenceId: number } = header;
  return {
    header: form,
    coding,
    ...(number !== undefined && { sequence: { by: label(`${peer} ${hostname} ${appName}`), number } })
  };
}

function headerOf({ format, raw, receivedAt }: Reception): SyslogHeader | null {
  return format === 'syslog' ? readSyslogHeader(raw, receivedAt) : null;
}

function documentOf({ format, raw }: Reception, header: SyslogHeader | null): Buffer {
  if (format === 'json-audit') return Buffer.from(readRecord(raw, AuditRecord).xml);
  return header === null ? raw : raw.subarray(header.bodyStart);
}
