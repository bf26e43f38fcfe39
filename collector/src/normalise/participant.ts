import type { ToldCode, ToldEvent, ToldParticipant } from '../decode/audit-xml/told.ts';
import type { Directory } from './directory.ts';
import { bareAddress } from './network.ts';
import { label } from './origin.ts';
import { distinct, known } from './told-values.ts';

export type ParticipantKind = 'person' | 'application' | 'device';

/** RoleIDCodes of PS3.15 that say what a process does, not what a person is. */
const technicalRoles = new Set(['110150', '110151', '110152', '110153', '110154', '110155']);
const userIdTypes: Record<string, ParticipantKind> = {
  '110119': 'device',
  '110182': 'application',
  '113871': 'person',
  '113877': 'device',
  '12': 'application',
  HL7APP: 'application'
};
const aeTitles = /AETITLES?=([^;,\s]+)/i;

/** The AE title a participant goes by: its id, or the first `AETITLE=` of its alternative id. */
export function aeTitleOf({ userId, alternativeUserId }: ToldParticipant, directory: Directory): string {
  const told = titleIn(alternativeUserId) ?? titleIn(userId);
  if (told !== undefined) return told.trim();
  if (directory.systemByAe(userId)) return userId.trim();
  return directory.systemByAe(alternativeUserId) ? alternativeUserId.trim() : '';
}

/** The first `AETITLE=` of a text. */
const titleIn = (text: string): string | undefined =>
  text.includes('=') ? aeTitles.exec(text)?.[1] : undefined;

/**
 * Person, application or device. The first rule that applies decides:
 *
 * | # | what is told | kind |
 * |---|---|---|
 * | 1 | UserTypeCode 1 / 2 | person / application |
 * | 2 | UserIDTypeCode 110119, 113877 / 110182, 12 / 113871 | device / application / person |
 * | 3 | UserID is an AE title of the directory | device for a modality, else application |
 * | 4 | RoleIDCode 110150 (application), 110154, 110155 (media) | application, device |
 * | 5 | a role that is not of PS3.15 (a human one), or the event is a user authentication and a UserName stands there | person |
 * | 6 | UserID is a URI, an address, `app|facility`, a machine account (`…$`), empty with no UserName, or it or the UserName is the audit source itself | application |
 * | 7 | no UserName and: an `AETITLE=`, or a source or destination that looks like an AE title / is a process number | device / application |
 * | 8 | anything else | person: what is not surely a machine is pseudonymised |
 */
export function kindOf(one: ToldParticipant, event: ToldEvent, directory: Directory): ParticipantKind {
  if (one.userType === '1') return 'person';
  if (one.userType === '2') return 'application';
  const typed = userIdTypes[one.userIdType];
  if (typed !== undefined) return typed;
  const userId = known(one.userId);
  const listed = directory.systemByAe(userId);
  if (listed !== undefined) return listed.kind === 'modality' ? 'device' : 'application';
  if (hasRole(one, '110150')) return 'application';
  if (hasRole(one, '110154') || hasRole(one, '110155')) return 'device';
  const named = known(one.userName) !== '';
  if (one.roles.some(isHuman) || (event.id?.code === '110114' && named)) return 'person';
  if (isSource(one.userName, event.sourceId)) return 'application';
  if (userId === '' ? !named : isMachineName(userId, event.sourceId)) return 'application';
  if (named) return 'person';
  if (aeTitles.test(one.alternativeUserId)) return 'device';
  const moves = hasRole(one, '110152') || hasRole(one, '110153');
  if (moves && /^\d{1,7}$/.test(userId)) return 'application';
  if (moves && looksLikeAeTitle(userId)) return 'device';
  return 'person';
}

/** Words of the roles a person holds; of a process, its RoleIDCodes. Bounded. */
export function rolesOf(one: ToldParticipant, kind: ParticipantKind): string[] {
  if (one.roles.length === 0) return [];
  const roles =
    kind === 'person' && one.roles.some(isHuman)
      ? one.roles.filter(isHuman).map((role) => label(role.text || role.code))
      : one.roles.map((role) => label(role.code, 32));
  return distinct(roles.filter((role) => role !== '')).slice(0, 8);
}

const isHuman = (role: ToldCode): boolean => !technicalRoles.has(role.code);

const hasRole = (one: ToldParticipant, code: string) => one.roles.some((role) => role.code === code);

function isMachineName(id: string, sourceId: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(id) || /^urn:/i.test(id)) return true;
  if (bareAddress(id) !== null || /^[^|@\s]*\|[^|@]*$/.test(id)) return true;
  return id.endsWith('$') || isSource(id, sourceId);
}

const isSource = (name: string, sourceId: string) =>
  sourceId.trim() !== '' && name.trim().toLowerCase() === sourceId.trim().toLowerCase();

/** Up to 16 capitals with a digit or underscore among them, as AE titles are formed. */
function looksLikeAeTitle(id: string): boolean {
  return /^[A-Z0-9_-]{2,16}$/.test(id) && /[A-Z]/.test(id) && /[\d_]/.test(id);
}

/**
 * The one who acted: the requesting person, else the requestor, else the first person, else the first participant.
 * @returns its index; -1 when the event names nobody
 */
export function actorIndex(
  participants: readonly ToldParticipant[],
  kinds: readonly ParticipantKind[]
): number {
  let [requestor, person] = [-1, -1];
  for (let i = 0; i < participants.length; i++) {
    const requests = participants[i]?.requestor === true;
    const isPerson = kinds[i] === 'person';
    if (requests && isPerson) return i;
    if (requests && requestor < 0) requestor = i;
    if (isPerson && person < 0) person = i;
  }
  if (requestor >= 0) return requestor;
  return person >= 0 ? person : Math.min(0, participants.length - 1);
}
