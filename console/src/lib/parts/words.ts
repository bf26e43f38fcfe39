import {
  actions,
  eventIds,
  eventTypes,
  objectRoles,
  outcomes,
  roleIds
} from '@vigie/schemas/vocabulary/dicom-audit';
import { shorten } from '#lib/format/format.ts';
import { text, type Language } from '#lib/text/text.ts';

/** Words of DICOM's audit vocabularies; a code that is not in them is shown as it is. */
export const eventWord = (language: Language, code: string, types: readonly string[] = []): string => {
  const special = types.map((type) => eventTypes[type]?.[language]).find((word) => word !== undefined);
  return code === '110100' || code === '110114'
    ? (special ?? eventIds[code]?.[language] ?? code)
    : (eventIds[code]?.[language] ?? code);
};
export const actionWord = (language: Language, code: string): string => actions[code]?.[language] ?? code;
export const outcomeWord = (language: Language, code: number): string =>
  outcomes[code]?.[language] ?? String(code);
export const roleWord = (language: Language, code: string): string => roleIds[code]?.[language] ?? code;
export const objectRoleWord = (language: Language, code: string): string =>
  objectRoles[code]?.[language] ?? code;
/** A source's name; an undeclared one says what it calls itself. */
export const sourceWord = (names: Readonly<Record<string, string>>, source: string): string =>
  names[source] ?? shorten(source.replace(/^unknown:/, ''), 16);
/** What was mended in reading a message, in words. */
export const repairWord = (language: Language, name: string): string => {
  const words: Readonly<Record<string, string>> = text(language).event.repairWords;
  return words[name] ?? name;
};
