import type { ClickHouseClient } from '@vigie/store';
import { codesOf, machinesAmong, objectsAmong, type Part as LogPart } from '../query/audit-events.ts';
import type { Clause, TokenField } from './clause.ts';
import { pseudonymSystem } from './identifiers.ts';
import { fits, type Part, type Search } from './parse.ts';

/** Where the codes of a field stand in the facts. */
const codeColumns: Readonly<Record<TokenField, string>> = {
  type: '[toString(event_code)]',
  subtype: 'event_types',
  action: '[toString(action)]',
  outcome: '[toString(outcome)]',
  'entity-type': 'object_kind',
  'entity-role': 'object_role',
  'agent-role': 'arrayConcat(participant_role, actor_roles)'
};

/** A search as it is carried out, and told in links and in the audit: without identities. */
export interface Resolved {
  readonly clauses: readonly Clause[];
  /** The query in the form in which it may be shown: patients and persons as pseudonyms. */
  readonly query: string;
}

/** A DICOM UID names a study or a class, and stands in clear wherever it is. */
const isUid = (id: string) => /^[0-2](?:\.\d+)+$/.test(id);

/**
 * Holds a search against the facts: of values that may be a machine's name or a person's, those stay that a machine has in
 * the window; the rest is a pseudonym. `system|` becomes the codes of that system that occur.
 */
export async function resolveSearch(
  client: ClickHouseClient,
  search: Search,
  part: LogPart
): Promise<Resolved> {
  const known = async (question: typeof machinesAmong, ids: readonly string[]) => {
    if (ids.length === 0) return [];
    return (await question.ask(client, { ...part, ids, limit: ids.length })).map(({ id }) => id);
  };
  const clauseOf = async ({ asked }: Part): Promise<Clause> => {
    switch (asked.kind) {
      case 'agent':
        return { ...asked, machines: await known(machinesAmong, asked.machines) };
      case 'entity':
        return {
          ...asked,
          ids: [
            ...asked.ids.filter(isUid),
            ...(await known(objectsAmong, asked.ids.filter((id) => !isUid(id)))) // prettier-ignore
          ]
        };
      case 'any-of-system': {
        const { field, not, tokens } = asked;
        const codes = await codesOf(codeColumns[field]).ask(client, part);
        const any = codes.map(({ code }) => code).filter((code) => code !== '' && tokens.some((token) => fits(field, code, token))); // prettier-ignore
        return { kind: 'token', field, not, any };
      }
      default:
        return asked;
    }
  };
  const clauses: Clause[] = [];
  const params = new URLSearchParams();
  for (const one of search.parts) {
    const clause = await clauseOf(one);
    clauses.push(clause);
    params.append(one.name, shownValue(clause, one.value));
  }
  return { clauses, query: params.toString() };
}

/** A value fit for a link or a log. */
function shownValue(clause: Clause, told: string): string {
  const all = (pseudonyms: readonly string[], ids: readonly string[]) =>
    [...pseudonyms.map((one) => `${pseudonymSystem}|${one}`), ...ids.map(escapeValue)].join(',') ||
    `${pseudonymSystem}|`;
  switch (clause.kind) {
    case 'patient':
      return all(clause.pseudonyms, []);
    case 'agent':
      return all(clause.pseudonyms, clause.machines);
    case 'entity':
      return all(clause.pseudonyms, clause.ids);
    default:
      return told;
  }
}

const escapeValue = (text: string) => text.replaceAll(/[\\,|$]/g, (character) => `\\${character}`);
