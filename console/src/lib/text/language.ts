export const languages = ['fr', 'en'] as const;
export type Language = (typeof languages)[number];

/** Language told by a cookie or an Accept-Language header; French first. */
export function languageOf(told: string | null | undefined): Language {
  if (told === 'fr' || told === 'en') return told;
  const first = (told ?? '').split(',')[0]?.trim().slice(0, 2).toLowerCase();
  return first === 'en' ? 'en' : 'fr';
}
