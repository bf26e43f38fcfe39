import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { gzipSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { startProcess } from '@vigie/tools/testkit/process';
import { insertBinary } from '../insert.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({ migrate: false });
  await engine.writer.command({ query: 'CREATE DATABASE audit' });
  await engine.writer.command({
    query:
      'CREATE TABLE audit.t (a UInt64, s String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100'
  });
});
afterAll(() => engine.stop());

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

async function ask(role: 'writer' | 'reader', path: string, init: RequestInit = {}): Promise<Answer> {
  const { username, password } = role === 'writer' ? engine.writerAddress : engine.readerAddress;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const response = await fetch(`${engine.url}/${path}`, {
    ...init,
    headers: { authorization, ...init.headers }
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const post = (role: 'writer' | 'reader', sql: string, path = '') =>
  ask(role, path, { method: 'POST', body: sql });
const anonymous = (pid: number) =>
  Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

test('curl gets an answer with user and password in headers, query in URL or body', () => {
  const { password } = engine.readerAddress;
  const curl = (...args: string[]) =>
    execFileSync(
      'curl',
      ['-s', '-H', 'X-ClickHouse-User: reader', '-H', `X-ClickHouse-Key: ${password}`, ...args],
      { encoding: 'utf8' }
    );
  expect(curl(`${engine.url}/?query=SELECT%201%2B1`)).toBe('2\n');
  expect(curl(`${engine.url}/`, '--data-binary', 'SELECT 3 FORMAT CSV')).toBe('3\n');
  expect(curl(`${engine.url}/ping`)).toBe('Ok.\n');
});

test('the official client reads with bound parameters of every shape', async () => {
  const result = await engine.reader.query({
    query:
      'SELECT {s:String} AS s, {a:Array(String)} AS a, {d:DateTime64(3)} AS d, {n:Nullable(UInt64)} AS n',
    query_params: { s: "l'été\n\\x", a: ['b', "c'"], d: new Date('2026-11-24T08:05:00.123Z'), n: null },
    format: 'JSONEachRow'
  });
  expect(await result.json()).toEqual([
    { s: "l'été\n\\x", a: ['b', "c'"], d: '2026-11-24T08:05:00.123Z', n: null }
  ]);
});

test('a parameter of one query is not seen by the next', async () => {
  expect((await ask('reader', '?query=SELECT%20%7Bx%3AString%7D&param_x=secret')).text).toBe('secret\n');
  for (let i = 0; i < 12; i++) {
    const { status, headers } = await ask('reader', '?query=SELECT%20%7Bx%3AString%7D');
    expect([status, headers.get('x-clickhouse-exception-code')]).toEqual([400, '456']);
  }
});

test('a setting of one query does not leak into the next', async () => {
  const query = encodeURIComponent("SELECT value FROM system.settings WHERE name = 'max_block_size'");
  const usual = (await ask('reader', `?query=${query}`)).text;
  expect((await ask('reader', `?query=${query}&max_block_size=777`)).text).toBe('777\n');
  for (let i = 0; i < 12; i++) expect((await ask('reader', `?query=${query}`)).text).toBe(usual);
  expect((await post('writer', 'SET max_block_size = 5')).headers.get('x-clickhouse-exception-code')).toBe(
    '48'
  );
});

test.each([
  ['JSONEachRow', '{"a":1}\n'],
  ['JSONCompactEachRow', '[1]\n'],
  ['CSV', '1\n'],
  ['TabSeparatedWithNames', 'a\n1\n']
])('rows come as %s', async (format, expected) => {
  const { text, headers } = await post('reader', 'SELECT toUInt8(1) AS a', `?default_format=${format}`);
  expect(text).toBe(expected);
  expect(headers.get('x-clickhouse-format')).toBe(format);
});

test('JSON and JSONCompact carry names, types and counts', async () => {
  const { text } = await post('reader', "SELECT 'x' AS s FORMAT JSONCompact");
  expect(JSON.parse(text)).toMatchObject({ meta: [{ name: 's', type: 'String' }], data: [['x']], rows: 1 });
});

test.each(['JSON', 'JSONCompact'])('a %s answer of many blocks is one document', async (format) => {
  const { text } = await post('writer', `SELECT number FROM numbers(300000) FORMAT ${format}`);
  expect(JSON.parse(text)).toMatchObject({ rows: 300000 });
});

test('a header line comes once, however many blocks there are', async () => {
  const { text } = await post('writer', 'SELECT number FROM numbers(300000) FORMAT CSVWithNames');
  expect(text.match(/number/g)).toHaveLength(1);
});

test('parameters may be as long as ClickHouse takes them', async () => {
  const list = Array.from({ length: 20000 }, (_, i) => `s${i}`);
  const result = await engine.reader.query({
    query: 'SELECT length({l:Array(String)}) AS n',
    query_params: { l: list },
    format: 'JSONEachRow'
  });
  expect(await result.json()).toEqual([{ n: 20000 }]);
});

test('answers are gzipped when the client asks for it, and inserts may be', async () => {
  const { password } = engine.readerAddress;
  const packed = execFileSync('curl', [
    '-s',
    '-u',
    `reader:${password}`,
    '-H',
    'Accept-Encoding: gzip',
    `${engine.url}/?enable_http_compression=1&query=SELECT%20number%20FROM%20numbers(1000)`
  ]);
  expect(gunzipSync(packed).toString().split('\n')).toHaveLength(1001);
  await engine.writer.command({ query: 'CREATE TABLE audit.gz (a UInt64) ENGINE = Memory' });
  const answer = await ask('writer', '?query=INSERT%20INTO%20audit.gz%20FORMAT%20JSONEachRow', {
    method: 'POST',
    body: gzipSync('{"a":1}\n{"a":2}\n'),
    headers: { 'content-encoding': 'gzip' }
  });
  expect(answer.status).toBe(200);
  expect(await engine.rows('SELECT sum(a) AS s FROM audit.gz')).toEqual([{ s: 3 }]);
});

test('Native is inserted and read back', async () => {
  await engine.writer.command({ query: 'CREATE TABLE audit.native (a UInt64, s String) ENGINE = Memory' });
  const { password } = engine.writerAddress;
  const native = execFileSync('curl', [
    '-s',
    '-u',
    `writer:${password}`,
    `${engine.url}/`,
    '--data-binary',
    "SELECT number AS a, 'x ' AS s FROM numbers(10) FORMAT Native"
  ]);
  await insertBinary(engine.writer, {
    table: 'audit.native',
    columns: ['a', 's'],
    format: 'Native',
    body: native,
    token: 'n'
  });
  expect(await engine.rows('SELECT count() AS n, sum(length(s)) AS l FROM audit.native')).toEqual([
    { n: 10, l: 20 }
  ]);
});

test('five million rows are streamed in bounded memory', async () => {
  const pid = engine.process.child.pid as number;
  const before = anonymous(pid);
  let peak = before;
  const { username, password } = engine.readerAddress;
  const response = await fetch(
    `${engine.url}/?query=${encodeURIComponent('SELECT number, toString(number) FROM numbers(5000000) FORMAT JSONEachRow')}`,
    {
      headers: { 'x-clickhouse-user': username, 'x-clickhouse-key': password }
    }
  );
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes % 7 === 0) peak = Math.max(peak, anonymous(pid));
  }
  expect(bytes).toBe(237_777_780);
  expect(peak - before).toBeLessThan(200_000_000);
});

test('a client that leaves stops its query, and the session serves again', async () => {
  const { password } = engine.readerAddress;
  for (let i = 0; i < 8; i++) {
    const child = spawn('curl', [
      '-s',
      '-u',
      `reader:${password}`,
      `${engine.url}/`,
      '--data-binary',
      'SELECT number FROM numbers(100000000000) FORMAT RowBinary'
    ]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  expect((await post('reader', 'SELECT 1')).text).toBe('1\n');
});

test.each([
  ['SELECT * FROM audit.nope', 404, '60'],
  ['SELECT broken(', 400, '62'],
  ['SELECT nope FROM audit.t', 404, '47'],
  ["SELECT throwIf(1, 'told') FORMAT CSV", 500, '395'],
  ['SELECT 1 FORMAT Nope', 404, '73']
])('%s is answered with its code', async (sql, status, code) => {
  const answer = await post('reader', sql);
  expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([status, code]);
  expect(answer.text).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: `));
});

test('an error in the middle of an answer leaves the body unfinished', async () => {
  await expect(
    post(
      'reader',
      'SELECT throwIf(number = 900000) FROM numbers(1000000) SETTINGS max_block_size = 1000 FORMAT TSV'
    )
  ).rejects.toThrow();
});

test('a wrong token is refused', async () => {
  const response = await fetch(`${engine.url}/?query=SELECT%201`, {
    headers: { 'x-clickhouse-user': 'reader', 'x-clickhouse-key': 'x' }
  });
  expect([response.status, response.headers.get('x-clickhouse-exception-code')]).toEqual([401, '516']);
});

test.each([
  ['INSERT INTO audit.t VALUES (1, 2)', 403],
  ['INSERT INTO audit.t FORMAT JSONEachRow\n{"a":1,"s":""}', 403],
  ['DROP TABLE audit.t', 403],
  ['CREATE TABLE audit.x (a UInt8) ENGINE = Memory', 403],
  ["SELECT * FROM file('/etc/passwd', 'TSV', 'x String')", 403],
  ["SELECT * FROM `file`('/etc/passwd', 'TSV', 'x String')", 403],
  ["SELECT * FROM url('http://127.0.0.1/', 'TSV', 'x String')", 403],
  ["SELECT 1 INTO OUTFILE '/tmp/x'", 403],
  ['SYSTEM FLUSH LOGS', 403],
  ['SELECT 1 SETTINGS max_execution_time = 9999', 403],
  ['SELECT 1 FORMAT TSV SETTINGS `max_memory_usage` /* x */ = 99000000000', 403],
  ['SELECT 1 SETTINGS readonly = 0', 403],
  ['SELECT 1 FORMAT JSON; SET readonly = 0', 403]
])('a reader cannot: %s', async (sql, status) => {
  expect((await post('reader', sql)).status).toBe(status);
});

test('a reader cannot lift its caps', async () => {
  expect((await ask('reader', '?query=SELECT%201&allow_ddl=1')).status).toBe(403);
  const cap = await ask(
    'reader',
    `?query=${encodeURIComponent("SELECT value FROM system.settings WHERE name = 'max_execution_time'")}&max_execution_time=99999`
  );
  expect(cap.text).toBe('60\n');
});

test('binary rows that end in white space are kept whole, and a token inserts once', async () => {
  const row = Buffer.from([7, 0, 0, 0, 0, 0, 0, 0, 2, 0x20, 0x0a]);
  const insert = {
    table: 'audit.t',
    columns: ['a', 's'],
    format: 'RowBinary',
    body: row,
    token: 'once'
  } as const;
  await insertBinary(engine.writer, insert);
  await insertBinary(engine.writer, insert);
  expect(await engine.rows('SELECT count() AS n, max(length(s)) AS l FROM audit.t WHERE a = 7')).toEqual([
    { n: 1, l: 2 }
  ]);
  const inline = Buffer.concat([
    Buffer.from('INSERT INTO audit.t (a, s) FORMAT RowBinary\n'),
    Buffer.from([8, 0, 0, 0, 0, 0, 0, 0, 1, 0x20])
  ]);
  expect((await ask('writer', '', { method: 'POST', body: inline })).status).toBe(200);
  expect(await engine.rows('SELECT length(s) AS l FROM audit.t WHERE a = 8')).toEqual([{ l: 1 }]);
});

test('what it does not serve is refused clearly', async () => {
  expect((await ask('reader', '?query=SELECT%201&session_id=a')).text).toContain('keeps no sessions');
  expect((await ask('reader', '?query=SELECT%201&compress=1')).text).toContain('use Accept-Encoding');
  expect((await ask('reader', 'play')).status).toBe(501);
});

test('a killed engine keeps every answered insert', async () => {
  const own = await startTestEngine({ migrate: false });
  await own.writer.command({
    query:
      'CREATE TABLE kept (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS fsync_after_insert = 1, fsync_part_directory = 1'
  });
  for (let i = 0; i < 5; i++)
    await own.writer.insert({ table: 'kept', values: [{ a: i }], format: 'JSONEachRow' });
  await own.kill9();
  await own.restart();
  expect(await own.rows('SELECT count() AS n FROM kept')).toEqual([{ n: 5 }]);
  await own.stop();
});

test('a busy port is said in a sentence', async () => {
  const env = { VIGIE_DATA: engine.dataFolder, VIGIE_ENGINE_PORT: String(engine.port) };
  await expect(startProcess('store/src/engine/serve.ts', { env })).rejects.toThrow(/exited with [12]/);
});
