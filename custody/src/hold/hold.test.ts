import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { leafContent } from '@vigie/evidence/leaf';
import { digestHex, leafHash, nodeHash } from '@vigie/evidence/merkle';
import { openDataKey, openIdentity, openRawObject } from '@vigie/schemas/vault-format';
import { auditSyslog, counted, sendTcp, studyOf } from '@vigie/tools/testkit/audit-messages';
import { testClock, type TestClock } from '@vigie/tools/testkit/clock';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { digestIn, vigie, type VigieAnswer } from '@vigie/tools/testkit/vigie';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { heldName } from './held-record.ts';

let engine: TestEngine;
let collector: TestCollector;
let clock: TestClock;

const send = (from: number, to: number, at: string) =>
  sendTcp(
    collector.ports.syslog,
    Array.from({ length: to - from }, (_, i) => counted(auditSyslog(from + i, { at: new Date(at) })))
  );
const count = async (table: string, where = '1') =>
  Number((await engine.rows<{ n: number }>(`SELECT count() AS n FROM ${table} WHERE ${where}`))[0]?.n);
const run = (...words: string[]) => vigie({ engine, collector }, words, clock.env);
async function confirmed(...words: string[]): Promise<VigieAnswer> {
  return run(...words, '--confirm', digestIn(await run(...words)), '--reason', 'affaire en cours');
}

beforeAll(async () => {
  engine = await startTestEngine();
  clock = testClock(engine.dataFolder);
  clock.set('2024-03-10T10:00:00Z');
  collector = await startTestCollector(engine, { env: { ...clock.env } });
  await send(0, 60, '2024-03-10T10:00:00Z');
  await until(
    () => count('audit.event', "lane = 'audit'"),
    (n) => n === 60
  );
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

test('audit.held has every column of audit.event', async () => {
  const columns = async (table: string) =>
    (await engine.rows<{ name: string; type: string }>(`DESCRIBE ${table}`)).map(
      ({ name, type }) => `${name} ${type}`
    );
  expect((await columns('audit.held')).slice(2)).toEqual(await columns('audit.event'));
});

test('a hold is refused until it says what it is about, and nothing that fits is an answer', async () => {
  const nothing = await run('hold', 'add', 'affaire-1');
  expect([nothing.code, nothing.err]).toEqual([2, expect.stringContaining('names neither')]);
  const wrong = await run('hold', 'add', 'affaire-1', '--patient', 'DUPONT');
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('--patient must be a pseudonym')]);
  const none = await run('hold', 'add', 'affaire-1', '--study', '1.2.3');
  expect([none.code, none.out]).toEqual([0, expect.stringContaining('nothing to hold')]);
});

test('a hold copies events and messages, outside of every count', async () => {
  const preview = await run('hold', 'add', 'affaire-1', '--study', studyOf(5));
  expect(preview.out).toContain('1 events of 2024-03-10 to 2024-03-10, 0 of them copied already');
  expect(await count('audit.held')).toBe(0);
  const done = await confirmed('hold', 'add', 'affaire-1', '--study', studyOf(5));
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('1 messages were copied now')]);
  expect([
    await count('audit.held'),
    await count('vault.held_raw'),
    await count('audit.event', "lane = 'audit'")
  ]).toEqual([1, 1, 60]);
  const again = await confirmed('hold', 'add', 'affaire-1', '--study', studyOf(5));
  expect([again.code, await count('audit.held'), await count('vault.held_raw')]).toEqual([0, 1, 1]);
});

test('what is under hold is neither erased nor unlinked', async () => {
  const [row] = await engine.rows<{ id: string; patient: string }>(
    `SELECT concat(collector, '-', lane, '-', toString(seq), '-0') AS id, lower(hex(patients[1])) AS patient FROM audit.held`
  );
  for (const words of [
    ['redact', row?.id ?? ''],
    ['unlink', row?.patient ?? '']
  ]) {
    const answer = await run('vault', ...words);
    expect([answer.code, answer.err]).toEqual([3, expect.stringContaining('affaire-1')]);
  }
});

