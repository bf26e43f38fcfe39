import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import { root } from '@vigie/tools/testkit/process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openConsoleDatabase } from './database.ts';
import { newToken, TokenOrder } from './token-order.ts';
import { tokenScope, Tokens } from './tokens.ts';

const config = parseConfig(readFileSync(join(root, 'vigie.yaml'), 'utf8'), 'vigie.yaml', {});
const hour = 3_600_000;
let folder: string;
let tokens: Tokens;
let close: () => void;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-tokens-'));
  const database = openConsoleDatabase(folder);
  tokens = new Tokens(database);
  close = () => database.close();
});
afterEach(() => {
  close();
  rmSync(folder, { recursive: true });
});

const order = (more: Record<string, unknown> = {}) =>
  TokenOrder.parse({
    act: 'create',
    name: 'portail',
    role: 'dpo',
    establishments: ['ch-troyes'],
    days: 30,
    rights: [],
    purpose: '',
    reference: '',
    ...more
  }) as Parameters<typeof newToken>[0];

test('a token is found by its text alone, until it expires or is revoked, and nothing of the text is kept', () => {
  const { id, text } = tokens.create(newToken(order(), config, 0), 0, '0123456789ab');
  expect(tokens.find(text, hour)?.name).toBe('portail');
  expect(tokens.find(`${text}x`, hour)).toBeUndefined();
  expect(tokens.find(text, 31 * 24 * hour)).toBeUndefined();
  expect(tokens.list()[0]).toMatchObject({ id, last_used_at: hour, revoked_at: null });
  expect(readFileSync(join(folder, 'console', 'console.db')).includes(text.slice(-20))).toBe(false);
  expect([tokens.revoke(id, 2 * hour), tokens.revoke(id, 2 * hour)]).toEqual([true, false]);
  expect(tokens.find(text, 2 * hour)).toBeUndefined();
});

test('a token sees the establishments it names that are declared still; all of them with what belongs to none', () => {
  expect(tokenScope({ establishments: ['ch-troyes', 'closed'] }, config)).toEqual(['ch-troyes']);
  expect(tokenScope({ establishments: 'all' }, config)).toEqual(['ch-troyes', 'hpa', 'gham', '']);
});

test.each([
  [{ role: 'direction' }, /--role is one of dpo, dsi, rssi, auditor/],
  [{ establishments: ['chu'] }, /--establishment chu is not in vigie.yaml: it declares ch-troyes, hpa, gham/],
  [{ establishments: [] }, /--establishment names/],
  [{ days: 'soon' }, /--days is a number/],
  [{ days: 731 }, /--days is at most 730/],
  [{ rights: ['everything'] }, /--right is one of identities, messages/],
  [{ role: 'dsi', rights: ['identities'] }, /--right is for tokens of the role dpo alone/],
  [{ rights: ['messages'] }, /needs --purpose and --reference/],
  [{ rights: ['messages'], purpose: 'curiosity', reference: 'abcd' }, /--purpose is one of/],
  [{ name: 'é' }, /--name is 2 to 64/]
])('%j is refused, naming the flag and the mend', (more, sentence) => {
  expect(() => newToken(order(more), config, 0)).toThrow(sentence);
});
