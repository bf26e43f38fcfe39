import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tables, type TableName } from '@vigie/schemas/tables';
import { blockName, openDataKey, openIdentity, openRawObject } from '@vigie/schemas/vault-format';
import { auditSyslog, counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { genesis, rowLeaf, type Header } from '@vigie/evidence/header';
import { leafContent, saltKeyOf, saltsOf } from '@vigie/evidence/leaf';
import { digestHex, leafHash, merkleRoot } from '@vigie/evidence/merkle';
import { rowOrders, type EvidenceTable } from '@vigie/evidence/row-order';
import { recordHash, verifyRecord } from '@vigie/evidence/signature';

let engine: TestEngine;
let collector: TestCollector;
const junk = '<13>1 - - - - - - ni XML ni audit';

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine);
  // Three blocks: facts, a duplicate and something that no decoder understands.
  for (let block = 0; block < 3; block++) {
    const numbers = Array.from({ length: 50 }, (_, i) => block * 50 + i);
    const frames = [
      ...numbers.map((n) => auditSyslog(n, { at: new Date(1764000000000) })),
      auditSyslog(0, { at: new Date(1764000000000) }),
      junk
    ];
    await sendTcp(collector.ports.syslog, frames.map(counted));
    await until(
      async () => (await engine.rows<{ n: number }>(`SELECT count() AS n FROM audit.quarantine`))[0]?.n ?? 0,
      (n) => n > block
    );
  }
  await collector.stop();
});
afterAll(async () => {
  await engine?.stop();
});

const keyFile = (name: string) => readFileSync(join(engine.dataFolder, 'keys', name), 'utf8');

interface Block {
  readonly lane: string;
  readonly block: number;
  readonly header: string;
  readonly signature: string;
  readonly hash: string;
  readonly previous: string;
}
const blocks = () =>
  engine.rows<Block>(
    `SELECT lane, block, header, hex(signature) AS signature, lower(hex(hash)) AS hash, lower(hex(previous)) AS previous
     FROM audit.block ORDER BY lane, block`
  );

interface RawBlock {
  readonly wrapped: string;
  readonly object: string;
}
async function raw({ lane, block }: { lane: string; block: number }) {
  const [row] = await engine.rows<RawBlock>(
    `SELECT hex(wrapped_key) AS wrapped, hex(object) AS object FROM vault.raw_block WHERE lane = '${lane}' AND block = ${block}`
  );
  const dataKey = openDataKey(Buffer.from(row?.wrapped ?? '', 'hex'), keyFile('vault.key'));
  const object = Buffer.from(row?.object ?? '', 'hex');
  return { dataKey, object, records: openRawObject(object, dataKey, blockName('c1', lane, block)) };
}

test('every header is signed and names the hash of the one before it', async () => {
  const publicKey = createPublicKey(keyFile('evidence.pub'));
  const heads = new Map<string, string>();
  const all = await blocks();
  expect(all.length).toBeGreaterThanOrEqual(4);
  for (const { lane, header, signature, hash, previous } of all) {
    const bytes = Buffer.from(header);
    expect(verifyRecord(bytes, Buffer.from(signature, 'hex'), publicKey)).toBe(true);
    expect(recordHash(bytes).toString('hex')).toBe(hash);
    expect(previous).toBe(heads.get(lane) ?? genesis);
    expect((JSON.parse(header) as Header).previous).toBe(previous);
    heads.set(lane, hash);
  }
});

test('the decrypted raw object gives back every leaf, and its ciphertext has the hash that was signed', async () => {
  for (const block of await blocks()) {
    const header = JSON.parse(block.header) as Header;
    const { dataKey, object, records } = await raw(block);
    const salt = saltsOf(saltKeyOf(dataKey));
    const leaves = records.map((record, i) => leafHash(leafContent(i, record, salt(i))));
    expect(digestHex(merkleRoot(leaves))).toBe(header.leaf_root);
    expect(createHash('sha256').update(object).digest('hex')).toBe(header.raw_hash);
    expect([records[0]?.seq, records.at(-1)?.seq, records.length]).toEqual([
      header.first,
      header.last,
      header.records
    ]);
  }
});

test('the rows as ClickHouse holds them have the roots that were signed', async () => {
  const seen = new Set<string>();
  for (const { lane, block, header } of await blocks()) {
    for (const [table, [count, root]] of Object.entries((JSON.parse(header) as Header).rows)) {
      const columns = Object.keys(tables[table as TableName]).join(', ');
      const order = rowOrders[table as EvidenceTable];
      const where = `WHERE lane = '${lane}' AND block = ${block} ORDER BY ${order}`;
      const leaves: string[] = [];
      for (let i = 0; i < count; i++) {
        const row = await binary(
          `SELECT ${columns} FROM ${table} ${where} LIMIT 1 OFFSET ${i} FORMAT RowBinary`
        );
        leaves.push(rowLeaf(table, row));
      }
      expect([table, digestHex(merkleRoot(leaves))]).toEqual([table, root]);
      seen.add(table);
    }
  }
  expect([...seen].toSorted()).toEqual(
    [
      'audit.event',
      'audit.quarantine',
      'audit.reception',
      'ops.feed_minute',
      'ops.feed_trait',
      'vault.identity',
      'vault.raw_block'
    ].toSorted()
  );
});

async function binary(query: string): Promise<Buffer> {
  const { url, username, password } = engine.writerAddress;
  const response = await fetch(url, {
    method: 'POST',
    body: query,
    headers: { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password }
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

test('a repeated message is a reception of the first one, never a second event', async () => {
  const rows = await engine.rows(
    `SELECT original_seq, count() AS times FROM audit.reception GROUP BY original_seq`
  );
  const [first] = await engine.rows<{ seq: number }>(
    `SELECT seq FROM audit.event WHERE has(studies, '1.2.250.1.999.20.0')`
  );
  expect(rows).toEqual([{ original_seq: first?.seq, times: 3 }]);
});

test('what no decoder understands is kept whole, under its reason, and opens with the vault key', async () => {
  const kept = await engine.rows<{ block: number; seq: number; reason: string }>(
    `SELECT block, seq, reason FROM audit.quarantine ORDER BY seq`
  );
  expect(kept.map(({ reason }) => reason)).toEqual(['no-xml', 'no-xml', 'no-xml']);
  for (const { block, seq } of kept) {
    const { records } = await raw({ lane: 'audit', block });
    const record = records.find((one) => one.seq === seq);
    expect(record?.raw.toString()).toBe(junk);
    expect(record).toMatchObject({ format: 'syslog', transport: 'tcp', peer: '127.0.0.1', source: '' });
  }
});

test('an identity is written once and opens under its pseudonym alone', async () => {
  const rows = await engine.rows<{ pseudonym: string; sealed: string; wrapped: string; kind: string }>(
    `SELECT hex(pseudonym) AS pseudonym, hex(sealed) AS sealed, hex(wrapped_key) AS wrapped, kind FROM vault.identity WHERE lane = 'audit'`
  );
  expect(new Set(rows.map(({ pseudonym }) => pseudonym)).size).toBe(rows.length);
  const patient = rows.find(({ kind }) => kind === 'patient');
  const hex = (text: string | undefined) => Buffer.from(text ?? '', 'hex');
  const key = openDataKey(hex(patient?.wrapped), keyFile('vault.key'));
  expect(openIdentity(hex(patient?.sealed), key, hex(patient?.pseudonym))).toContain('PATIENT^NUMERO');
});
