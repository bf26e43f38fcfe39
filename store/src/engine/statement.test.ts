import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calledNames, parameterNames, quote, readStatement } from './statement.ts';

test('an INSERT whose data follows is cut behind its format', () => {
  const sql = 'INSERT INTO t (a, `b`) SETTINGS x = 1 FORMAT JSONEachRow\n{"a":"FORMAT CSV"}';
  const statement = readStatement(sql);
  expect(statement).toMatchObject({
    kind: 'insert-data',
    head: 'INSERT INTO t (a, `b`)',
    settings: 'x = 1',
    format: 'JSONEachRow'
  });
  if (statement.kind === 'insert-data') expect(sql.slice(statement.dataAt)).toBe('{"a":"FORMAT CSV"}');
});

test.each([
  'INSERT INTO t SELECT 1 FORMAT TSV',
  'insert into t values (1)',
  'INSERT INTO t FORMAT VALUES (1)'
])('an INSERT that carries its rows in SQL is a command: %s', (sql) =>
  expect(readStatement(sql).kind).toBe('command')
);

test('a trailing FORMAT and SETTINGS are set apart, words inside strings and brackets are not', () => {
  expect(readStatement("SELECT 'FORMAT x' AS a, f(FORMAT) FORMAT CSV SETTINGS max_threads = 1;")).toEqual({
    kind: 'output',
    body: "SELECT 'FORMAT x' AS a, f(FORMAT)",
    format: 'CSV',
    settings: 'max_threads = 1'
  });
  expect(readStatement('SELECT 1 SETTINGS max_threads = 1')).toMatchObject({
    format: undefined,
    settings: ''
  });
  expect(readStatement('-- FORMAT a\nWITH 1 AS x /* FORMAT b */ SELECT x')).toMatchObject({
    kind: 'output',
    format: undefined
  });
});

test('parameters and called names are found outside strings and comments only', () => {
  expect(parameterNames("SELECT {a:String}, '{b:String}', {c : Array(UInt8)} -- {d:String}")).toEqual([
    'a',
    'c'
  ]);
  expect([...calledNames("SELECT count() FROM `file`('x') -- url('y')\n, 'url('")]).toEqual([
    'count',
    'file'
  ]);
});

test('reading any text ends, and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (sql) => void readStatement(sql)),
    { numRuns: 2000 }
  );
});

test('a quoted string has no way out', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const inside = quote(text)
        .slice(1, -1)
        .replaceAll(/\\[\s\S]/g, '');
      expect(inside).not.toContain("'");
    })
  );
});
