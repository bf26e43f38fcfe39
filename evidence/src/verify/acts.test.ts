import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject
} from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  blockName,
  openDataKey,
  openRaw,
  resealRawObject,
  sealRawObject,
  wrapDataKey,
  type RawRecord
} from '@vigie/schemas/vault-format';
import { startTestCollector } from '@vigie/tools/testkit/collector';
import { startEvidenceLog, type EvidenceLog } from '@vigie/tools/testkit/evidence-log';
import { until } from '@vigie/tools/testkit/until';
import { packLeaves, type ActContent } from '../act.ts';
import { appendAct } from '../append-act.ts';
import type { Header } from '../header.ts';
import { readKeyRing } from '../key-ring.ts';
import { leafContent, saltKeyOf, saltsOf } from '../leaf.ts';
import { digestHex, leafHash, merkleRoot, type Digest } from '../merkle.ts';
import type { EvidenceTable } from '../row-order.ts';
import { keyId } from '../signature.ts';
import { scanRows } from './scan.ts';
import { verifyEvidence, type VerifyOptions } from './verify.ts';

let log: EvidenceLog;
let signer: KeyObject;
beforeAll(async () => {
  log = await startEvidenceLog(4);
  signer = createPrivateKey(keyFile('evidence.key'));
});
afterAll(() => log?.stop());
afterEach(() => log.restore());

const keys = () => join(log.engine.dataFolder, 'keys');
const keyFile = (name: string) => readFileSync(join(keys(), name), 'utf8');
const verify = (options: Partial<VerifyOptions> = {}) =>
  verifyEvidence({
    store: log.engine.readerAddress,
    ring: readKeyRing(keys()),
    vaultKey: keyFile('vault.key'),
    jobs: 1,
    signal: new AbortController().signal,
    patienceMs: 0,
    ...options
  });
const codes = async (options: Partial<VerifyOptions> = {}) => {
  const { findings, notices } = await verify(options);
  const told = [...findings, ...notices].filter(({ code }) => code !== 'truncation-not-excluded');
  return [...new Set(told.map(({ code, table = '' }) => `${code} ${table}`.trim()))].toSorted();
};

/** The third block of the audit lane: its header, and its hash. */
async function block(): Promise<{ readonly header: Header; readonly hash: string }> {
  const [row] = await log.engine.rows<{ header: string; hash: string }>(
    `SELECT header, lower(hex(hash)) AS hash FROM audit.block WHERE lane = 'audit' AND kind = 'block' ORDER BY block LIMIT 1 OFFSET 2`
  );
  return { header: JSON.parse(row!.header) as Header, hash: row!.hash };
}

async function act(content: Partial<ActContent> & Pick<ActContent, 'kind'>): Promise<void> {
  const { header, hash } = await block();
  const { collector, lane, first } = header;
  const base = {
    collector,
    lane,
    block: first,
    to: first,
    header: hash,
    at: Date.now(),
    reason: 'test',
    audit: ''
  };
  await appendAct(log.engine.writer, { ...base, ...content }, signer);
}

/** Leaves of the block's rows as they are now. */
async function leavesOf(table: EvidenceTable): Promise<Digest[]> {
  const { header } = await block();
  const leaves: Digest[] = [];
  const range = { collector: header.collector, lane: header.lane, from: header.first, to: header.last + 1 };
  await scanRows(log.engine.reader, table, range, (_block, _seq, _sub, leaf) => leaves.push(leaf));
  return leaves;
}
const rootOf = async (table: EvidenceTable): Promise<[number, string]> => {
  const leaves = await leavesOf(table);
  return [leaves.length, digestHex(merkleRoot(leaves))];
};

test('a purge of whole blocks verifies, announced and done, and is missed when its record is taken away', async () => {
  const { header } = await block();
  const first = (
    await log.engine.rows<{ hash: string; block: number }>(
      `SELECT lower(hex(hash)) AS hash, block FROM audit.block WHERE lane = 'audit' ORDER BY block LIMIT 1`
    )
  )[0]!;
  const removed = { 'vault.raw_block': 'all', 'audit.event': 'all' } as const;
  await act({ kind: 'purge', block: first.block, to: header.first, header: first.hash, removed });
  expect(await codes()).toEqual(['act-announced audit.event', 'act-announced vault.raw_block']);
  for (const table of Object.keys(removed))
    await log.run(`ALTER TABLE ${table} DELETE WHERE lane = 'audit' AND block <= ${header.first}`);
  expect(await codes()).toEqual(['rows-removed audit.event', 'rows-removed vault.raw_block']);
  await log.run(`ALTER TABLE audit.block DELETE WHERE kind = 'purge'`);
  expect(await codes()).toEqual(['row-missing audit.event', 'row-missing vault.raw_block']);
});

