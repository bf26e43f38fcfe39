import { once } from 'node:events';
import { createPublicKey } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { auditSyslog, counted, sendTcp, studyOf } from '@vigie/tools/testkit/audit-messages';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { digestIn, startVigie, vigie, type VigieAnswer } from '@vigie/tools/testkit/vigie';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blockOf, redact } from './redact.ts';

let engine: TestEngine;
let collector: TestCollector;
const reason = ['--reason', 'décision 2026-12'];
const at = new Date('2026-11-24T08:00:00Z');

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine);
  await sendTcp(
    collector.ports.syslog,
    Array.from({ length: 50 }, (_, n) => counted(auditSyslog(n, { at })))
  );
  await until(
    () => count('audit.event', "lane = 'audit'"),
    (n) => n === 50
  );
  // The same message again, in a block of its own.
  await sendTcp(collector.ports.syslog, [counted(auditSyslog(7, { at }))]);
  await until(
    () => count('audit.reception', '1'),
    (n) => n === 1
  );
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

const count = async (table: string, where: string) =>
  Number((await engine.rows<{ n: number }>(`SELECT count() AS n FROM ${table} WHERE ${where}`))[0]?.n);
const run = (...words: string[]) => vigie({ engine, collector }, words);
async function confirmed(...words: string[]): Promise<VigieAnswer> {
  return run(...words, '--confirm', digestIn(await run(...words)), ...reason);
}
const keyFile = (name: string) => join(engine.dataFolder, 'keys', name);
async function eventOf(n: number) {
  const [row] = await engine.rows<{ id: string; seq: number; patient: string }>(
    `SELECT concat(collector, '-', lane, '-', toString(seq), '-', toString(sub)) AS id, seq, lower(hex(patients[1])) AS patient
     FROM audit.event WHERE has(studies, {study:String})`,
    { study: studyOf(n) }
  );
  if (!row) throw new Error(`no event ${n}`);
  return row;
}
const acts = async (kind: string) =>
  (
    await engine.rows<{ header: string }>(`SELECT header FROM audit.block WHERE kind = {kind:String}`, {
      kind
    })
  ).map(({ header }) => JSON.parse(header) as { reason: string; audit: string; redacted?: unknown[] });
const verified = async () => {
  const answer = await run('evidence', 'verify', '--level', '2');
  expect([answer.code, answer.out + answer.err]).toEqual([0, expect.any(String)]);
};

test('a pseudonym is unlinked: its identity goes, its accesses stay, and the log still verifies', async () => {
  const { patient } = await eventOf(3);
  const identity = `pseudonym = unhex('${patient}')`;
  const accesses = await count('audit.event', `has(patients, unhex('${patient}'))`);
  const preview = await run('vault', 'unlink', patient);
  expect(preview.out).toMatch(/patient: 1 rows of block c1-audit-\d+/);
  expect(await count('vault.identity', identity)).toBe(1);
  const done = await confirmed('vault', 'unlink', patient);
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('stands for nobody')]);
  expect(await count('vault.identity', identity)).toBe(0);
  expect(await count('audit.event', `has(patients, unhex('${patient}'))`)).toBe(accesses);
  const [act] = await acts('unlink');
  expect(act).toMatchObject({
    reason: 'décision 2026-12',
    audit: expect.stringMatching(/^c1-own-\d+$/) as string
  });
  expect((await run('vault', 'unlink', patient)).out).toContain('holds no identity');
  await verified();
});

test('without the private key nothing is erased, and the command says what is missing', async () => {
  const { id } = await eventOf(7);
  renameSync(keyFile('vault.key'), keyFile('away'));
  try {
    const answer = await run('vault', 'redact', id);
    expect([answer.code, answer.err]).toEqual([3, expect.stringContaining("needs the vault's private key")]);
  } finally {
    renameSync(keyFile('away'), keyFile('vault.key'));
  }
});

test('a message is erased with its repetition, its neighbours stay readable, and the log still verifies', async () => {
  const { id } = await eventOf(7);
  const preview = await run('vault', 'redact', id);
  expect(preview.out.match(/is written again without it/g)).toHaveLength(2);
  const done = await confirmed('vault', 'redact', id);
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('2 receptions')]);
  expect((await run('vault', 'redact', id)).out).toContain('nothing to erase');
  expect(await acts('redaction')).toHaveLength(2);
  const neighbour = await run('vault', 'redact', (await eventOf(8)).id);
  expect(neighbour.out).toMatch(/: [1-9]\d{2,} bytes, one of the \d+ messages/);
  await verified();
});

test('killed between the signed record and the end, the same command completes the erasure', async () => {
  const { id, seq } = await eventOf(20);
  const message = { collector: 'c1', lane: 'audit', seq };
  const block = await blockOf(engine.writer, message);
  expect(block).toBeDefined();
  const before = await acts('redaction');
  const child = startVigie({ engine, collector }, [
    'vault',
    'redact',
    id,
    '--confirm',
    digestIn(await run('vault', 'redact', id)),
    ...reason
  ]);
  const exited = once(child, 'exit');
  // The signed record is the first thing that is stored.
  await until(
    async () => (await acts('redaction')).length,
    (n) => n > before.length,
    20_000
  );
  child.kill('SIGKILL');
  await exited;
  const again = await run('vault', 'redact', id);
  if (!again.out.includes('nothing to erase')) expect((await confirmed('vault', 'redact', id)).code).toBe(0);
  expect((await run('vault', 'redact', id)).out).toContain('is erased already');
  expect(await count('vault.raw_block', `block = ${block} AND lane = 'audit'`)).toBe(1);
  await verified();
});

test('an erasure of which only the signed record and the new object were stored is completed', async () => {
  const { id, seq } = await eventOf(30);
  const stop = new Error('cut short');
  const cut = new Proxy(engine.writer, {
    get(target, name, receiver) {
      if (name === 'command') return () => Promise.reject(stop);
      const value: unknown = Reflect.get(target, name, receiver);
      return typeof value === 'function' ? value.bind(target) : value;
    }
  });
  const { createPrivateKey } = await import('node:crypto');
  const keys = {
    privateKey: readFileSync(keyFile('vault.key'), 'utf8'),
    publicKey: createPublicKey(readFileSync(keyFile('vault.pub')))
  };
  const mandate = {
    signingKey: createPrivateKey(readFileSync(keyFile('evidence.key'))),
    reason: 'x',
    audit: '',
    at: 1
  };
  await expect(redact(cut, { collector: 'c1', lane: 'audit', seq }, keys, mandate)).rejects.toBe(stop);
  expect((await run('vault', 'redact', id)).out).toContain('this completes it');
  expect((await confirmed('vault', 'redact', id)).code).toBe(0);
  expect((await run('vault', 'redact', id)).out).toContain('is erased already');
  await verified();
});
