import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Proof } from '@vigie/evidence/proof/proof';
import type { Report } from '@vigie/evidence/verify/report';
import { startEvidenceLog, type EvidenceLog } from '../../testkit/evidence-log.ts';
import { root } from '../../testkit/process.ts';
import { until } from '../../testkit/until.ts';
import { startVigie, vigie as run } from '../../testkit/vigie.ts';

let log: EvidenceLog;
let folder: string;
beforeAll(async () => {
  log = await startEvidenceLog(3);
  await log.collector.restart();
  folder = mkdtempSync(join(tmpdir(), 'vigie-proof-'));
});
afterAll(async () => {
  await log?.collector.stop();
  await log?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

const vigie = (...words: string[]) => run(log, words);
const publicKey = () => join(log.engine.dataFolder, 'keys', 'evidence.pub');

/** Runs the independent check. */
const check = (file: string, ...words: string[]) =>
  new Promise<{ code: number; out: string }>((resolve) =>
    execFile(
      process.execPath,
      [join(root, 'evidence/check/check-proof.mjs'), file, ...words],
      { cwd: folder },
      (error, out) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, out })
    )
  );

test('the command tells what it can do, and ends with 2 when it is wrongly asked', async () => {
  const help = await vigie('--help');
  expect(help).toMatchObject({ code: 0, err: '' });
  expect(help.out).toContain('evidence verify');
  expect((await vigie('evidence', 'verify', '--help')).out).toContain('--vault-key FILE');
  for (const words of [
    ['evidence'],
    ['evidence', 'verifie'],
    ['evidence', 'verify', '--levl', '1'],
    ['evidence', 'verify', '--level', '3'],
    ['evidence', 'verify', '--from', 'hier']
  ])
    expect((await vigie(...words)).code, words.join(' ')).toBe(2);
});

test('verify says whole with 0, and names what was found with 1, as lines or as one document', async () => {
  const good = await vigie('evidence', 'verify');
  expect(good.code).toBe(0);
  expect(good.out).toMatch(/^note {3}c1\/audit: truncation not excluded/m);
  expect(good.out).toMatch(/^Whole at level 1, in /m);
  expect(good.err).toMatch(/^100 %: \d+ of \d+ blocks/m);
  expect((await vigie('evidence', 'verify', '--level', '2')).code).toBe(0);
  await log.run(`ALTER TABLE audit.event UPDATE purpose = 'x' WHERE lane = 'audit' AND seq = 1`);
  const bad = await vigie('evidence', 'verify', '--lane', 'audit');
  expect(bad.code).toBe(1);
  expect(bad.out).toContain(
    'FOUND  c1/audit, block 1, audit.event, row c1-audit-1-0: a row was altered (sealed as row 1 of 6)'
  );
  const document = await vigie('evidence', 'verify', '--json');
  expect(document.code).toBe(1);
  const report = JSON.parse(document.out) as Report;
  expect(report).toMatchObject({
    good: false,
    level: 1,
    found: 1,
    findings: [{ code: 'row-altered', id: 'c1-audit-1-0' }]
  });
  await log.run(`ALTER TABLE audit.event UPDATE purpose = '' WHERE lane = 'audit' AND seq = 1`);
});

test('a head that was kept shows the removal of newest blocks; what is no head is refused', async () => {
  const file = join(folder, 'head.json');
  writeFileSync(file, (await vigie('evidence', 'head')).out);
  expect((await vigie('evidence', 'verify', '--head', file)).code).toBe(0);
  await log.run(`CREATE TABLE kept.newest AS audit.block`);
  const newest = `lane = 'ops' AND block = (SELECT max(b.block) FROM audit.block AS b WHERE b.lane = 'ops')`;
  await log.run(`INSERT INTO kept.newest SELECT * FROM audit.block WHERE ${newest}`);
  const [last] = await log.engine.rows<{ block: number }>(`SELECT block FROM kept.newest`);
  await log.run(`ALTER TABLE audit.block DELETE WHERE lane = 'ops' AND block = ${last?.block}`);
  const cut = await vigie('evidence', 'verify', '--head', file);
  expect(cut.code).toBe(1);
  expect(cut.out).toContain(
    `c1/ops, block ${last?.block}: blocks that a published head names are no longer there`
  );
  await log.run(`INSERT INTO audit.block SELECT * FROM kept.newest`);
  writeFileSync(file, '{"version":1}');
  expect((await vigie('evidence', 'verify', '--head', file)).code).toBe(2);
}, 180_000);

test('a verification is stopped by a signal, says so and ends with 130', async () => {
  const child = startVigie(log, ['evidence', 'verify', '--json']);
  child.stderr.once('data', () => child.kill('SIGINT'));
  const [code, out] = await Promise.all([
    new Promise((resolve) => child.once('exit', resolve)),
    child.stdout.setEncoding('utf8').toArray()
  ]);
  // Three ranges may be read before the signal is.
  if (code === 130) expect(JSON.parse(out.join(''))).toMatchObject({ cancelled: true, good: false });
  else expect(code).toBe(0);
});

