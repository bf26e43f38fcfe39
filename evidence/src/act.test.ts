import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { Act, packLeaves, signAct, type ActContent, type ActKind } from './act.ts';
import { appendAct } from './append-act.ts';
import { afterAct, asSealed, concerns, expectedRows } from './expectation.ts';
import { genesis, type Header } from './header.ts';
import { readKeyRing } from './key-ring.ts';
import { digestHex, leafHash } from './merkle.ts';
import { keyId, verifyRecord } from './signature.ts';
import { packSums, sumOf, unpackSums } from './sums.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const leaf = (n: number) => leafHash(Buffer.from(String(n)));
const hex = (n: number) => digestHex(leaf(n));
const content = (kind: ActKind, more: Partial<ActContent> = {}): ActContent => ({
  kind,
  collector: 'c1',
  lane: 'audit',
  block: 1,
  to: 1,
  header: hex(0),
  at: 1764000000000,
  reason: 'retention of raw messages: 12 months',
  audit: 'c1-own-7',
  ...more
});

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine?.stop());

test('acts of a lane are numbered and chained, also when two are written at the same time', async () => {
  const kinds: ActKind[] = ['purge', 'replay', 'unlink'];
  await Promise.all(kinds.map((kind) => appendAct(engine.writer, content(kind), privateKey)));
  const rows = await engine.rows<{ header: string; hash: string; signature: string }>(
    `SELECT header, lower(hex(hash)) AS hash, hex(signature) AS signature FROM audit.block ORDER BY JSONExtractUInt(header, 'number')`
  );
  const acts = rows.map(({ header }) => Act.parse(JSON.parse(header)));
  expect(acts.map(({ number, previous }) => [number, previous])).toEqual([
    [1, genesis],
    [2, rows[0]?.hash],
    [3, rows[1]?.hash]
  ]);
  expect(acts.map(({ kind }) => kind).toSorted()).toEqual(kinds.toSorted());
  for (const { header, signature } of rows)
    expect(verifyRecord(Buffer.from(header), Buffer.from(signature, 'hex'), publicKey)).toBe(true);
});

test('what a block must hold follows from its header and its acts, in order', () => {
  const header: Header = {
    version: 1,
    collector: 'c1',
    lane: 'audit',
    first: 1,
    last: 5,
    records: 5,
    sealed_at: 0,
    previous: genesis,
    leaf_root: hex(1),
    raw_hash: hex(2),
    rows: { 'audit.event': [5, hex(3)], 'vault.identity': [2, hex(4)] },
    decoders: [],
    key_id: ''
  };
  const sign = (more: Partial<ActContent>) =>
    signAct(content('replay', more), { number: 0, hash: genesis }, privateKey).act;
  const unlinked = afterAct(
    asSealed(header),
    sign({ removed: { 'vault.identity': [packLeaves(1, [leaf(9)])] } })
  );
  expect(unlinked.tables.get('vault.identity')).toMatchObject({ size: 2, gone: new Map([[1, leaf(9)]]) });
  const replayed = afterAct(unlinked, sign({ rows: { 'audit.event': [7, hex(5)] }, raw_hash: hex(6) }));
  expect(replayed.tables.get('audit.event')).toMatchObject({ size: 7, root: hex(5), superseded: true });
  expect(replayed.rawHash).toBe(hex(6));
  const purge = sign({ to: 900, removed: { 'audit.event': 'all', 'ops.signal': 'all' } });
  const purged = afterAct(replayed, purge);
  expect([...purged.tables].map(([table, one]) => [table, expectedRows(one)])).toEqual([
    ['audit.event', 0],
    ['vault.identity', 1]
  ]);
  expect([1, 900, 901].map((block) => concerns(purge, block))).toEqual([true, true, false]);
});

test('an act over several blocks can only remove whole tables', () => {
  const last = { number: 0, hash: genesis };
  for (const more of [
    { rows: { 'audit.event': [1, hex(1)] as [number, string] } },
    { removed: { 'audit.event': [packLeaves(0, [leaf(1)])] } },
    { raw_hash: hex(1) },
    { redacted: [packLeaves(0, [leaf(1)])] }
  ])
    expect(() => signAct(content('purge', { to: 9, ...more }), last, privateKey)).toThrow(/whole tables/);
});

test('sums come apart as they were put together, and not when they do not fit the counts', () => {
  const leaves = [1, 2, 3].map(leaf);
  const packed = packSums(leaves, new Map([['b', [leaf(5)]], ['a', [leaf(4), leaf(6)]]])); // prettier-ignore
  const counts = { b: [1, ''], a: [2, ''] } as const;
  expect(unpackSums(packed, 3, counts)).toEqual(
    new Map([
      ['', leaves.map(sumOf)],
      ['a', [sumOf(leaf(4)), sumOf(leaf(6))]],
      ['b', [sumOf(leaf(5))]]
    ])
  );
  expect(unpackSums(packed, 4, counts)).toBeUndefined();
});

test('the public keys in force and replaced are known by their ids', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-keys-'));
  try {
    expect(() => readKeyRing(folder)).toThrow(/--public-key/);
    const other = generateKeyPairSync('ed25519').publicKey;
    const write = (name: string, key: typeof publicKey) =>
      writeFileSync(join(folder, name), key.export({ type: 'spki', format: 'pem' }));
    write('evidence.pub', publicKey);
    write(`evidence-${keyId(other)}.pub`, other);
    writeFileSync(join(folder, 'vault.pub'), 'another thing');
    expect([...readKeyRing(folder).keys()].toSorted()).toEqual([keyId(publicKey), keyId(other)].toSorted());
    write('evidence.pub', generateKeyPairSync('x25519').publicKey);
    expect(() => readKeyRing(folder)).toThrow(/not Ed25519/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
