import { readHl7Time, type ToldTime } from '../time.ts';
import { Undecodable } from '../undecodable.ts';
import type { Components, Hl7Message, Segment } from './message.ts';

/** `ORM^O01`, from MSH-9; the structure of MSH-9.3 stands in where an old sender leaves the trigger out. */
export function typeOf({ msh }: Hl7Message): string {
  const code = msh.get(9, 1).toUpperCase();
  const trigger = msh.get(9, 2).toUpperCase() || (msh.get(9, 3).split('_')[1] ?? '').toUpperCase();
  if (code === '') throw new Undecodable('missing-field', 'MSH-9 (message type) is missing');
  return trigger === '' ? code : `${code}^${trigger}`;
}

export const first = (segments: readonly Segment[], name: string): Segment | null =>
  segments.find((segment) => segment.name === name) ?? null;

/** @throws {Undecodable} missing-field, bad-value */
export function timeOf(text: string, field: string): ToldTime {
  if (text === '') throw new Undecodable('missing-field', `${field} is missing`);
  const time = readHl7Time(text);
  if (time === null) throw new Undecodable('bad-value', `${field} is not a time such as 20261124080500+0100`);
  return time;
}

/** A time that may be left out. @throws {Undecodable} bad-value */
export const timeOrNull = (text: string, field: string): ToldTime | null =>
  text === '' ? null : timeOf(text, field);

/** @throws {Undecodable} missing-field */
export function required(text: string, fields: string): string {
  if (text === '')
    throw new Undecodable('missing-field', `${fields} is missing: an exam needs its accession number`);
  return text;
}

/**
 * The code of a CE or CWE that tells why. A word that names no coding system may be anything, a name among others: it is `other`.
 */
export function codeOf(told: Components | undefined): string {
  if (told === undefined) return '';
  const code = told.get(1);
  if (code !== '' && told.get(3) !== '' && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/.test(code)) return code;
  return code !== '' || told.get(2) !== '' ? 'other' : '';
}

/** A CX as text: number and authority. */
export const cx = (told: Components | undefined): string =>
  told === undefined || told.get(1) === '' ? '' : [told.get(1), '', '', told.get(4)].join('^');
