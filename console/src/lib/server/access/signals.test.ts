import { readFileSync } from 'node:fs';
import { parseConfig, type Role } from '@vigie/schemas';
import { expect, test } from 'vitest';
import type { OpenSignal } from '../query/signals.ts';
import { logPart, pagesOf } from './pages.ts';
import { signalsOf } from './signals.ts';

const config = parseConfig(
  readFileSync(new URL('../../../../../vigie.yaml', import.meta.url), 'utf8'),
  'vigie.yaml'
);
const signal = (code: OpenSignal['code'], subject: string): OpenSignal => ({
  code,
  subject,
  severity: 'warning',
  site: '',
  since: new Date(0),
  params: {}
});
const open = [signal('source-silent', 'ris'), signal('source-silent', 'hpa-ct-1'), signal('objective-missed', 'emage'), signal('modality-silent', 'hpa-ct-1')]; // prettier-ignore
const seen = (role: Role, scope: string[]) =>
  signalsOf({ role, scope }, open, config).map(({ code, subject }) => `${code} ${subject}`);

test('a signal is for those who may open its page, about their establishments or what is shared', () => {
  expect(seen('dsi', ['ch-troyes', 'hpa', 'gham', ''])).toHaveLength(4);
  expect(seen('dpo', ['ch-troyes', 'gham'])).toEqual(['source-silent ris']);
  expect(seen('direction', ['ch-troyes', 'hpa', 'gham', ''])).toEqual(['objective-missed emage']);
  expect(seen('dsi', ['gham'])).toEqual(['source-silent ris', 'objective-missed emage']);
});

test('the auditor reads what Vigie’s readers did, the RSSI what concerns security, directors and admin nothing', () => {
  expect(logPart('auditor').lane).toBe('own');
  expect(logPart('rssi').codes).toEqual(['110100', '110108', '110113', '110114']);
  for (const role of ['direction', 'admin'] as const) {
    expect(pagesOf(role)).not.toContain('access');
    expect(() => logPart(role)).toThrow();
  }
});
