import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { startProcess } from '@vigie/tools/testkit/process';
import { createKeys } from '@vigie/tools/keys';

let engine: TestEngine;
const folder = mkdtempSync(join(tmpdir(), 'vigie-serve-'));
beforeAll(async () => {
  createKeys(folder);
  engine = await startTestEngine({ migrate: false });
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

const serve = (env: Record<string, string>) => startProcess('store/src/engine/serve.ts', { env });

test('an engine killed at any moment keeps every answered insert, and opens again', async () => {
  await engine.writer.command({
    query:
      'CREATE TABLE kept (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS fsync_after_insert = 1, fsync_part_directory = 1'
  });
  const answered: number[] = [];
  for (let round = 0; round < 3; round++) {
    const inserts = Array.from({ length: 40 }, async (_, i) => {
      const a = round * 100 + i;
      await engine.writer.insert({ table: 'kept', values: [{ a }], format: 'JSONEachRow' });
      answered.push(a);
    });
    const settled = Promise.allSettled(inserts);
    await vi.waitFor(() => expect(answered.length).toBeGreaterThan(round * 10 + 5), { interval: 1 });
    await engine.kill9();
    await settled;
    await engine.restart();
  }
  const rows = await engine.rows<{ a: number }>('SELECT a FROM kept');
  const kept = new Set(rows.map(({ a }) => Number(a)));
  expect(answered.filter((a) => !kept.has(a))).toEqual([]);
});

test('a restart after a kill removes the bodies that were in flight', () => {
  const scratch = join(engine.dataFolder, 'engine-scratch');
  expect(readdirSync(scratch).filter((name) => !name.endsWith('.pipe'))).toEqual([]);
});

test('a busy port is said in a sentence, with code 2', async () => {
  const start = serve({ VIGIE_DATA: folder, VIGIE_ENGINE_PORT: String(engine.port) });
  await expect(start).rejects.toThrow(
    /exited with 2 [\s\S]*Port \d+ is in use: choose another with --engine-port/
  );
});

test('a second engine on the same folder is refused, and the first one is not disturbed', async () => {
  const start = serve({ VIGIE_DATA: engine.dataFolder, VIGIE_ENGINE_PORT: '0' });
  await expect(start).rejects.toThrow(/exited with 1 [\s\S]*Another engine \(process \d+\) is using/);
  expect(await engine.rows('SELECT 1 AS a')).toEqual([{ a: 1 }]);
  await engine.writer.insert({ table: 'kept', values: [{ a: 999 }], format: 'JSONEachRow' });
});

test.each([
  [{ VIGIE_DATA: '/nowhere' }, /engine-writer\.token is missing: npm start makes it/],
  [{ VIGIE_ENGINE_PORT: 'x' }, /VIGIE_ENGINE_PORT must be a port/],
  [{ VIGIE_ENGINE_MEMORY_MB: '5' }, /VIGIE_ENGINE_MEMORY_MB must be at least 300/]
])('a wrong configuration is said in a sentence: %o', async (env, sentence) => {
  await expect(
    serve({ VIGIE_DATA: folder, VIGIE_ENGINE_PORT: '0', ...env } as Record<string, string>)
  ).rejects.toThrow(sentence);
});

test('the zone of the machine does not matter', async () => {
  const own = await serve({ VIGIE_DATA: folder, VIGIE_ENGINE_PORT: '0', TZ: 'Europe/Paris' });
  const token = readFileSync(join(folder, 'keys', 'engine-reader.token'), 'utf8').trim();
  const headers = { 'x-clickhouse-user': 'reader', 'x-clickhouse-key': token };
  const answer = await fetch(`${String(own.ready['url'])}/?query=SELECT%20toDateTime(0)`, { headers });
  expect(await answer.text()).toBe('1970-01-01 00:00:00\n');
  expect(await own.stop()).toBe(0);
});

test('a signal ends running queries, then the process, in order', async () => {
  const own = await startTestEngine({ migrate: false });
  const long = own.reader.query({ query: 'SELECT sleepEachRow(1) FROM numbers(60)' }).catch(() => 'ended');
  const scratch = join(own.dataFolder, 'engine-scratch');
  expect(existsSync(scratch)).toBe(true);
  expect(await own.process.stop()).toBe(0);
  expect(existsSync(scratch)).toBe(false);
  await long;
  await own.stop();
});
