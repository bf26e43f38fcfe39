import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEnvironment } from '../spool/environment.ts';
import { KnownIdentities } from './window.ts';

test('an identity is known while the index has it; after plans were taken back the index alone tells', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-window-'));
  const spool = openEnvironment(folder);
  const [november, december] = [Date.UTC(2026, 10, 30), Date.UTC(2026, 11, 1)];
  const key = Buffer.from('00ff80c3a9'.repeat(6) + '7f01', 'hex');
  const name = key.toString('latin1');
  const known = new KnownIdentities(spool);
  await known.open(november);
  await known.open(december);
  expect(known.has(name, november)).toBe(false);
  await spool.root.transaction(() => known.put('202611', key));
  expect([known.has(name, november), known.has(name, november)]).toEqual([true, true]);
  expect(known.has(name, december)).toBe(false);
  expect(known.has(name, november)).toBe(true);
  await spool.root.transaction(() => void spool.index('identity-202611').remove(key));
  known.forget();
  expect(known.has(name, november)).toBe(false);
  await spool.root.close();
  rmSync(folder, { recursive: true, force: true });
});
