import { execFileSync } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
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

type Role = 'writer' | 'reader';
const post = (role: Role, sql: string | Uint8Array, path = '', headers: Record<string, string> = {}) =>
  engine.ask(role, path, { method: 'POST', body: sql as string, headers });
const count = async (table: string) => (await post('writer', `SELECT count() FROM ${table}`)).text.trim();
const curl = (...args: string[]) =>
  execFileSync('curl', ['-sS', ...args], { encoding: 'buffer', maxBuffer: 1 << 28 });

test('curl gets an answer with user and password in headers, basic authorisation or the URL', () => {
  const { password } = engine.readerAddress;
  const headers = ['-H', 'X-ClickHouse-User: reader', '-H', `X-ClickHouse-Key: ${password}`];
  expect(curl(...headers, `${engine.url}/?query=SELECT%201%2B1`).toString()).toBe('2\n');
  expect(curl(...headers, `${engine.url}/`, '--data-binary', 'SELECT 3 FORMAT CSV').toString()).toBe('3\n');
  expect(curl('-u', `reader:${password}`, `${engine.url}/?query=SELECT`, '-d', '1 + 3;').toString()).toBe(
    '4\n'
  );
  expect(curl(`${engine.url}/?user=reader&password=${password}`, '-d', 'SELECT 5').toString()).toBe('5\n');
  expect(curl(`${engine.url}/ping`).toString()).toBe('Ok.\n');
  expect(curl(`${engine.url}/`).toString()).toBe('Ok.\n');
});

test('the official client reads with bound parameters of every shape', async () => {
  const query_params = {
    s: "l'été\n\\x",
    a: ['b', "c'"],
    d: new Date('2026-11-24T08:05:00.123Z'),
    n: null
  };
  const query =
    'SELECT {s:String} AS s, {a:Array(String)} AS a, {d:DateTime64(3)} AS d, {n:Nullable(UInt64)} AS n';
  const expected = [{ s: "l'été\n\\x", a: ['b', "c'"], d: '2026-11-24T08:05:00.123Z', n: null }];
  for (const use_multipart_params of [false, true]) {
    const result = await engine.reader.query({
      query,
      query_params,
      format: 'JSONEachRow',
      use_multipart_params
    });
    expect(await result.json()).toEqual(expected);
  }
});

test('parameters may be as long as ClickHouse takes them', async () => {
  const l = Array.from({ length: 20000 }, (_, i) => `s${i}`);
  const query = 'SELECT length({l:Array(String)}) AS n';
  const result = await engine.reader.query({ query, query_params: { l }, format: 'JSONEachRow' });
  expect(await result.json()).toEqual([{ n: 20000 }]);
});

test('a parameter of one query is not seen by the next', async () => {
  expect((await engine.ask('reader', '?query=SELECT%20%7Bx%3AString%7D&param_x=secret')).text).toBe(
    'secret\n'
  );
  for (let i = 0; i < 8; i++) {
    const { status, headers } = await engine.ask('reader', '?query=SELECT%20%7Bx%3AString%7D');
    expect([status, headers.get('x-clickhouse-exception-code')]).toEqual([400, '456']);
  }
});

test.each(['writer', 'reader'] as const)(
  'settings of one query of the %s do not leak into the next',
  async (role) => {
    // Several at once, so that every session behind the interface is asked.
    const all = async () => {
      const one = () =>
        post(role, "SELECT name, value FROM system.settings WHERE name != 'log_comment' ORDER BY name");
      return (await Promise.all(Array.from({ length: 4 }, one))).map(({ text }) => text);
    };
    const usual = await all();
    const settings =
      role === 'reader'
        ? 'max_block_size=777&join_use_nulls=1&session_timezone=Europe/Paris&max_threads=1'
        : 'max_block_size=777&readonly=1&async_insert=0&input_format_skip_unknown_fields=0&max_threads=1&max_memory_usage=1000000000';
    const read = "SELECT value FROM system.settings WHERE name = 'max_block_size'";
    for (let i = 0; i < 6; i++) expect((await post(role, read, `?${settings}`)).text).toBe('777\n');
    expect((await post(role, 'SELECT 1', '?nope=1')).headers.get('x-clickhouse-exception-code')).toMatch(
      /115|164/
    );
    if (role === 'writer') await post(role, 'SELECT 1 SETTINGS max_block_size = 778, readonly = 1');
    if (role === 'writer')
      await post(role, 'INSERT INTO audit.t SETTINGS max_block_size = 779 VALUES (1, 2)');
    expect(await all()).toEqual(usual);
  }
);

