import {
  actions,
  eventIds,
  eventTypes,
  objectRoles,
  outcomes,
  roleIds
} from '@vigie/schemas/vocabulary/dicom-audit';
import { vigieActs } from '@vigie/schemas/vocabulary/vigie-acts';
import { shorten } from '#lib/format/format.ts';
import { text, type Language } from '#lib/text/text.ts';

/** Events whose type says more than they do: DICOM tells what a security alert or an authentication was by its type alone. */
const toldByType = new Set(['110100', '110113', '110114']);

/** Words of DICOM's audit vocabularies and of Vigie's own acts; a code that is in none is shown as it is. */
export const eventWord = (language: Language, code: string, types: readonly string[] = []): string => {
  const ours = vigieActs[code] ?? {};
  const own = types.map((type) => ours[type] ?? ours[type.slice(0, type.indexOf(':') + 1)]);
  const dicom = toldByType.has(code) ? types.map((type) => eventTypes[type]) : [];
  const word = [...own, ...dicom, eventIds[code]].find((one) => one?.[language] !== undefined);
  return word?.[language] ?? code;
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