test('rows purged from the middle of a block leave a tombstone that its root is redone from; no other row may go with them', async () => {
  const { header } = await block();
  const leaves = await leavesOf('vault.identity');
  await act({ kind: 'unlink', removed: { 'vault.identity': [packLeaves(1, leaves.slice(1, 3))] } });
  const [one, two, three] = await log.engine.rows<{ sealed: string }>(
    `SELECT hex(sealed) AS sealed FROM vault.identity WHERE lane = 'audit' AND block = ${header.first}
     ORDER BY seq, reinterpretAsUInt32(reverse(substring(identity.sealed, 2, 4))) LIMIT 3 OFFSET 1`
  );
  const remove = (row: { sealed: string } | undefined) =>
    log.run(`ALTER TABLE vault.identity DELETE WHERE hex(sealed) = '${row?.sealed}'`);
  await remove(one);
  await remove(two);
  expect(await codes()).toEqual(['rows-removed vault.identity']);
  await remove(three);
  expect(await codes()).toEqual(['row-missing vault.identity']);
});

test('rows decoded again are held to the root that supersedes the sealed one', async () => {
  const { header } = await block();
  const where = `lane = 'audit' AND block = ${header.first}`;
  await log.run(`CREATE TABLE kept.again AS audit.event`);
  await log.run(
    `INSERT INTO kept.again SELECT * REPLACE ('another@1' AS decoder) FROM audit.event WHERE ${where}`
  );
  await log.run(`ALTER TABLE audit.event DELETE WHERE ${where}`);
  await log.run(`INSERT INTO audit.event SELECT * FROM kept.again`);
  expect(await codes()).toEqual(['row-altered audit.event']);
  await act({ kind: 'replay', rows: { 'audit.event': await rootOf('audit.event') } });
  expect(await codes()).toEqual([]);
  await log.run(`ALTER TABLE audit.event UPDATE purpose = 'x' WHERE ${where} AND seq = ${header.first}`);
  expect(await codes()).toEqual(['rows-altered audit.event']);
  await log.run(`ALTER TABLE audit.event DELETE WHERE ${where}`);
  await log.run(`INSERT INTO audit.event SELECT * FROM kept.audit_event WHERE ${where}`);
  // Back to what was sealed: as if the new rows had been announced and never written.
  expect(await codes()).toEqual(['act-announced audit.event']);
  await log.run(`DROP TABLE kept.again SYNC`);
});

interface Opened {
  readonly records: RawRecord[];
  readonly saltKey: Buffer;
  readonly dataKey: Buffer;
  readonly name: string;
}

async function openBlock(): Promise<Opened> {
  const { header } = await block();
  const [row] = await log.engine.rows<{ wrapped: string; object: string }>(
    `SELECT base64Encode(wrapped_key) AS wrapped, base64Encode(object) AS object FROM vault.raw_block
     WHERE lane = 'audit' AND block = ${header.first}`
  );
  const dataKey = openDataKey(Buffer.from(row!.wrapped, 'base64'), keyFile('vault.key'));
  const name = blockName(header.collector, header.lane, header.first);
  const { records, saltKey } = openRaw(Buffer.from(row!.object, 'base64'), dataKey, name);
  return { records, dataKey, name, saltKey: saltKey ?? saltKeyOf(dataKey) };
}

async function putObject(object: Buffer, wrapped: Buffer | undefined): Promise<void> {
  const { header } = await block();
  const digest = createHash('sha256').update(object).digest('hex');
  const replaced = [
    `unhex('${object.toString('hex')}') AS object`,
    `toFixedString(unhex('${digest}'), 32) AS hash`,
    ...(wrapped ? [`unhex('${wrapped.toString('hex')}') AS wrapped_key`] : [])
  ];
  const where = `lane = 'audit' AND block = ${header.first}`;
  await log.run(`ALTER TABLE vault.raw_block DELETE WHERE ${where}`);
  await log.run(
    `INSERT INTO vault.raw_block SELECT * REPLACE (${replaced.join(', ')}) FROM kept.vault_raw_block WHERE ${where}`
  );
}