test('a purge is held back until what came since is copied, and leaves the copies', async () => {
  clock.set('2024-03-20T10:00:00Z');
  await send(5, 6, '2024-03-20T10:00:00Z');
  await until(
    () => count('audit.event', "lane = 'audit'"),
    (n) => n === 61
  );
  clock.set('2027-05-02T10:00:00Z');
  const refused = await run('retention', 'purge');
  expect([refused.code, refused.err]).toEqual([
    3,
    expect.stringContaining('The hold affaire-1 names 1 events')
  ]);
  expect((await run('hold', 'list')).out).toContain('1 events that fit it are not copied yet');
  expect((await confirmed('hold', 'add', 'affaire-1', '--study', studyOf(5))).code).toBe(0);
  const purged = await confirmed('retention', 'purge');
  expect(purged.code).toBe(0);
  expect([
    await count('audit.event', "lane = 'audit'"),
    await count('vault.raw_block', "lane = 'audit'")
  ]).toEqual([0, 0]);
  expect([await count('audit.held'), await count('vault.held_raw')]).toEqual([2, 2]);
  const verified = await run('evidence', 'verify', '--level', '2');
  expect([verified.code, verified.out]).toEqual([0, expect.any(String)]);
});

test('a held message opens with the vault key alone, and its leaf leads to the root its header signed', async () => {
  const [row] = await engine.rows<{
    seq: number;
    block: number;
    wrapped: string;
    object: string;
    proof: string;
    root: string;
  }>(
    `SELECT seq, block, hex(wrapped_key) AS wrapped, hex(object) AS object, hex(proof) AS proof,
       (SELECT lower(hex(any(leaf_root))) FROM audit.block WHERE kind = 'block' AND lane = 'audit' AND block = h.block) AS root
     FROM vault.held_raw AS h ORDER BY seq LIMIT 1`
  );
  if (!row) throw new Error('nothing is held');
  const name = heldName('affaire-1', { collector: 'c1', lane: 'audit' }, row.seq);
  const key = openDataKey(
    Buffer.from(row.wrapped, 'hex'),
    readFileSync(join(engine.dataFolder, 'keys', 'vault.key'), 'utf8')
  );
  const [record, another] = openRawObject(Buffer.from(row.object, 'hex'), key, name);
  expect(record?.raw.toString()).toContain(studyOf(5));
  expect(another).toBeUndefined();
  const { index, salt, path } = JSON.parse(
    openIdentity(Buffer.from(row.proof, 'hex'), key, Buffer.from(name))
  ) as {
    index: number;
    salt: string;
    path: string[];
  };
  const [header] = await engine.rows<{ records: number }>(
    `SELECT JSONExtractUInt(header, 'records') AS records FROM audit.block WHERE kind = 'block' AND lane = 'audit' AND block = ${row.block}`
  );
  const latin = (hex: string) => Buffer.from(hex, 'hex').toString('latin1');
  if (!record) return;
  let [digest, at, width] = [leafHash(leafContent(index, record, latin(salt))), index, header?.records ?? 0];
  const siblings = path.map(latin);
  while (width > 1) {
    if ((at ^ 1) < width) {
      const sibling = siblings.shift() ?? '';
      digest = at % 2 === 0 ? nodeHash(digest, sibling) : nodeHash(sibling, digest);
    }
    [at, width] = [at >> 1, Math.ceil(width / 2)];
  }
  expect(digestHex(digest)).toBe(row.root);
});

test('lifting says what is lost for ever, and removes the copies of that hold alone', async () => {
  clock.set('2027-05-03T10:00:00Z');
  await send(70, 71, '2027-05-03T10:00:00Z');
  await until(
    () => count('audit.event', "lane = 'audit'"),
    (n) => n === 1
  );
  expect((await confirmed('hold', 'add', 'affaire-2', '--study', studyOf(70))).code).toBe(0);
  expect((await run('hold', 'lift', 'affaire-1')).out).toContain(
    'Of 2 events and 2 messages this is the last copy'
  );
  expect((await confirmed('hold', 'lift', 'affaire-1')).code).toBe(0);
  expect([await count('audit.held'), await count('vault.held_raw')]).toEqual([1, 1]);
  expect((await run('hold', 'lift', 'affaire-1')).out).toContain('is lifted already');
  const { out } = await run('hold', 'list');
  expect(out).toMatch(/affaire-1 +lifted[^\n]* 0 events/);
  expect(out).toMatch(/affaire-2 +active[^\n]* 1 events, 1 messages/);
});
