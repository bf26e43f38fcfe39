import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { parseConfig } from '@vigie/schemas';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Accounts } from './accounts.ts';
import { Attempts } from './attempts.ts';
import { openConsoleDatabase } from './database.ts';
import { forgetFirstPassword, writeFirstPasswords } from './first-passwords.ts';
import { generatePassword, passwordFault } from './password.ts';
import { sealed } from './sealed.ts';
import { Searches } from './searches.ts';
import { Sessions } from './sessions.ts';

const config = parseConfig(
  readFileSync(new URL('../../../../../vigie.yaml', import.meta.url), 'utf8'),
  'vigie.yaml'
);
const now = Date.parse('2026-11-24T08:05:00Z');
const minute = 60_000;
let folder: string;
let database: DatabaseSync;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-session-'));
  database = openConsoleDatabase(folder);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

test('a session ends after half an hour of idleness, and after twelve hours whatever is done', () => {
  const sessions = new Sessions(database);
  const id = sessions.create('dsi', now);
  expect(sessions.find(id, now + 29 * minute)).toBe('dsi');
  expect(sessions.find(id, now + 58 * minute)).toBe('dsi');
  expect(sessions.find(id, now + 89 * minute)).toBeUndefined();
  const busy = sessions.create('dsi', now);
  for (let at = 0; at <= 720; at += 20) expect(sessions.find(busy, now + at * minute)).toBe('dsi');
  expect(sessions.find(busy, now + 721 * minute)).toBeUndefined();
});

test('the database holds neither a session id nor a password', async () => {
  const id = new Sessions(database).create('dsi', now);
  const [first] = await new Accounts(database, config).provision(now);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const stored = readFileSync(join(folder, 'console', 'console.db')).toString('latin1');
  expect(stored).toContain('argon2id$');
  expect(stored).not.toContain(id);
  expect(stored).not.toContain(first?.password);
});

test('each account gets one first password, that only its change replaces', async () => {
  const accounts = new Accounts(database, config);
  const created = await accounts.provision(now);
  expect(created.map(({ login }) => login)).toEqual(['dsi', 'dpo', 'direction']);
  expect(await accounts.provision(now)).toEqual([]);
  const [{ password } = { password: '' }] = created;
  expect((await accounts.check('dsi', password))?.role).toBe('dsi');
  expect(await accounts.check('dsi', `${password}x`)).toBeUndefined();
  expect(await accounts.check('nobody', password)).toBeUndefined();
  expect(accounts.mustChange('dsi')).toBe(true);
  await accounts.change('dsi', 'une phrase bien longue', now);
  expect(accounts.mustChange('dsi')).toBe(false);
  expect(await accounts.check('dsi', password)).toBeUndefined();
});

test('first passwords stand in a file of mode 0600 until each is changed', () => {
  writeFirstPasswords(folder, [
    { login: 'dsi', password: 'aaaa' },
    { login: 'dpo', password: 'bbbb' }
  ]);
  const file = join(folder, 'passwords.txt');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  forgetFirstPassword(folder, 'dsi');
  expect(readFileSync(file, 'utf8')).toBe('dpo bbbb\n');
  forgetFirstPassword(folder, 'dpo');
  expect(() => statSync(file)).toThrow();
});

test('a generated password is four groups of four, and never twice the same', () => {
  const made = new Set(Array.from({ length: 200 }, generatePassword));
  expect(made.size).toBe(200);
  for (const one of made) expect(one).toMatch(/^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/);
});

test.each([
  ['court', 'short'],
  ['x'.repeat(201), 'long'],
  ['mon-DPO-à-moi-seul', 'login'],
  ['ancien mot de passe', 'same'],
  ['une phrase bien longue', undefined]
])('the new password "%s" is judged: %s', (password, fault) => {
  const context = { login: 'dpo', current: 'ancien mot de passe', repeated: password };
  expect(passwordFault(password, context)).toBe(fault);
  expect(passwordFault('une phrase bien longue', { ...context, repeated: 'autre' })).toBe('repeat');
});

