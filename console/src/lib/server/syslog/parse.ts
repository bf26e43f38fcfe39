import { z } from 'zod';
import { pseudonym, userIdentifier } from '@vigie/schemas/pseudonym';
import { FhirFault } from '../fhir/fault.ts';
import { comparators, readDate, readToken, splitEscaped, unescapeValue } from '../fhir/values.ts';
import type { SyslogMessage } from './header.ts';

/** Parameters that ask about the header or the text of a message, by their names in lower case. */
const headerFields: Readonly<Record<string, keyof SyslogMessage>> = {
  pri: 'Pri',
  version: 'Version',
  hostname: 'Hostname',
  'app-name': 'App-name',
  appname: 'App-name',
  procid: 'Procid',
  'msg-id': 'Msg-id',
  msgid: 'Msg-id',
  'structured-data': 'Structured-data',
  msg: 'Msg'
};

const Strings = z.array(z.string());
const Range = z.object({ comparator: z.enum(comparators), from: z.number(), to: z.number() });

/** A search by ITI-82, alternatives in each list: what a page link holds too. */
export const SyslogSearch = z.object({
  dates: z.array(z.array(Range)),
  /** EventID and EventTypeCode of the DICOM message in it. */
  events: z.array(Strings),
  types: z.array(Strings),
  /** Participants by their id in the facts: names of machines, pseudonyms of persons. */
  requestors: z.array(Strings),
  receivers: z.array(Strings),
  header: z.array(z.object({ field: z.enum(['Pri', 'Version', 'Hostname', 'App-name', 'Procid', 'Msg-id', 'Structured-data', 'Msg']), any: Strings })), // prettier-ignore
  count: z.number()
});
export type SyslogSearch = z.infer<typeof SyslogSearch>;

const [defaultCount, maxCount] = [50, 200];
const bounds = { parameters: 40, value: 2000, alternatives: 50 };

/**
 * Reads the parameters of ITI-82, with those of the French guide (eventID, EventTypeCode, recorded, Requestor, Receiver).
 * Names are taken in any case; a comma is "or", repetition is "and".
 * @param key of pseudonyms
 * @throws {FhirFault} naming the parameter, never repeating its value
 */
export function parseSyslogSearch(
  entries: readonly (readonly [string, string])[],
  key: Buffer
): SyslogSearch {
  if (entries.length > bounds.parameters)
    throw new FhirFault('too-many-parameters', `At most ${bounds.parameters} parameters are read.`);
  const search: SyslogSearch = { dates: [], events: [], types: [], requestors: [], receivers: [], header: [], count: defaultCount }; // prettier-ignore
  for (const [name, value] of entries) {
    if (name === '_format') continue;
    const values = valuesOf(name, value);
    const codes = () => values.map((one) => readToken(one)?.code ?? fail(name, 'is a code'));
    const people = () => values.map(unescapeValue).flatMap((id) => [id, pseudonym(key, userIdentifier(id)).toString('hex')]); // prettier-ignore
    const lower = name.toLowerCase();
    const field = Object.hasOwn(headerFields, lower) ? headerFields[lower] : undefined;
    if (field !== undefined) search.header.push(headerCondition(name, field, values.map(unescapeValue)));
    else if (lower === 'date' || lower === 'recorded')
      search.dates.push(values.map((one) => readDate(one) ?? fail(name, 'is a date such as ge2026-11-24, with eq, ne, gt, lt, ge, le, sa or eb'))); // prettier-ignore
    else if (lower === 'eventid') search.events.push(codes());
    else if (lower === 'eventtypecode') search.types.push(codes());
    else if (lower === 'requestor') search.requestors.push(people());
    else if (lower === 'receiver') search.receivers.push(people());
    else if (lower === '_count')
      search.count = /^[1-9]\d{0,8}$/.test(value) ? Math.min(Number(value), maxCount) : fail(name, 'is a whole number above 0'); // prettier-ignore
    else throw unknown(name);
  }
  const dated = entries.some(([name]) => name.toLowerCase() === 'date');
  if (!dated || !search.dates.some((any) => any.every(({ comparator }) => comparator !== 'ne')))
    throw new FhirFault(
      'missing-date',
      'A search needs at least one bound of time, such as date=ge2026-11-24 (ITI-82).',
      {
        parameter: 'date'
      }
    );
  return search;
}

function valuesOf(name: string, value: string): string[] {
  if (value.length > bounds.value) return fail(name, `is longer than ${bounds.value} characters`);
  const values = splitEscaped(value, ',').map((one) => one.trim());
  if (values.length > bounds.alternatives)
    return fail(name, `has more than ${bounds.alternatives} alternatives`);
  if (values.some((one) => one === '')) return fail(name, 'is empty');
  return values;
}

function headerCondition(
  name: string,
  field: keyof SyslogMessage,
  any: string[]
): SyslogSearch['header'][number] {
  if (field === 'Pri' && !any.every((one) => /^\d{1,3}$/.test(one) && Number(one) <= 191))
    return fail(name, 'is a number from 0 to 191');
  if (field === 'Version' && !any.every((one) => /^\d{1,3}$/.test(one))) return fail(name, 'is a number');
  // A time is asked for by date.
  if (field === 'Timestamp') throw unknown(name);
  return { field, any };
}

function fail(name: string, wrong: string): never {
  throw new FhirFault('bad-value', `The value of ${name} ${wrong}.`, { parameter: name });
}

function unknown(name: string): FhirFault {
  const readable = /^[A-Za-z_][\w.:-]{0,63}$/.test(name);
  return new FhirFault(
    'unknown-parameter',
    `${readable ? name : 'A parameter'} is not known here: date, pri, version, hostname, app-name, procid, msg-id, structured-data, msg, eventID, EventTypeCode, recorded, Requestor, Receiver are.`,
    readable ? { parameter: name } : {}
  );
}

/** Whether a message is what the header conditions ask for: the whole field, of Msg and Structured-data a part; case aside. */
export function fitsHeader(message: SyslogMessage, header: SyslogSearch['header']): boolean {
  return header.every(({ field, any }) => {
    const told = message[field]?.toLowerCase();
    if (told === undefined) return false;
    const part = field === 'Msg' || field === 'Structured-data';
    return any.some((one) => (part ? told.includes(one.toLowerCase()) : told === one.toLowerCase()));
  });
}
