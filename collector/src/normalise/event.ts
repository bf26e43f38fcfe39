import type { ToldEvent, ToldParticipant } from '../decode/audit-xml/told.ts';
import { readHl7Time, readIsoTime, type ToldTime } from '../decode/time.ts';
import { Undecodable } from '../decode/undecodable.ts';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { normaliseObjects } from './event-objects.ts';
import type { Identities } from './identity.ts';
import { label, originAt } from './origin.ts';
import { actorIndex, aeTitleOf, kindOf, rolesOf, type ParticipantKind } from './participant.ts';
import { accessPointOf, distinct, isSentinel, known } from './told-values.ts';
import { toEpoch } from './zone.ts';

export type EventFact = Extract<Fact, { table: 'audit.event' }>;

export interface EventContext {
  /** System id, or `unknown:…`. */
  readonly source: string;
  readonly sentAt: ToldTime | null;
  /** Repairs of the whole document. */
  readonly repairs: readonly string[];
}

const outcomes = new Set(['0', '4', '8', '12']);
const actions = new Set(['C', 'R', 'U', 'D', 'E']);
/** Purposes that override normal rights: HL7 v3 BTG and ETREAT, XSPA EMERGENCY, CH EPR EMER, VIHF bris_de_glace and centre_15. */
const overrides = new Set(['BTG', 'ETREAT', 'EMERGENCY', 'EMER', 'BRIS_DE_GLACE', 'CENTRE_15']);
const emergencyStarted = '110127';

/**
 * One audit event as told → one row of audit.event.
 * Site: AuditEnterpriseSiteID by its aliases, else the network the actor acts from, else the site of the actor's AE
 * title, else that of the source.
 * @throws {Undecodable} missing-field, bad-value: what the row cannot do without
 */
export function normaliseEvent(
  told: ToldEvent,
  context: EventContext,
  directory: Directory,
  identities: Identities
): { fact: EventFact; origin: Origin } {
  const repairs: string[] = [...told.repairs, ...context.repairs];
  refuseCut(told);
  const code = required(told.id?.code, 'EventID@csd-code');
  const zone = directory.zoneOf(context.source);
  const occurredAt = timeOf(told, zone, repairs);
  const outcome = required(told.outcome, 'EventIdentification@EventOutcomeIndicator').trim();
  if (!outcomes.has(outcome))
    throw new Undecodable('bad-value', 'EventIdentification@EventOutcomeIndicator is not 0, 4, 8 or 12');
  const action = told.action.trim().toUpperCase();
  if (action !== '' && !actions.has(action)) repairs.push('bad-action');
  if (told.sources === 0) repairs.push('no-audit-source');
  if (told.participants.length === 0) repairs.push('no-participant');
  const { participants } = told;
  if (participants.some((one) => one.requestor === null)) repairs.push('no-requestor-flag');
  if (holdsSentinel(told)) repairs.push('sentinel');

  const kinds = participants.map((one) => kindOf(one, told, directory));
  const actorAt = actorIndex(participants, kinds);
  const actor = participants[actorAt];
  const actorKind = kinds[actorAt];
  const accessPoints = participants.map((one) => accessPointOf(one.accessPoint, one.accessPointType));
  const accessPoint = accessPoints[actorAt] ?? { id: '', kind: '' };
  const actorAe = actor === undefined ? '' : aeTitleOf(actor, directory);
  const actorSite = directory.siteByNetwork(accessPoint.id) ?? directory.siteByAe(actorAe);
  const site =
    directory.siteByAlias(told.enterpriseSite)?.id ??
    actorSite?.id ??
    directory.systemById(context.source)?.site ??
    '';
  const origin = originAt(context.source, site, directory);
  const ids = participants.map((one, i) =>
    participantId(one, kinds[i] ?? 'person', origin.establishment, directory, identities)
  );
  const roles = participants.map((one, i) => rolesOf(one, kinds[i] ?? 'person'));
  const purposes = told.purposes.map((purpose) => label(purpose.code));
  const emergency =
    told.types.some((type) => type.code === emergencyStarted) ||
    purposes.some((purpose) => overrides.has(purpose.toUpperCase()));
  const objects = normaliseObjects(told.objects, context.source, origin.establishment, identities);

  // One literal, in the order of the table: rows of one shape are what later steps are quick with.
  const fact: EventFact = {
    table: 'audit.event',
    row: {
      site: origin.site,
      establishment: origin.establishment,
      occurred_at: occurredAt,
      sent_at: context.sentAt === null ? null : toEpoch(context.sentAt, zone),
      event_code: label(code, 32),
      event_types: distinct(told.types.map((type) => label(type.code))).slice(0, 32),
      action: actions.has(action) ? action : '',
      outcome: Number(outcome),
      actor_id: ids[actorAt] ?? '',
      actor_kind: actorKind ?? '',
      actor_roles: roles[actorAt] ?? [],
      actor_site: actorSite?.id ?? '',
      access_point: accessPoint.id,
      access_point_kind: accessPoint.kind,
      audit_source: label(known(told.sourceId)),
      enterprise_site: label(known(told.enterpriseSite)),
      patients: objects.patients,
      studies: objects.studies,
      accessions: objects.accessions,
      modalities: objects.modalities,
      instances: objects.instances,
      purpose: purposes[0] ?? '',
      emergency: emergency ? 1 : 0,
      participant_id: ids,
      participant_kind: kinds,
      participant_role: roles.map((names) => names[0] ?? ''),
      participant_requestor: participants.map((one) => (one.requestor === true ? 1 : 0)),
      participant_access_point: accessPoints.map((point) => point.id),
      object_kind: objects.object_kind,
      object_role: objects.object_role,
      object_id_type: objects.object_id_type,
      object_id: objects.object_id,
      object_life_cycle: objects.object_life_cycle,
      repairs: repairs.length < 2 ? repairs : [...new Set(repairs)].sort()
    }
  };
  if (told.otherSources.length > 0) addOtherSources(fact.row, told.otherSources);
  return { fact, origin };
}