test('an account waits after eight tries and an address after forty, also when they are made at once', () => {
  const attempts = new Attempts(database);
  for (let i = 0; i < 8; i++) attempts.begin('dsi', '10.0.0.1', now + i);
  expect(attempts.wait('dsi', '10.0.0.2', now + 10)).toBe(15 * minute - 10);
  expect(attempts.wait('dpo', '10.0.0.1', now + 10)).toBe(0);
  expect(attempts.wait('dsi', '10.0.0.2', now + 15 * minute)).toBe(0);
  for (let i = 0; i < 32; i++) attempts.begin(`someone-${i}`, '10.0.0.1', now + 10);
  expect(attempts.wait('dpo', '10.0.0.1', now + 20)).toBeGreaterThan(0);
  expect(attempts.wait('dpo', '10.0.0.3', now + 20)).toBe(0);
});

test('a right password forgets the tries of its account, and its own of the address', () => {
  const attempts = new Attempts(database);
  for (let i = 0; i < 39; i++) attempts.begin(`someone-${i}`, '10.0.0.1', now);
  attempts.begin('dsi', '10.0.0.1', now + 1);
  expect(attempts.wait('dsi', '10.0.0.1', now + 2)).toBeGreaterThan(0);
  attempts.succeeded('dsi', '10.0.0.1', now + 1);
  expect(attempts.wait('dsi', '10.0.0.1', now + 2)).toBe(0);
});

const patient = { kind: 'patient' as const, patients: ['ab'.repeat(16)], actors: [], study: '', purpose: 'control' }; // prettier-ignore
const ofStudy = { kind: 'study' as const, patients: [], actors: [], study: '1.2.250.1.999.1' };
const key = sealed(() => '0f'.repeat(32));

test('a search is found by the account that made it alone, for twelve hours', () => {
  const searches = new Searches(database, key);
  const id = searches.keep('dpo', patient, now);
  expect(searches.find(id, 'dpo', now + 11 * 60 * minute)).toEqual(patient);
  expect(searches.find(id, 'rssi', now)).toBeUndefined();
  expect(searches.find(id, 'dpo', now + 13 * 60 * minute)).toBeUndefined();
});

test('a named search is renamed and deleted by its account alone', () => {
  const searches = new Searches(database, key);
  const id = searches.save('dpo', 'Nuit', '?event=110103', ofStudy, now) ?? '';
  expect(searches.rename('rssi', id, 'x')).toBe(false);
  expect(searches.remove('rssi', id)).toBe(false);
  expect(searches.rename('dpo', id, 'Nuits')).toBe(true);
  expect(searches.list('dpo')).toEqual([
    { id, name: 'Nuits', query: '?event=110103', sought: ofStudy, createdAt: now }
  ]);
  expect(searches.list('rssi')).toEqual([]);
  expect(searches.remove('dpo', id)).toBe(true);
  expect(searches.list('dpo')).toEqual([]);
});

test('what a search is about lies sealed, and opens under its own key alone', () => {
  const searches = new Searches(database, key);
  searches.keep('dpo', ofStudy, now);
  searches.save('dpo', 'Patient', '', patient, now);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const stored = readFileSync(join(folder, 'console', 'console.db')).toString('latin1');
  for (const secret of [ofStudy.study, patient.patients[0]]) expect(stored).not.toContain(secret);
  expect(
    new Searches(
      database,
      sealed(() => '00'.repeat(32))
    ).list('dpo')
  ).toEqual([]);
});

test('an account keeps a hundred named searches', () => {
  const searches = new Searches(database, key);
  for (let i = 0; i < 100; i++) expect(searches.save('dpo', `n${i}`, '', undefined, now)).toBeDefined();
  expect(searches.save('dpo', 'one more', '', undefined, now)).toBeUndefined();
});
