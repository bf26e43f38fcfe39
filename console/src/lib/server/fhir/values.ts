import { DateTime } from 'luxon';

/** Splits a search value at unescaped separators; `\,` `\|` `\$` `\\` stand for themselves (FHIR R4 search, escaping). */
export function splitEscaped(text: string, separator: ',' | '|'): string[] {
  const parts: string[] = [];
  let part = '';
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\\' && i + 1 < text.length) part += character + text.charAt(++i);
    else if (character === separator) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part];
}

export const unescapeValue = (text: string): string => text.replaceAll(/\\([,|$\\])/g, '$1');

/** A token as told: `code`, `system|code`, `|code` (no system), `system|` (any code of it). */
export interface Token {
  /** undefined when any system is meant, '' when none is. */
  readonly system: string | undefined;
  readonly code: string;
}

/** @returns undefined when it names neither system nor code */
export function readToken(text: string): Token | undefined {
  const [first = '', ...rest] = splitEscaped(text, '|').map((part) => unescapeValue(part).trim());
  if (rest.length === 0) return first === '' ? undefined : { system: undefined, code: first };
  const code = rest.join('|');
  return first === '' && code === '' ? undefined : { system: first, code };
}

export const comparators = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'] as const;
export type Comparator = (typeof comparators)[number];

/** A date value: from ≤ what is told < to, as wide as its precision. ms since 1970. */
export interface DateValue {
  readonly comparator: Comparator;
  readonly from: number;
  readonly to: number;
}

const form =
  /^(?<prefix>[a-z]{2})?(?<year>\d{4})(?:-(?<month>\d{2})(?:-(?<day>\d{2})(?:T(?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:\.(?<fraction>\d{1,9}))?)?(?<zone>Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/**
 * Reads a date search value. Without a zone it is the hospital's own (Europe/Paris); a `+` that reached us as a blank is one.
 * @returns undefined when it is no date of FHIR, or its prefix is none of the comparators
 */
export function readDate(text: string): DateValue | undefined {
  const groups = form.exec(text.trim().replace(/ (?=\d{2}:\d{2}$)/, '+'))?.groups;
  if (groups === undefined) return undefined;
  const comparator = (groups['prefix'] ?? 'eq') as Comparator;
  if (!comparators.includes(comparator)) return undefined;
  const { year = '', month, day, hour, minute, second, fraction, zone } = groups;
  const unit = fraction !== undefined ? 'millisecond' : second !== undefined ? 'second' : minute !== undefined ? 'minute' : day !== undefined ? 'day' : month !== undefined ? 'month' : 'year'; // prettier-ignore
  const clock = `${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}.${(fraction ?? '').slice(0, 3).padEnd(3, '0')}`;
  const start = DateTime.fromISO(`${year}-${month ?? '01'}-${day ?? '01'}T${clock}${zone ?? ''}`, {
    zone: 'Europe/Paris'
  });
  if (!start.isValid || start.year < 1900 || start.year > 2200) return undefined;
  return { comparator, from: start.toMillis(), to: start.plus({ [unit]: 1 }).toMillis() };
}
