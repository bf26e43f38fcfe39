import type { Repair } from '../audit-xml/repair.ts';
import { emptyEvent, type ToldEvent } from '../audit-xml/told.ts';
import { readIsoTime, type ToldTime } from '../time.ts';
import type { AuditEvent } from './audit-event.ts';
import { named } from './reference.ts';
import { codesOf, isRestful, placeUsers, toldAgent, toldCode } from './told-agent.ts';
import { toldEntity } from './told-entity.ts';

/** A FHIR AuditEvent in the terms of DICOM, which one normaliser makes facts of: found alike, however it came. */
export interface ToldAuditEvent {
  readonly event: ToldEvent;
  /** `recorded`: when the sender wrote it down. */
  readonly sentAt: ToldTime | null;
}

/** What the audit source calls itself: the observer's identifier, words or reference. */
export function auditSourceOf({ source, contained }: AuditEvent): string {
  const { value, display, reference } = named(source.observer, contained);
  return value || display || reference;
}

/**
 * @param source system id, or `unknown:…`: names the server of relative references
 */
export function toldEvent(told: AuditEvent, source: string): ToldAuditEvent {
  const repairs = new Set<Repair>();
  const { period, recorded, outcome } = told;
  // PS3.15 A.5: 0 also stands for an outcome that is unknown, and only R4 lets it be left out.
  if (outcome === undefined) repairs.add('no-outcome');
  // The act is the period (TDE); a date without a time of day says less than `recorded`.
  const act = [period?.start, period?.end].find((time) => time !== undefined && readIsoTime(time) !== null);
  if (act === undefined && (period?.start ?? period?.end) !== undefined) repairs.add('period-without-time');
  const base = `fhir:${source}`;
  const purposes = [
    ...(told.purposeOfEvent ?? []),
    ...told.agent.flatMap((agent) => agent.purposeOfUse ?? [])
  ];
  const restful = isRestful(told);
  const participants = told.agent.map((agent) => toldAgent(agent, told, { base, restful }));
  const event: ToldEvent = {
    ...emptyEvent(),
    id: toldCode(told.type),
    types: (told.subtype ?? []).map((coding) => toldCode(coding)).filter((code) => code !== null),
    action: told.action ?? '',
    dateTime: act ?? recorded,
    outcome: outcome ?? '0',
    purposes: purposes.flatMap(codesOf).filter(({ code }) => code !== ''),
    participants: restful ? placeUsers(participants, told.action ?? '') : participants,
    sourceId: auditSourceOf(told),
    enterpriseSite: told.source.site ?? '',
    sources: 1,
    objects: (told.entity ?? []).map((entity) => toldEntity(entity, told, base)),
    repairs
  };
  return { event, sentAt: readIsoTime(recorded) };
}