/** RFC 3881 lets several systems audit one event: those after the first are found as participants. */
function addOtherSources(row: EventFact['row'], sources: readonly string[]): void {
  for (const source of new Set(sources.map((one) => label(known(one))))) {
    if (source === '' || source === row.audit_source || row.participant_id.includes(source)) continue;
    row.participant_id.push(source);
    row.participant_kind.push('application');
    row.participant_role.push('audit-source');
    row.participant_requestor.push(0);
    row.participant_access_point.push('');
  }
}

/** Of an event that was cut before it tells the least, the cut is the fault, not the sender. */
function refuseCut(told: ToldEvent): void {
  if (!told.repairs.has('truncated')) return;
  if (told.id === null || told.dateTime === '' || told.outcome === '')
    throw new Undecodable(
      'not-well-formed',
      'the message ends before EventIdentification does: it was probably cut on its way'
    );
}

/** Whether a value that stands for "unknown" is told where a name or an identifier is expected. */
function holdsSentinel({ participants, objects }: ToldEvent): boolean {
  return (
    participants.some(({ userId, userName }) => isSentinel(userId) || isSentinel(userName)) ||
    objects.some(({ id, name }) => isSentinel(id) || isSentinel(name))
  );
}

function timeOf(told: ToldEvent, zone: string, repairs: string[]): number {
  const text = required(told.dateTime, 'EventIdentification@EventDateTime');
  const iso = readIsoTime(text);
  // HL7's form, but with its time of day: a date alone is no time of an act.
  const time = iso ?? (/^\s*\d{12}/.test(text) ? readHl7Time(text) : null);
  if (iso === null) repairs.push('time-format');
  if (time === null)
    throw new Undecodable(
      'bad-value',
      'EventIdentification@EventDateTime is not a time such as 2026-11-24T08:05:00+01:00'
    );
  if (time.offset === null) repairs.push('no-zone');
  return toEpoch(time, zone);
}

function required(value: string | undefined, field: string): string {
  if (value === undefined || value.trim() === '')
    throw new Undecodable('missing-field', `${field} is missing: PS3.15 A.5 requires it`);
  return value;
}

/** A person's pseudonym; of machines the AE title, else their id, without queries and credentials of a URI. */
function participantId(
  one: ToldParticipant,
  kind: ParticipantKind,
  establishment: string,
  directory: Directory,
  identities: Identities
): string {
  if (kind === 'person') {
    const id = known(one.userId) || alternativeId(one) || known(one.userName);
    return identities.person(id, establishment, { name: one.userName });
  }
  const id = aeTitleOf(one, directory) || known(one.userId) || alternativeId(one) || known(one.userName);
  const bare =
    id.includes('#') || id.includes('?') || id.includes('@')
      ? id.replace(/[?#].*$/, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
      : id;
  return label(bare, 128);
}

/** The alternative id where it is one, and not a list of AE titles. */
const alternativeId = ({ alternativeUserId: told }: ToldParticipant): string =>
  /AETITLES?=/i.test(told) ? '' : known(told);
