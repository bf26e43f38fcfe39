import { codingOf, isOfSystem, type CodeUse } from '@vigie/schemas/vocabulary/audit-event-fhir';
import { readEventId } from '../query/event.ts';
import type { Clause, TokenField } from './clause.ts';
import { FhirFault } from './fault.ts';
import { patientsOf, personsOf, plainOf, type Asker } from './identifiers.ts';
import { readName, type Subject } from './parameters.ts';
import { readDate, readToken, splitEscaped, unescapeValue, type DateValue, type Token } from './values.ts';

/** A condition whose plain values are still to be held against the facts (see resolve.ts). */
export type Asked =
  | Clause
  | {
      readonly kind: 'any-of-system';
      readonly field: TokenField;
      readonly not: boolean;
      readonly tokens: readonly Token[];
    };

/** One parameter as asked: `value` as the caller wrote it, which may be an identity. */
export interface Part {
  readonly name: string;
  readonly value: string;
  readonly asked: Asked;
}

export interface Search {
  readonly parts: readonly Part[];
  readonly count: number;
  readonly sort: 'date' | '-date';
  /** Only how many there are. */
  readonly countOnly: boolean;
  /** Whether the number of events is told: where it is cheap to count, unless it was asked for. */
  readonly total: 'never' | 'if-cheap' | 'always';
}

export const defaultCount = 50;
export const maxCount = 500;
const bounds = { parameters: 60, value: 2000, alternatives: 100 };

/** Parameters of the answer's form, read elsewhere. */
const formOnly = new Set(['_format', '_pretty']);

/**
 * Reads the parameters of a search (ITI-81, FHIR R4 search): a comma is "or", repetition is "and".
 * @throws {FhirFault} naming the parameter, never repeating its value
 */
export function parseSearch(entries: readonly (readonly [string, string])[], asker: Asker): Search {
  if (entries.length > bounds.parameters)
    throw new FhirFault('too-many-parameters', `At most ${bounds.parameters} parameters are read.`);
  const parts: Part[] = [];
  let search: Omit<Search, 'parts'> = {
    count: defaultCount,
    sort: '-date',
    countOnly: false,
    total: 'if-cheap'
  };
  for (const [name, value] of entries) {
    if (formOnly.has(name)) continue;
    if (value.length > bounds.value) throw bad(name, `is longer than ${bounds.value} characters`);
    if (name === '_count' || name === '_sort' || name === '_summary' || name === '_total')
      search = { ...search, ...readControl(name, value) };
    else parts.push({ name, value, asked: readPart(name, value, asker) });
  }
  if (!parts.some(({ asked }) => asked.kind === 'date' && asked.column === 'recorded' && isBound(asked.any)))
    throw new FhirFault(
      'missing-date',
      'A search needs at least one bound of time, such as date=ge2026-11-24 (ITI-81).',
      { parameter: 'date' }
    );
  return { ...search, parts };
}

/** Every alternative must bound: `date=ge2026,ne2025` does not. */
const isBound = (any: readonly DateValue[]) =>
  any.length > 0 && any.every(({ comparator }) => comparator !== 'ne');

function readControl(name: string, value: string): Partial<Omit<Search, 'parts'>> {
  switch (name) {
    case '_count': {
      if (!/^\d{1,9}$/.test(value)) throw bad(name, 'is a whole number');
      const count = Math.min(Number(value), maxCount);
      return count === 0 ? { countOnly: true } : { count };
    }
    case '_sort':
      if (value !== 'date' && value !== '-date')
        throw bad(name, 'is date or -date: events are sorted by time alone');
      return { sort: value };
    case '_summary':
      if (value !== 'count' && value !== 'false') throw bad(name, 'is count or false');
      return { countOnly: value === 'count' };
    default:
      if (!['none', 'estimate', 'accurate'].includes(value)) throw bad(name, 'is none, estimate or accurate');
      return { total: value === 'none' ? 'never' : value === 'accurate' ? 'always' : 'if-cheap' };
  }
}

const bad = (name: string, wrong: string) =>
  new FhirFault('bad-value', `The value of ${name} ${wrong}.`, { parameter: name });

function readPart(name: string, value: string, asker: Asker): Asked {
  const known = readName(name);
  // A name is repeated only when it looks like one: some callers put a value in its place.
  const shown = /^[A-Za-z_][\w.:-]{0,63}$/.test(name) ? name : 'a parameter';
  if (!known)
    throw new FhirFault(
      'unknown-parameter',
      `${shown} is not a parameter of this search; /fhir/metadata lists them.`,
      {
        ...(shown === name && { parameter: name })
      }
    );
  const { subject } = known.parameter;
  const not = readModifier(name, known.modifier, subject);
  const values = splitEscaped(value, ',').map((one) => one.trim());
  if (values.length > bounds.alternatives)
    throw bad(name, `has more than ${bounds.alternatives} alternatives`);
  if (values.some((one) => one === '')) throw bad(name, 'is empty');
  if ((subject.of === 'patient' || subject.of === 'entity') && !asker.persons)
    throw new FhirFault('forbidden', `A search by ${name} needs a token of the DPO: it follows a patient.`, {
      parameter: name
    });
  const { modifier, referenceType } = known;
  const told = referenceType === '' ? values : values.map((one) => (one.includes('/') ? one : `${referenceType}/${one}`)); // prettier-ignore
  return readSubject(subject, { name, values: told, not, modifier }, asker);
}