test('a setting in the statement wins over one of the URL, and either holds for every kind of statement', async () => {
  const read = "SELECT getSetting('max_block_size') SETTINGS max_block_size = 5";
  expect((await post('writer', read, '?max_block_size=6')).text).toBe('5\n');
  await engine.writer.command({ query: 'CREATE TABLE audit.once AS audit.t' });
  for (const sql of [
    "INSERT INTO audit.once SELECT 1, 'x'",
    "INSERT INTO audit.once VALUES (2, 'y')",
    'INSERT INTO audit.once FORMAT JSONEachRow\n{"a":3,"s":"z"}'
  ])
    expect((await post('writer', sql, '?insert_deduplication_token=same')).status).toBe(200);
  expect(await count('audit.once')).toBe('1');
  const unknown = await post(
    'writer',
    'INSERT INTO audit.once FORMAT JSONEachRow\n{"a":3,"q":1}',
    '?input_format_skip_unknown_fields=0'
  );
  expect(unknown.headers.get('x-clickhouse-exception-code')).toBe('117');
});

test('a database may be named for the query alone', async () => {
  expect((await post('reader', 'SELECT currentDatabase()', '?database=audit')).text).toBe('audit\n');
  const none = await Promise.all(Array.from({ length: 8 }, () => post('reader', 'SELECT currentDatabase()')));
  expect(new Set(none.map(({ text }) => text))).toEqual(new Set(['default\n']));
  expect(
    (await post('reader', 'SELECT 1', '?database=nope')).headers.get('x-clickhouse-exception-code')
  ).toMatch(/81|497/);
});

test('times without a zone are UTC, whatever the zone of the machine', async () => {
  expect((await post('reader', 'SELECT timezone(), toDateTime(0)')).text).toBe('UTC\t1970-01-01 00:00:00\n');
});

test.each([
  ['JSONEachRow', '{"a":1}\n', 'application/x-ndjson'],
  ['JSONCompactEachRow', '[1]\n', 'application/x-ndjson'],
  ['CSV', '1\n', 'text/csv'],
  ['TabSeparatedWithNames', 'a\n1\n', 'text/tab-separated-values']
])('rows come as %s', async (format, expected, type) => {
  const { text, headers } = await post('reader', 'SELECT toUInt8(1) AS a', `?default_format=${format}`);
  expect(text).toBe(expected);
  expect(headers.get('x-clickhouse-format')).toBe(format);
  expect(headers.get('content-type')).toContain(type);
});

test.each(['JSON', 'JSONCompact'])('a %s answer of many blocks is one document', async (format) => {
  const { text } = await post('reader', `SELECT number AS n FROM numbers(300000) FORMAT ${format}`);
  expect(JSON.parse(text)).toMatchObject({ meta: [{ name: 'n', type: 'UInt64' }], rows: 300000 });
});

test.each(['CSVWithNames', 'Parquet', 'Native', 'ArrowStream'])(
  'a %s answer of many blocks is what is inserted again',
  async (format) => {
    const { password } = engine.writerAddress;
    const as = `${engine.url}/?user=writer&password=${password}`;
    const data = curl(
      as,
      '--data-binary',
      `SELECT number AS a, 'x ' AS s FROM numbers(200000) FORMAT ${format}`
    );
    await engine.writer.command({
      query: 'CREATE OR REPLACE TABLE audit.again (a UInt64, s String) ENGINE = Memory'
    });
    const answer = await post(
      'writer',
      data,
      `?query=${encodeURIComponent(`INSERT INTO audit.again FORMAT ${format}`)}`
    );
    expect([answer.status, answer.text]).toEqual([200, '']);
    const sums = await post('reader', 'SELECT count(), sum(a), sum(length(s)) FROM audit.again');
    expect(sums.text).toBe('200000\t19999900000\t400000\n');
  }
);

test('SHOW, DESCRIBE, EXPLAIN and EXISTS answer like SELECT, in the format asked', async () => {
  expect((await post('reader', "SHOW TABLES FROM audit LIKE 't'")).text).toBe('t\n');
  expect((await post('reader', 'DESCRIBE TABLE audit.t FORMAT JSONCompactEachRow')).text).toContain(
    '["a", "UInt64"'
  );
  expect((await post('reader', 'EXPLAIN SYNTAX SELECT 1')).text).toContain('SELECT 1');
  expect((await post('reader', 'EXISTS audit.t')).text).toBe('1\n');
});

