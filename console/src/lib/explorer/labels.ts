import { actionWord, eventWord, outcomeWord, roleWord, sourceWord } from '#lib/parts/words.ts';
import { text, type Language } from '#lib/text/text.ts';
import type { FacetName } from './facets.ts';

/** What values of facets are called: sites and systems by their names, codes by the words of DICOM. */
export interface Names {
  readonly language: Language;
  readonly sites: readonly { readonly id: string; readonly name: string; readonly short: string }[];
  readonly systems: Readonly<Record<string, string>>;
}

/** The word for one value of a facet. Pure. */
export function valueLabel({ language, sites, systems }: Names, facet: FacetName, value: string): string {
  const words = text(language);
  switch (facet) {
    case 'event':
      return eventWord(language, value);
    case 'site':
      return sites.find(({ id }) => id === value)?.name ?? (value === '' ? words.scope.shared : value);
    case 'source':
      return sourceWord(systems, value);
    case 'action':
      return actionWord(language, value);
    case 'outcome':
      return outcomeWord(language, Number(value));
    case 'emergency':
      return value === '1' ? words.access.emergencyYes : words.access.emergencyNo;
    case 'role':
      return value === '' ? words.access.unknownRole : roleWord(language, value);
    case 'modality':
      return value === '' ? words.explorer.noModality : value;
    default:
      return facet satisfies never;
  }
}
