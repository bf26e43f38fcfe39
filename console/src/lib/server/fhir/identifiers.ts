import type { Config } from '@vigie/schemas';
import { pseudonym, userIdentifier } from '@vigie/schemas/pseudonym';
import { cxOf } from '@vigie/schemas/vocabulary/audit-event-fhir';
import { patientPseudonyms } from '../query/patient-pseudonyms.ts';
import type { Token } from './values.ts';

// What an identifier that is asked for may stand for in the facts: pseudonyms of patients and persons, or plain values.

/** Identifier system of Vigie's pseudonyms, 32 hexadecimal digits. */
export const pseudonymSystem = 'urn:vigie:pseudonym';

/** What the caller's role allows, and what pseudonyms are made with. */
export interface Asker {
  readonly persons: boolean;
  readonly config: Config;
  readonly key: Buffer;
}

const isPseudonym = ({ system, code }: Token) => system === pseudonymSystem && /^[0-9a-f]{32}$/.test(code);
const literal = /^(?:(https?:\/\/\S+)\/)?([A-Z][A-Za-z]{2,40})\/([A-Za-z0-9.-]{1,64})$/;

/** A literal reference and the servers it may be of: its own when it is absolute, else every system that feeds events. */
function readReference(code: string, config: Config) {
  const [, server, type = '', id = ''] = literal.exec(code) ?? [];
  if (id === '') return undefined;
  const servers = server === undefined ? config.systems.map((system) => `fhir:${system.id}`) : [server];
  return { type, id, servers };
}

/** A patient by identifier; by reference too as the feed knows one: an id whose authority is its server. */
export function patientsOf(token: Token, { config, key }: Asker): string[] {
  if (token.system === pseudonymSystem) return isPseudonym(token) ? [token.code] : [];
  const reference = readReference(token.code, config);
  const told = [
    cxOf(token.code, token.system ?? ''),
    ...(reference ? [reference.id, ...reference.servers.map((server) => cxOf(reference.id, server))] : [])
  ];
  return told.flatMap((identifier) => patientPseudonyms(identifier, config, key));
}

/** A person by identifier; by reference too as the feed knows one: the reference under its server. */
export function personsOf(token: Token, { config, key }: Asker): string[] {
  if (token.system === pseudonymSystem) return isPseudonym(token) ? [token.code] : [];
  const reference = readReference(token.code, config);
  const told = [
    token.code,
    ...(reference
      ? [reference.id, ...reference.servers.map((server) => `${server}/${reference.type}/${reference.id}`)]
      : [])
  ];
  return told.filter((id) => id !== '').map((id) => pseudonym(key, userIdentifier(id)).toString('hex'));
}

/** `Device/x` names what `x` does. */
function formsOf(code: string): string[] {
  const id = literal.exec(code)?.[3];
  return (id === undefined ? [code] : [code, id]).filter((one) => one !== '');
}

/** Values as the facts may hold them in clear: identifier systems are not kept, so none is compared. */
export function plainOf(tokens: readonly Token[]): string[] {
  const told = tokens.filter(({ system }) => system !== pseudonymSystem);
  return [...new Set(told.flatMap(({ code }) => formsOf(code)))];
}
