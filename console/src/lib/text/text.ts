import { en } from './en.ts';
import { fr, type Dictionary } from './fr.ts';
import type { Language } from './language.ts';

export type { Dictionary, Language };

const dictionaries: Readonly<Record<Language, Dictionary>> = { fr, en };

/** The words of a language. */
export const text = (language: Language): Dictionary => dictionaries[language];
