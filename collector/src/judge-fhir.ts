import { auditSourceOf, toldEvent } from './decode/fhir/told-event.ts';
import { readAuditEvent } from './decode/fhir/read.ts';
import { Undecodable } from './decode/undecodable.ts';
import type { Directory } from './normalise/directory.ts';
import { normaliseEvent } from './normalise/event.ts';
import { Identities } from './normalise/identity.ts';
import { sourceOf } from './normalise/origin.ts';
import type { Reception } from './reception.ts';
import type { Findings, Trace } from './verdict.ts';

/** FHIR R4 AuditEvents, in JSON or XML: the same facts as DICOM audit messages. */
export function judgeFhir(reception: Reception, directory: Directory, trace: Trace): Findings {
  const { raw, format, source: receiver, peer } = reception;
  const { event: resource, canonical, repairs } = readAuditEvent(raw, format === 'fhir-xml' ? 'xml' : 'json');
  trace.source = sourceOf({ source: receiver, auditSource: auditSourceOf(resource), peer }, directory);
  const { event, sentAt } = toldEvent(resource, trace.source);
  const identities = new Identities(directory);
  const context = { source: trace.source, sentAt, repairs };
  const { fact, origin } = normaliseEvent(event, context, directory, identities);
  const mended = 'repairs' in fact.row ? fact.row.repairs : [];
  return { origin, canonical, facts: [fact], identities: identities.list(), repairs: mended };
}

/** A request of the FHIR feed that was refused for what it asked, whatever it held: its sender was told why. */
export function judgeRefused(): Findings {
  throw new Undecodable(
    'unsupported-message',
    'the request asked for what the FHIR feed does not do (a condition, another method or type): its sender was told'
  );
}
