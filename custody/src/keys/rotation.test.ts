import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDataKey } from '@vigie/schemas/vault-format';
import { auditSyslog, counted, sendTcp, studyOf } from '@vigie/tools/testkit/audit-messages';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { digestIn, startVigie, vigie, type VigieAnswer } from '@vigie/tools/testkit/vigie';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { vaultKeys } from './key-files.ts';

let engine: TestEngine;
let collector: TestCollector;
const reason = ['--reason', 'rotation annuelle'];

const count = async (query: string) =>
  Number((await engine.rows<{ n: number }>(`SELECT count() AS n FROM ${query}`))[0]?.n);
const run = (...words: string[]) => vigie({ engine, collector }, words);
async function confirmed(...words: string[]): Promise<VigieAnswer> {
  return run(...words, '--confirm', digestIn(await run(...words)), ...reason);
}
const folder = () => join(engine.dataFolder, 'keys');
async function send(from: number, to: number): Promise<void> {
  await sendTcp(
    collector.ports.syslog,
    Array.from({ length: to - from }, (_, i) => counted(auditSyslog(from + i)))
  );
  await until(
    () => count("audit.event WHERE lane = 'audit'"),
    (n) => n === to
  );
}
const signers = async () =>
  (
    await engine.rows<{ key: string }>(
      `SELECT DISTINCT key_id AS key FROM audit.block WHERE kind = 'block' AND lane = 'audit'`
    )
  ).map(({ key }) => key);
async function verified(): Promise<void> {
  const answer = await run('evidence', 'verify', '--level', '2');
  expect([answer.code, answer.out + answer.err]).toEqual([0, expect.any(String)]);
}
/** Wrapped data keys of everything stored. */
async function wrapped(): Promise<Buffer[]> {
  const rows = await engine.rows<{ key: string }>(
    `SELECT DISTINCT hex(wrapped_key) AS key FROM vault.raw_block UNION ALL SELECT DISTINCT hex(wrapped_key) FROM vault.identity
     UNION ALL SELECT hex(wrapped_key) FROM vault.held_raw`
  );
  return rows.map(({ key }) => Buffer.from(key, 'hex'));
}
const ciphertexts = () =>
  engine.rows('SELECT lane, block, hex(hash) AS hash FROM vault.raw_block ORDER BY lane, block');

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine);
  await send(0, 30);
  expect((await confirmed('hold', 'add', 'affaire', '--study', studyOf(3))).code).toBe(0);
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

test('a new signing key signs from the next block on, and what the old one signed still verifies', async () => {
  const before = await signers();
  expect(before).toHaveLength(1);
  const done = await confirmed('evidence', 'rotate');
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('signs from now on')]);
  await send(30, 40);
  // A block's header is stored after its events.
  await until(signers, (keys) => keys.length === 2);
  expect(readdirSync(folder())).toContain(`evidence-${before[0]}.pub`);
  await verified();
  const [told] = await until(
    () =>
      engine.rows<{ event_types: string[] }>(
        `SELECT event_types FROM audit.event WHERE lane = 'own' AND has(event_types, 'evidence-rotate')`
      ),
    (rows) => rows.length > 0
  );
  expect(told?.event_types).toEqual(['110129', 'evidence-rotate']);
});

test(
  'killed half-way, everything still opens, and the same command completes the rotation of the vault',
  { timeout: 300_000 },
  async () => {
    const before = await ciphertexts();
    const digest = digestIn(await run('vault', 'rotate'));
    const child = startVigie({ engine, collector }, ['vault', 'rotate', '--confirm', digest, ...reason]);
    const exited = once(child, 'exit');
    await until(
      () => count("audit.block WHERE kind = 'rewrap'"),
      (n) => n > 1,
      30_000
    );
    child.kill('SIGKILL');
    await exited;
    const both = readFileSync(join(folder(), 'vault.key'), 'utf8');
    expect(vaultKeys(folder())).toHaveLength(2);
    for (const key of await wrapped()) expect(openDataKey(key, both)).toHaveLength(32);
    await send(40, 50);
    expect((await run('vault', 'rotate')).out).toContain('is going on');
    const done = await confirmed('vault', 'rotate');
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('Nothing stored needs')]);
    const [newest = '', ...older] = vaultKeys(folder());
    expect(older).toEqual([]);
    for (const key of await wrapped()) expect(openDataKey(key, newest)).toHaveLength(32);
    expect(await ciphertexts()).toEqual(expect.arrayContaining(before));
    for (const name of readdirSync(folder())) if (/^vault-.*\.key$/.test(name)) rmSync(join(folder(), name));
    await verified();
    await send(50, 55);
    await verified();
  }
);
