import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { vigieActs } from '@vigie/schemas/vocabulary/vigie-acts';
import { eventWord } from './words.ts';

test('acts of Vigie itself are told in words, those of other senders as DICOM has them', () => {
  expect(eventWord('fr', '110113', ['110132', 'retention-purge'])).toBe('Purge de conservation');
  expect(eventWord('en', '110113', ['110131', '110136', 'config:accounts'])).toBe('Configuration changed');
  expect(eventWord('fr', '110113', ['110126'])).toBe('Authentification de nœud');
  expect(eventWord('fr', '110101', ['evidence-verify', 'level:1'])).toBe("Contrôle de l'intégrité");
  expect(eventWord('fr', '110101', ['other'])).toBe("Lecture d'un journal");
  expect(eventWord('fr', '110103', ['list'])).toBe("Consultation d'images");
  expect(eventWord('fr', '110114', ['110122'])).toBe('Connexion');
  expect(eventWord('fr', 'rest', ['read'])).toBe('rest');
  expect(eventWord('fr', '110113', ['__proto__', 'constructor'])).toBe('Alerte de sécurité');
});

test('every act that Vigie writes to its own log has its words', () => {
  const known = new Set(Object.values(vigieActs).flatMap(Object.keys));
  const source = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
  const own = source('console/src/lib/server/own-audit/own-audit.ts');
  const written = [
    ...(/readonly act:\s*((?:\|?\s*'[a-z-]+'\s*)+);/.exec(own)?.[1]?.match(/[a-z-]+/g) ?? []),
    ...source('schemas/src/own-audit.ts')
      .matchAll(/vigie\('([a-z]+-[a-z]+)'/g)
      .map((found) => found[1])
  ];
  expect(written.length).toBeGreaterThan(7);
  expect(written.filter((act) => !known.has(act ?? ''))).toEqual([]);
});
