import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({ migrate: false });
});
afterAll(() => engine.stop());

const ask = (sql: string, path = '') => engine.ask('reader', path, { method: 'POST', body: sql });
const code = async (sql: string) => (await ask(sql)).headers.get('x-clickhouse-exception-code');
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 50 });
const running = async () =>
  (
    await engine.rows<{ n: number }>(
      "SELECT count() AS n FROM system.processes WHERE query NOT LIKE '%processes%'"
    )
  )[0]?.n;

/** Starts curl on a query and waits for its first bytes, or not. */
async function curl(sql: string, firstBytes: boolean) {
  const as = `reader:${engine.readerAddress.password}`;
  const child = spawn('curl', ['-sS', '-u', as, `${engine.url}/`, '--data-binary', sql]);
  if (firstBytes) await once(child.stdout, 'data');
  return { child, exit: once(child, 'exit') };
}

test('five million rows are streamed in bounded memory', async () => {
  const before = engine.anonymousBytes();
  const headers = { 'x-clickhouse-user': 'reader', 'x-clickhouse-key': engine.readerAddress.password };
  const sql = 'SELECT number, toString(number) FROM numbers(5000000) FORMAT JSONEachRow';
  const response = await fetch(`${engine.url}/?query=${encodeURIComponent(sql)}`, { headers });
  let [bytes, peak, chunks] = [0, before, 0];
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (chunks++ % 50 === 0) peak = Math.max(peak, engine.anonymousBytes());
  }
  expect(bytes).toBe(237_777_780);
  expect(peak - before).toBeLessThan(150_000_000);
});

test('a client that takes nothing does not make the engine hold the answer', async () => {
  const { child, exit } = await curl('SELECT number FROM numbers(1000000000) FORMAT RowBinary', true);
  child.stdout.pause();
  const before = engine.anonymousBytes();
  for (let i = 0; i < 20; i++) expect((await ask('SELECT 1')).text).toBe('1\n');
  expect(engine.anonymousBytes() - before).toBeLessThan(100_000_000);
  child.kill('SIGKILL');
  await exit;
  await until(async () => expect(await running()).toBe(0));
});

test.each([
  ['while rows come', 'SELECT number FROM numbers(100000000000) FORMAT RowBinary', true],
  ['before the first row', 'SELECT count() FROM numbers(100000000000) WHERE cityHash64(number) = 1', false],
  [
    'while a sub-query is answered',
    'SELECT (SELECT count() FROM numbers(100000000000) WHERE cityHash64(number) = 1)',
    false
  ]
])('a client that leaves %s stops its query, and others are served', async (_, sql, firstBytes) => {
  for (let i = 0; i < 6; i++) {
    const { child, exit } = await curl(sql, firstBytes);
    if (!firstBytes) await until(async () => expect(await running()).toBeGreaterThan(0));
    child.kill('SIGKILL');
    await exit;
  }
  expect((await ask('SELECT 1')).text).toBe('1\n');
  await until(async () => expect(await running()).toBe(0));
});

test('slow questions hold up neither inserts nor pings, and their own queue is served in turn', async () => {
  await engine.writer.command({ query: 'CREATE TABLE slow (a UInt8) ENGINE = MergeTree ORDER BY a' });
  const slow = 'SELECT (SELECT sleep(1.5)), sleep(0.1)';
  const order: string[] = [];
  const questions = Array.from({ length: 6 }, () =>
    ask(slow).then(({ text }) => (order.push('question'), text))
  );
  for (let i = 0; i < 3; i++) {
    await engine.writer.insert({ table: 'slow', values: [{ a: i }], format: 'JSONEachRow' });
    expect(await (await fetch(`${engine.url}/ping`)).text()).toBe('Ok.\n');
    order.push('insert');
  }
  expect(await Promise.all(questions)).toEqual(Array(6).fill('0\t0\n'));
  expect(order.slice(0, 3)).toEqual(['insert', 'insert', 'insert']);
});

test('more questions than the queue holds are refused with code 202', async () => {
  const answers = await Promise.all(Array.from({ length: 160 }, () => ask('SELECT sleep(0.05)')));
  const codes = new Set(answers.map(({ headers }) => headers.get('x-clickhouse-exception-code')));
  expect(codes).toEqual(new Set([null, '202']));
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(132);
  expect((await ask('SELECT 1')).text).toBe('1\n');
});

test('questions that want too much memory are refused, and what they took is given back', async () => {
  const before = engine.anonymousBytes();
  const greedy = 'SELECT uniqExact(number) FROM numbers(50000000)';
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, engine.anonymousBytes())), 20);
  const codes = await Promise.all(Array.from({ length: 6 }, () => code(greedy)));
  clearInterval(timer);
  expect(new Set(codes)).toEqual(new Set(['241']));
  expect(peak).toBeLessThan(1_000_000_000);
  await until(() => expect(engine.anonymousBytes()).toBeLessThan(before + 150_000_000));
});

test('a group larger than the memory of a question goes through the disk', async () => {
  const sql = 'SELECT count() FROM (SELECT number FROM numbers(8000000) GROUP BY number)';
  expect((await ask(sql)).text).toBe('8000000\n');
});
