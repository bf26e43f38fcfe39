import { systemNameOf } from '@vigie/schemas/vocabulary/audit-event-fhir';
import type { ToldCode, ToldParticipant } from '../audit-xml/told.ts';
import type { Agent, AuditEvent, CodeableConcept, Coding } from './audit-event.ts';
import { named, personId, type Named } from './reference.ts';

const person = '1';
const application = '2';
/** Codes of agent.type that tell what the agent is, not what it does: DICOM's UserTypeCode. */
const kinds: Readonly<Record<string, string>> = {
  humanuser: person,
  datasubject: person,
  UserOauthAgent: person,
  UserSamlAgent: person,
  homeCommunityId: application,
  authserver: application,
  datacollector: application,
  dataprocessor: application
};
const people = new Set(['Practitioner', 'PractitionerRole', 'Patient', 'RelatedPerson', 'Person']);
const machines = new Set(['Device', 'Organization', 'HealthcareService', 'Endpoint']);
/** Roles of the client and the server of a RESTful act (BALP). */
const ends = new Set(['110150', '110152', '110153', 'custodian']);

/**
 * One agent as a DICOM participant tells it. Of who it is: its identifier, its reference, its name.
 * @param act.base names the server of relative references
 * @param act.restful see isRestful
 */
export function toldAgent(
  agent: Agent,
  event: AuditEvent,
  { base, restful }: { readonly base: string; readonly restful: boolean }
): ToldParticipant {
  const who = named(agent.who, event.contained);
  const name = agent.name?.trim() || who.display;
  const codes = rolesOf(agent);
  return {
    userId: (machines.has(who.type) ? who.value || who.reference : personId(who, base)) || name,
    alternativeUserId: agent.altId ?? '',
    userName: name,
    requestor: agent.requestor,
    userType: kindOf(codes, who, restful),
    userIdType: who.idType?.coding?.find((coding) => coding.code !== undefined)?.code ?? '',
    roles: codes.filter(({ code }) => kinds[code] === undefined),
    accessPoint: agent.network?.address ?? '',
    accessPointType: agent.network?.type ?? ''
  };
}

/** agent.type is the first RoleIDCode, agent.role the rest; some senders write both into both. */
function rolesOf({ type, role }: Agent): ToldCode[] {
  const told = [...(type === undefined ? [] : [type]), ...(role ?? [])].flatMap(codesOf);
  return [...new Map(told.map((one) => [one.code || ` ${one.text}`, one])).values()];
}

/** Every coding of a concept; its text alone when it has none. */
export function codesOf({ coding, text }: CodeableConcept): ToldCode[] {
  const codes = (coding ?? []).map((one) => toldCode(one, text)).filter((one) => one !== null);
  if (codes.length > 0 || text === undefined || text.trim() === '') return codes;
  return [{ code: '', system: '', text }];
}

/** A Coding as DICOM tells a coded value; null without a code. */
export function toldCode({ code, system, display }: Coding, text = ''): ToldCode | null {
  if (code === undefined || code.trim() === '') return null;
  return { code: code.trim(), system: systemNameOf(system ?? ''), text: display ?? text };
}

/** '' leaves it to the rules that DICOM participants go by. */
function kindOf(codes: readonly ToldCode[], who: Named, restful: boolean): string {
  if (people.has(who.type)) return person;
  if (machines.has(who.type)) return application;
  const told = codes.map(({ code }) => kinds[code]).find((kind) => kind !== undefined);
  if (told !== undefined) return told;
  return restful && codes.some(({ code }) => ends.has(code)) ? application : '';
}

/**
 * Of a RESTful act (BALP) the client tells the address, not the user who sits before it: the user acts from there.
 * Which end is the client depends on the act.
 */
export function placeUsers(participants: readonly ToldParticipant[], action: string): ToldParticipant[] {
  const client = action === 'R' ? '110152' : action === 'D' ? '110150' : '110153';
  const end = participants.find(
    (one) => one.roles.some(({ code }) => code === client) && one.accessPoint !== ''
  );
  if (end === undefined) return [...participants];
  const { accessPoint, accessPointType } = end;
  return participants.map((one) =>
    one.requestor === true && one.accessPoint === '' ? { ...one, accessPoint, accessPointType } : one
  );
}

const profiles = 'https://profiles.ihe.net/ITI/BALP/';
const interactions = 'restful-interaction';

/** Whether the event tells an act over HTTP, whose client and server are systems (BALP). */
export function isRestful({ type, subtype, meta }: AuditEvent): boolean {
  return (
    type.code === 'rest' ||
    (subtype ?? []).some(({ system }) => systemNameOf(system ?? '') === interactions) ||
    (meta?.profile ?? []).some((profile) => profile.startsWith(profiles))
  );
}