test('a message erased on a signed decision leaves its leaf, and all others can still be redone', async () => {
  const { header } = await block();
  const { records, saltKey, name } = await openBlock();
  const at = 2;
  const erased = records.map((record, i) => (i === at ? { ...record, raw: Buffer.alloc(0) } : record));
  const leaf = leafHash(leafContent(at, records[at]!, saltsOf(saltKey)(at)));
  const dataKey = randomBytes(32);
  const object = resealRawObject(erased, dataKey, name, saltKey);
  await putObject(object, wrapDataKey(dataKey, createPublicKey(keyFile('vault.pub'))));
  expect(await codes()).toEqual([
    'raw-altered vault.raw_block',
    'record-altered vault.raw_block',
    'row-altered vault.raw_block'
  ]);
  await act({
    kind: 'redaction',
    redacted: [packLeaves(at, [leaf])],
    raw_hash: createHash('sha256').update(object).digest('hex'),
    rows: { 'vault.raw_block': await rootOf('vault.raw_block') }
  });
  expect(await codes()).toEqual([]);
  expect(header.records).toBe(records.length);
});

test('a message altered by someone who has the vault key is named', async () => {
  const { header } = await block();
  const { records, dataKey, name } = await openBlock();
  const forged = records.map((record, i) =>
    i === 3 ? { ...record, raw: Buffer.from(record.raw.toString().replace('110103', '110104')) } : record
  );
  await putObject(sealRawObject(forged, dataKey, name), undefined);
  const { findings } = await verify();
  expect(findings.map(({ code }) => code).toSorted()).toEqual([
    'raw-altered',
    'record-altered',
    'row-altered'
  ]);
  expect(findings.find(({ code }) => code === 'record-altered')?.id).toBe(`c1-audit-${records[3]?.seq}`);
  await putObject(sealRawObject(records.slice(0, -1), dataKey, name), undefined);
  const shorter = (await verify()).findings.filter(({ code }) => code !== 'raw-altered');
  expect(shorter.map(({ code, id }) => [code, id ?? ''].join(' ').trim())).toEqual([
    'record-missing',
    `row-unaccounted c1-audit-${header.last}`,
    `row-altered c1-audit-${header.first}, row 1`
  ]);
});

test('an act that was altered, or that is missing in the chain of acts, is named', async () => {
  await act({ kind: 'rewrap' });
  await act({ kind: 'rewrap' });
  await act({ kind: 'rewrap' });
  expect(await codes()).toEqual([]);
  await log.run(`ALTER TABLE audit.block UPDATE header = replace(header, '"reason":"test"', '"reason":"none"')
    WHERE kind = 'rewrap' AND JSONExtractUInt(header, 'number') = 3`);
  expect(await codes()).toEqual(['header-altered audit.block', 'signature-wrong audit.block']);
  await log.run(
    `ALTER TABLE audit.block DELETE WHERE kind = 'rewrap' AND JSONExtractUInt(header, 'number') IN (2, 3)`
  );
  expect(await codes()).toEqual([]);
  await act({ kind: 'rewrap' });
  await act({ kind: 'rewrap' });
  await log.run(
    `ALTER TABLE audit.block DELETE WHERE kind = 'rewrap' AND JSONExtractUInt(header, 'number') = 2`
  );
  expect(await codes()).toEqual(['act-missing']);
});

test('blocks sealed under a replaced key verify as long as its public half is known; it may not sign again', async () => {
  const old = keyFile('evidence.pub');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = (key: KeyObject) =>
    key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }) as string;
  const before = keyFile('evidence.key');
  renameSync(join(keys(), 'evidence.pub'), join(keys(), `evidence-${keyId(createPublicKey(old))}.pub`));
  writeFileSync(join(keys(), 'evidence.pub'), pem(publicKey));
  writeFileSync(join(keys(), 'evidence.key'), pem(privateKey));
  const sealUnder = async (keyName: string) => {
    const collector = await startTestCollector(log.engine);
    const blocks = () =>
      log.engine.rows<{ key_id: string }>(
        `SELECT key_id FROM audit.block WHERE lane = 'own' ORDER BY block DESC LIMIT 1`
      );
    await until(blocks, ([last]) => last?.key_id === keyName);
    await collector.stop();
  };
  await sealUnder(keyId(publicKey));
  expect(await codes()).toEqual(['key-changed']);
  expect(await codes({ ring: new Map([[keyId(publicKey), publicKey]]) })).toContain('key-unknown');
  writeFileSync(join(keys(), 'evidence.key'), before);
  await sealUnder(keyId(createPublicKey(old)));
  expect(await codes()).toEqual(['key-changed', 'key-returned']);
});
