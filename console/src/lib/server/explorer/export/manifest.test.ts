import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { csvLine } from '#lib/board/csv.ts';
import { signedManifest } from './manifest.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const content = (blocks: number) => ({
  id: 'x',
  organisation: 'GHT',
  by: { login: 'dpo', role: 'dpo' },
  asked_at: '2026-11-24T08:00:00.000Z',
  finished_at: '2026-11-24T08:00:01.000Z',
  query: '/access?from=…',
  filters: { event: ['110103'] },
  file: { name: 'a.csv', type: 'text/csv', bytes: 3, sha256: 'ab', rows: 1 },
  audit: 'c1-own-1-0',
  blocks: Array.from({ length: blocks }, (_, block) => ({ collector: 'c1', lane: 'audit', block, hash: 'cd', key_id: 'k' })) // prettier-ignore
});

test('a manifest is signed to the byte', () => {
  const { text, signature } = signedManifest(content(2), pem);
  expect(verify(null, Buffer.from(text), publicKey, signature)).toBe(true);
  expect(verify(null, Buffer.from(text.replace('"rows": 1', '"rows": 2')), publicKey, signature)).toBe(false);
  const told = JSON.parse(text) as { blocks: { count: number; sha256: string; list: unknown[] } };
  expect(told.blocks).toMatchObject({ count: 2, sha256: createHash('sha256').update('c1 audit 0 cd\nc1 audit 1 cd\n').digest('hex') }); // prettier-ignore
  expect(told.blocks.list).toHaveLength(2);
});

test('of very many blocks the digest alone is told', () => {
  const told = JSON.parse(signedManifest(content(20_001), pem).text) as { blocks: { list?: unknown } };
  expect(told.blocks).toMatchObject({ count: 20_001 });
  expect(told.blocks.list).toBeUndefined();
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])(
  'the text %j is no formula in a spreadsheet',
  (text) => {
    expect(csvLine([text, -1])).toMatch(/^"?'[\s\S]*,-1\r\n$/);
  }
);