test('answers are gzipped when the client asks for it, and inserts may be', async () => {
  const as = ['-u', `reader:${engine.readerAddress.password}`];
  const query = `${engine.url}/?enable_http_compression=1&query=SELECT%20number%20FROM%20numbers(500000)`;
  const packed = curl(...as, '-H', 'Accept-Encoding: gzip', query);
  expect(gunzipSync(packed).toString().split('\n')).toHaveLength(500001);
  expect(
    curl(...as, '--compressed', query)
      .toString()
      .split('\n')
  ).toHaveLength(500001);
  expect(
    curl(...as, query)
      .toString()
      .split('\n')
  ).toHaveLength(500001);
  await engine.writer.command({ query: 'CREATE TABLE audit.gz (a UInt64) ENGINE = Memory' });
  const into = '?query=INSERT%20INTO%20audit.gz%20FORMAT%20JSONEachRow';
  const body = gzipSync('{"a":1}\n{"a":2}\n');
  const gzip = { 'content-encoding': 'gzip' };
  expect((await post('writer', body, into, gzip)).status).toBe(200);
  const broken = await post('writer', body.subarray(0, body.length - 12), into, gzip);
  expect([broken.status, broken.headers.get('x-clickhouse-exception-code')]).toEqual([400, '354']);
  expect(await engine.rows('SELECT sum(a) AS s FROM audit.gz')).toEqual([{ s: 3 }]);
});

test('an insert whose body is cut off inserts nothing', async () => {
  const { hostname, port } = new URL(engine.url);
  const path = `/?user=writer&password=${engine.writerAddress.password}&query=INSERT%20INTO%20audit.t%20FORMAT%20JSONEachRow`;
  const before = await count('audit.t');
  await new Promise<void>((resolve) => {
    const headers = { 'content-length': '1000000' };
    const cut = httpRequest({ hostname, port, path, method: 'POST', headers });
    cut.on('error', () => resolve());
    cut.write('{"a":9,"s":""}\n'.repeat(100), () => cut.destroy(new Error('cut')));
  });
  expect((await post('reader', 'SELECT 1')).text).toBe('1\n');
  expect(await count('audit.t')).toBe(before);
});

test('an answer tells its id, its zone and what was answered or written', async () => {
  const { headers } = await post(
    'reader',
    'SELECT count() FROM numbers(1000) WHERE number > 0',
    '?query_id=mine'
  );
  expect(headers.get('x-clickhouse-query-id')).toBe('mine');
  expect(headers.get('x-clickhouse-timezone')).toBe('UTC');
  expect(JSON.parse(headers.get('x-clickhouse-summary') ?? '')).toMatchObject({
    result_rows: '1'
  });
  const values = Array.from({ length: 12 }, (_, a) => ({ a: a + 100, s: '' }));
  const written = await engine.writer.insert({ table: 'audit.t', values, format: 'JSONEachRow' });
  expect(written.summary).toMatchObject({ written_rows: '12' });
});

