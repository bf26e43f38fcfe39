import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
  await engine.writer.command({ query: 'CREATE TABLE apart (a UInt8) ENGINE = Memory' });
});
afterAll(() => engine.stop());

const ask = (sql: string, path = '') => engine.ask('reader', path, { method: 'POST', body: sql });

test.each<[Record<string, string>, string]>([
  [{}, 'no user'],
  [{ 'x-clickhouse-user': 'reader', 'x-clickhouse-key': 'x' }, 'a wrong token'],
  [{ 'x-clickhouse-user': 'default' }, 'the user of a fresh ClickHouse'],
  [{ authorization: 'Basic ???' }, 'nonsense']
])('%o (%s) is refused before anything is read', async (headers) => {
  const response = await fetch(`${engine.url}/?query=SELECT%201`, {
    headers
  });
  expect([response.status, response.headers.get('x-clickhouse-exception-code')]).toEqual([401, '516']);
});

test('the token of one role is not the other one', async () => {
  const headers = { 'x-clickhouse-user': 'writer', 'x-clickhouse-key': engine.readerAddress.password };
  expect((await fetch(`${engine.url}/?query=SELECT%201`, { headers })).status).toBe(401);
});

test('the reader reads the three databases', async () => {
  for (const table of ['audit.event', 'ops.transfer', 'vault.identity'])
    expect((await ask(`SELECT count() FROM ${table}`)).text).toBe('0\n');
  expect(
    (
      await ask(
        "SELECT groupUniqArray(database) FROM system.tables WHERE database IN ('audit', 'default', 'vigie')"
      )
    ).text
  ).toBe("['audit']\n");
});

test.each([
  'INSERT INTO audit.event (seq) VALUES (1)',
  'INSERT INTO audit.event FORMAT JSONEachRow\n{"seq":1}',
  'INSERT INTO audit.event (seq) SELECT 1',
  'DROP TABLE audit.event',
  'CREATE TABLE audit.x (a UInt8) ENGINE = Memory',
  'ALTER TABLE audit.event DELETE WHERE 1',
  'TRUNCATE TABLE audit.event',
  'OPTIMIZE TABLE audit.event',
  'SET ROLE vigie_writer',
  'SELECT 1; SET ROLE vigie_writer',
  "SELECT $$'$$; SET ROLE vigie_writer --'",
  'EXECUTE AS default SELECT 1',
  'SELECT * FROM default.apart',
  'SELECT * FROM vigie.migration',
  'SELECT 1 WHERE 1 IN (SELECT a FROM default.apart)',
  "SELECT * FROM merge('default', 'apart')",
  "SELECT * FROM file('/etc/passwd', 'TSV', 'x String')",
  "SELECT * FROM `file`('/etc/passwd', 'TSV', 'x String')",
  "SELECT file('/etc/passwd')",
  "SELECT * FROM url('http://127.0.0.1/', 'TSV', 'x String')",
  "SELECT * FROM remote('127.0.0.1', 'default', 'apart')",
  "SELECT * FROM executable('x', 'TSV', 'x String')",
  "SELECT 1 INTO OUTFILE '/tmp/x'",
  'SELECT * FROM system.processes',
  'SELECT * FROM `system`.`processes`',
  'SELECT * FROM `s\\x79stem`.processes',
  'SELECT * FROM system.users',
  'SHOW PROCESSLIST',
  'SELECT * FROM {t:Identifier}',
  'SYSTEM FLUSH LOGS',
  'KILL QUERY WHERE 1',
  'SELECT 1 SETTINGS max_execution_time = 0',
  'SELECT 1 SETTINGS "max_execution_time" = 0',
  'SELECT 1 SETTINGS allow_introspection_functions',
  'SELECT * FROM (SELECT 1 settings/**/`max_memory_usage` = 0)'
])('a reader cannot: %s', async (sql) => {
  const { status } = await ask(sql, '?param_t=default.apart');
  expect(status).toBeGreaterThanOrEqual(400);
});

test('what a reader may not do has no effect, and leaves the role as it was', async () => {
  expect(await engine.rows('SELECT count() AS n FROM audit.event')).toEqual([{ n: 0 }]);
  const all = await Promise.all(
    Array.from({ length: 8 }, () => ask("SELECT currentRoles(), getSetting('readonly')"))
  );
  expect(new Set(all.map(({ text }) => text))).toEqual(new Set(["['vigie_reader']\t2\n"]));
});

test('a reader cannot lift its caps', async () => {
  expect((await engine.ask('reader', '?query=SELECT%201&allow_ddl=1')).status).toBe(403);
  const caps = async (path: string) =>
    (
      await ask(
        "SELECT name, value FROM system.settings WHERE name IN ('max_execution_time', 'max_memory_usage', 'max_result_rows', 'max_threads') ORDER BY name",
        path
      )
    ).text;
  const usual = await caps('');
  expect(usual).toContain('max_execution_time\t60\n');
  expect(await caps('?max_execution_time=99999&max_memory_usage=0&max_result_rows=-1&max_threads=64')).toBe(
    usual
  );
  expect(await caps('?max_execution_time=5')).toContain('max_execution_time\t5\n');
});

test('a reader may still see the settings, and name a column like the clause', async () => {
  expect((await ask("SHOW SETTINGS LIKE 'max_block_size'")).text).toContain('max_block_size');
  expect((await ask('SELECT x AS settings FROM (SELECT 1 AS x)')).text).toBe('1\n');
});

test('GET changes nothing, not even for the writer', async () => {
  const answer = await engine.ask('writer', '?query=TRUNCATE%20TABLE%20audit.event');
  expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([403, '164']);
});