describe('the proof of one event', () => {
  let file: string;
  let proof: Proof;
  beforeAll(async () => {
    file = join(folder, 'proof.json');
    const made = await vigie(
      'evidence',
      'prove',
      'c1-audit-3-0',
      '--message',
      '--reason',
      'dossier 2026-17',
      '--out',
      file
    );
    expect(made).toMatchObject({ code: 0, out: '' });
    proof = Proof.parse(JSON.parse(readFileSync(file, 'utf8')));
  });

  test('is checked by a program that shares nothing with the rest, and shows row and message', async () => {
    const { code, out } = await check(file, '--key', publicKey());
    expect(out).toContain('good  the message is message 3 of the 10 that were received and signed');
    expect(out).toContain('event_code: "110103"');
    expect(out).toMatch(/^The proof of c1-audit-3-0 holds: block 1, /m);
    expect(code).toBe(0);
    expect(Buffer.from(proof.message?.raw ?? '', 'base64').toString()).toContain('1.2.250.1.999.20.2');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const source = readFileSync(join(root, 'evidence/check/check-proof.mjs'), 'utf8');
    expect(
      [...source.matchAll(/^import .* from '([^']+)'/gm)].every(([, name]) => name?.startsWith('node:'))
    ).toBe(true);
  });

  test('is made in the own log before it is made at all, and not without a reason', async () => {
    // The act is acknowledged once it is on disk, and stored a moment later.
    const acts = () =>
      log.engine.rows(
        `SELECT event_types FROM audit.event WHERE lane = 'own' AND event_code = '110113' AND has(event_types, 'evidence-prove-message')`
      );
    expect(await until(acts, (rows) => rows.length > 0)).toHaveLength(1);
    expect((await vigie('evidence', 'prove', 'c1-audit-3-0')).code).toBe(2);
    for (const id of ['c1-audit-999999-0', 'x', 'c1-audit-3-9']) {
      const none = await vigie('evidence', 'prove', id, '--reason', 'dossier 2026-17');
      expect([none.code, none.out], id).toEqual([3, '']);
    }
  });

  test('can be made of any row that a message came to, without the message', async () => {
    for (const id of ['c1-audit-7', 'c1-audit-9-0', 'c1-ops-2-0', 'c1-own-2-0']) {
      const made = await vigie('evidence', 'prove', id, '--reason', 'dossier 2026-17');
      expect(made.code, made.err).toBe(0);
      expect(Proof.parse(JSON.parse(made.out)).message).toBeUndefined();
      const other = join(folder, 'other.json');
      writeFileSync(other, made.out);
      expect(await check(other, '--key', publicKey(), '--json'), id).toMatchObject({ code: 0 });
    }
  });

  test('does not hold once anything in it is changed', async () => {
    const flip = (text: string, at = 40) =>
      `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
    const hex = (text = '') => `${text[0] === '0' ? '1' : '0'}${text.slice(1)}`;
    const message = proof.message!;
    const forged: Record<string, unknown> = {
      'another row': { ...proof, row: { ...proof.row, bytes: flip(proof.row.bytes) } },
      'another place': { ...proof, row: { ...proof.row, index: proof.row.index + 1 } },
      'another size': { ...proof, row: { ...proof.row, size: proof.row.size + 1 } },
      'another path': {
        ...proof,
        row: { ...proof.row, path: [hex(proof.row.path[0]), ...proof.row.path.slice(1)] }
      },
      'a shorter path': { ...proof, row: { ...proof.row, path: proof.row.path.slice(0, -1) } },
      'a longer path': { ...proof, row: { ...proof.row, path: [...proof.row.path, proof.row.path[0]] } },
      'another table': { ...proof, row: { ...proof.row, table: 'audit.quarantine' } },
      'another event': { ...proof, id: 'c1-audit-4-0' },
      'another message': { ...proof, message: { ...message, raw: flip(message.raw) } },
      'another time': { ...proof, message: { ...message, received_at: message.received_at + 1 } },
      'another peer': { ...proof, message: { ...message, peer: '10.0.0.1' } },
      'another source': { ...proof, message: { ...message, source: 'pacs' } },
      'another salt': { ...proof, message: { ...message, salt: Buffer.alloc(16).toString('base64') } },
      'another header': {
        ...proof,
        header: { ...proof.header, text: proof.header.text.replace('"records":10', '"records":11') }
      },
      'another signature': { ...proof, header: { ...proof.header, signature: flip(proof.header.signature) } },
      'an act that nobody signed': { ...proof, acts: [{ ...proof.header, text: '{"kind":"replay"}' }] },
      'no proof at all': { version: 1, kind: 'vigie-proof' }
    };
    for (const [what, content] of Object.entries(forged)) {
      const other = join(folder, 'forged.json');
      writeFileSync(other, JSON.stringify(content));
      const { code, out } = await check(other, '--key', publicKey(), '--json');
      expect([code, (JSON.parse(out) as { good: boolean }).good], what).toEqual([1, false]);
    }
    const stranger = join(folder, 'stranger.pub');
    writeFileSync(stranger, generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
    expect((await check(file, '--key', stranger)).code).toBe(1);
    expect((await check(file)).code).toBe(2);
    expect((await check(join(folder, 'none.json'), '--key', publicKey())).code).toBe(2);
  });
});