test.each([
  ['SELECT * FROM audit.nope', 404, '60'],
  ['SELECT * FROM nope.t', 404, '81'],
  ['SELECT broken(', 400, '62'],
  ['SELECT 1; SELECT 2', 400, '62'],
  ['', 400, '62'],
  ['SELECT nope FROM audit.t', 404, '47'],
  ["SELECT throwIf(1, 'told') FORMAT CSV", 500, '395'],
  ['SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_execution_time = 1, max_block_size = 1', 408, '159'],
  ['SELECT 1 FORMAT Nope', 404, '73'],
  ['INSERT INTO audit.t FORMAT JSONEachRow\n{"a":1}\n{"a":"x"}', 400, '27'],
  ['SET max_threads = 1', 501, '48'],
  ['CREATE TEMPORARY TABLE x (a UInt8)', 501, '48']
])('%s is answered with its code', async (sql, status, code) => {
  const answer = await post('writer', sql);
  expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([status, code]);
  expect(answer.text).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: .*\\([A-Z_]+\\)\n$`, 's'));
  expect(answer.text).not.toMatch(/OUTFILE|INFILE|\.pipe|\.data/);
});

test.each([
  ['plain', false],
  ['gzipped', true]
])('an error in the middle of a %s answer cuts it off, and the client throws it', async (_, compress) => {
  const query = 'SELECT throwIf(number = 4000000) AS x FROM numbers(5000000)';
  await expect(post('reader', query, compress ? '?enable_http_compression=1' : '')).rejects.toThrow();
  const result = await engine.reader.query({
    query,
    format: 'JSONEachRow',
    clickhouse_settings: { max_result_rows: '0', ...(compress && { enable_http_compression: 1 }) }
  });
  await expect(result.json()).rejects.toThrow(/throwIf|aborted|premature|terminated|ended/i);
});

test('an error among the first bytes, or with wait_end_of_query anywhere, still has its status', async () => {
  const early = await post('reader', 'SELECT throwIf(number = 70000) FROM numbers(100000) FORMAT TSV');
  expect(early.headers.get('x-clickhouse-exception-code')).toBe('395');
  const late = 'SELECT throwIf(number = 4000000) FROM numbers(5000000) FORMAT TSV';
  const whole = await post('reader', late, '?wait_end_of_query=1');
  expect([whole.status, whole.headers.get('x-clickhouse-exception-code')]).toEqual([500, '395']);
  const fine = await post('reader', 'SELECT number FROM numbers(1000000)', '?wait_end_of_query=1');
  expect([fine.text.length, JSON.parse(fine.headers.get('x-clickhouse-summary') ?? '')]).toMatchObject([
    6888890,
    { result_rows: '1000000' }
  ]);
});

test('binary rows that end in white space are kept whole, and a token inserts once', async () => {
  const body = Buffer.from([7, 0, 0, 0, 0, 0, 0, 0, 2, 0x20, 0x0a]);
  const insert = { table: 'audit.t', columns: ['a', 's'], format: 'RowBinary', body, token: 'once' } as const;
  await insertBinary(engine.writer, insert);
  await insertBinary(engine.writer, insert);
  const read = 'SELECT count() AS n, max(length(s)) AS l FROM audit.t WHERE a = 7';
  expect(await engine.rows(read)).toEqual([{ n: 1, l: 2 }]);
  const head = Buffer.from('INSERT INTO audit.t (a, s) FORMAT RowBinary\n');
  const inline = Buffer.concat([head, Buffer.from([8, 0, 0, 0, 0, 0, 0, 0, 1, 0x20])]);
  expect((await post('writer', inline)).status).toBe(200);
  expect(await engine.rows('SELECT length(s) AS l FROM audit.t WHERE a = 8')).toEqual([{ l: 1 }]);
});

test('statement and data may come in one body larger than what is kept in memory', async () => {
  await engine.writer.command({ query: 'CREATE TABLE audit.large (a UInt64, s String) ENGINE = Memory' });
  const lines = `{"a":1,"s":"${'é'.repeat(100)}"}\n`.repeat(30_000);
  expect((await post('writer', `INSERT INTO audit.large FORMAT JSONEachRow\n${lines}`)).status).toBe(200);
  const values = `(2,'${'x'.repeat(100)}'),`.repeat(30_000).slice(0, -1);
  expect((await post('writer', `INSERT INTO audit.large VALUES ${values}`)).status).toBe(200);
  expect(await count('audit.large')).toBe('60000');
  const select = await post('writer', `SELECT '${'x'.repeat(2_000_000)}'`);
  expect([select.status, select.text.slice(0, 60)]).toEqual([
    400,
    expect.stringContaining('Max query size exceeded')
  ]);
});

test('what it does not serve is refused clearly', async () => {
  expect((await engine.ask('reader', '?query=SELECT%201&session_id=a')).text).toContain('keeps no sessions');
  expect((await engine.ask('reader', '?query=SELECT%201&compress=1')).text).toContain('use Accept-Encoding');
  expect((await engine.ask('reader', '?query=SELECT%201&client_protocol_version=54405')).status).toBe(501);
  expect((await engine.ask('reader', 'play')).status).toBe(501);
  expect((await engine.ask('writer', '', { method: 'PUT' })).status).toBe(501);
  const brotli = await post('writer', 'x', '', { 'content-encoding': 'br' });
  expect(brotli.text).toContain('use gzip, zstd or none');
  for (const sql of [
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "INSERT INTO audit.t FROM INFILE '/etc/passwd' FORMAT TSV",
    'SYSTEM SHUTDOWN'
  ])
    expect((await post('writer', sql)).status).toBe(403);
});