/** @returns whether it is `:not` */
function readModifier(name: string, modifier: string, subject: Subject): boolean {
  const negatable = ['token', 'agent', 'entity', 'source', 'site'].includes(subject.of);
  if (modifier === '') return false;
  if (modifier === 'not' && negatable) return true;
  if (subject.of === 'address' && (modifier === 'exact' || modifier === 'contains')) return false;
  throw new FhirFault(
    'unknown-parameter',
    `${name.slice(0, name.lastIndexOf(':'))} does not take this modifier.`,
    {
      parameter: name.slice(0, name.lastIndexOf(':'))
    }
  );
}

interface Told {
  readonly name: string;
  readonly values: readonly string[];
  readonly not: boolean;
  readonly modifier: string;
}

function readSubject(subject: Subject, told: Told, asker: Asker): Asked {
  const { name, values, not } = told;
  const tokens = () =>
    values.map((value) => readToken(value) ?? fail(name, 'is a token such as code or system|code'));
  switch (subject.of) {
    case 'date':
      return {
        kind: 'date',
        column: subject.column,
        any: values.map((value) => readDate(value) ?? fail(name, 'is a date such as ge2026-11-24 or lt2026-11-24T08:05:00+01:00, with eq, ne, gt, lt, ge, le, sa or eb')) // prettier-ignore
      };
    case 'token':
      return readTokens(subject.field, tokens(), told);
    case 'address':
      return {
        kind: 'address',
        how: told.modifier === 'exact' || told.modifier === 'contains' ? told.modifier : 'starts',
        any: values.map(unescapeValue)
      };
    case 'patient':
      return { kind: 'patient', pseudonyms: [...new Set(tokens().flatMap((one) => patientsOf(one, asker)))] };
    case 'agent': {
      const told = tokens();
      return {
        kind: 'agent',
        not,
        pseudonyms: [...new Set(told.flatMap((one) => (asker.persons ? personsOf(one, asker) : [])))],
        machines: plainOf(told)
      };
    }
    case 'entity': {
      const told = tokens();
      const people = told.flatMap((one) => [...patientsOf(one, asker), ...personsOf(one, asker)]);
      const plain = plainOf(told);
      const oids = plain.filter((id) => /^urn:oid:/i.test(id)).map((id) => id.slice(8));
      return { kind: 'entity', not, pseudonyms: [...new Set(people)], ids: [...plain, ...oids] };
    }
    case 'source':
    case 'site':
      return { kind: subject.of, not, any: plainOf(tokens()) };
    case 'id':
      return {
        kind: 'id',
        any: values.flatMap((value) => {
          if (!/^[A-Za-z0-9.-]{1,64}$/.test(value)) throw bad(name, 'is an id such as c1-audit-17-0');
          return readEventId(value) ?? [];
        })
      };
  }
}

function fail(name: string, wrong: string): never {
  throw bad(name, wrong);
}

const uses: Readonly<Partial<Record<TokenField, CodeUse>>> = {
  type: 'event',
  subtype: 'event-type',
  'entity-type': 'object-type',
  'entity-role': 'object-role',
  'agent-role': 'role'
};
/** Codes of the two elements whose value sets are closed, and their systems. */
const closed: Readonly<
  Partial<Record<TokenField, { readonly system: string; readonly codes: readonly string[] }>>
> = {
  action: { system: 'http://hl7.org/fhir/audit-event-action', codes: ['C', 'R', 'U', 'D', 'E'] },
  outcome: { system: 'http://hl7.org/fhir/audit-event-outcome', codes: ['0', '4', '8', '12'] }
};

function readTokens(field: TokenField, tokens: readonly Token[], { name, not }: Told): Asked {
  const set = closed[field];
  if (set) {
    if (tokens.some(({ code }) => !set.codes.includes(code)))
      throw bad(name, `is one of ${set.codes.join(', ')}`);
    const fitting = tokens.filter(({ system }) => system === undefined || system === set.system);
    return { kind: 'token', field, not, any: fitting.map(({ code }) => code) };
  }
  if (tokens.some(({ code }) => code === '')) return { kind: 'any-of-system', field, not, tokens };
  return {
    kind: 'token',
    field,
    not,
    any: tokens.filter((one) => fits(field, one.code, one)).map(({ code }) => code)
  };
}

/** Whether a stored code is what a token means: its code, and its system as far as the code tells one. */
export function fits(field: TokenField, code: string, token: Token): boolean {
  const use = uses[field] ?? 'event';
  if (token.code !== '' && token.code !== code) return false;
  if (token.system === undefined) return true;
  if (token.system === '') return codingOf(use, code).system === undefined;
  if (token.code === '')
    return codingOf(use, code).system !== undefined && isOfSystem(use, code, token.system);
  return isOfSystem(use, code, token.system);
}
