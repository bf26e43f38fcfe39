import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote, tokens } from './lexer.ts';
import { parameters, readStatement } from './statement.ts';

test('an INSERT whose data follows is cut behind its format', () => {
  const sql = 'INSERT INTO t (a, `b`) SETTINGS x = 1 FORMAT JSONEachRow\n{"a":"FORMAT CSV; x"}';
  const statement = readStatement(sql);
  expect(statement).toMatchObject({
    kind: 'insert',
    head: 'INSERT INTO t (a, `b`)',
    settings: 'x = 1',
    format: 'JSONEachRow'
  });
  if (statement.kind === 'insert') expect(sql.slice(statement.dataAt)).toBe('{"a":"FORMAT CSV; x"}');
});

test.each([
  ['INSERT INTO t SELECT 1 FORMAT TSV', 'command'],
  ['insert into t values (1)', 'values'],
  ["INSERT INTO t FROM INFILE 'x' FORMAT TSV", 'command'],
  ['INSERT INTO t SELECT 1; DROP TABLE t', 'several'],
  ['SELECT 1; SELECT 2', 'several'],
  ['SELECT 1;;', 'output'],
  ['DROP TABLE t; ', 'command'],
  ['', 'command'],
  ['  -- only a comment', 'command']
])('%s is read as %s', (sql, kind) => expect(readStatement(sql).kind).toBe(kind));

test('a trailing FORMAT and SETTINGS are set apart, words inside strings and brackets are not', () => {
  expect(readStatement("SELECT 'FORMAT x' AS a, f(FORMAT) FORMAT CSV SETTINGS max_threads = 1;")).toEqual({
    kind: 'output',
    verb: 'SELECT',
    body: "SELECT 'FORMAT x' AS a, f(FORMAT)",
    format: 'CSV',
    settings: 'max_threads = 1'
  });
  expect(readStatement('SELECT 1 SETTINGS max_threads = 1')).toMatchObject({
    body: 'SELECT 1 SETTINGS max_threads = 1',
    format: undefined,
    settings: ''
  });
  expect(readStatement('-- FORMAT a\nWITH 1 AS x /* FORMAT b */ SELECT x')).toMatchObject({
    kind: 'output',
    format: undefined
  });
});

test.each([
  ["'it''s; \\'; x'", 'a string with both kinds of escapes'],
  ['$tag$ it\'s; "$tag$', 'a here-document'],
  ["‘it's;’", 'typographic quotes'],
  ['"a;""b"', 'a quoted name with a doubled quote'],
  ['`a;``b\\``', 'a name in backticks'],
  ["1 /* ' ; */ + 1", 'a block comment'],
  ["1 -- ' ;\n", 'a comment'],
  ["1 # ' ;\n", 'a comment of MySQL'],
  ["1 // ' ;\n", 'a comment of C']
])('no semicolon is seen inside %s (%s), and the one behind it is', (inside) => {
  expect(readStatement(`SELECT ${inside}`).kind).toBe('output');
  expect(readStatement(`SELECT ${inside}; SET readonly = 0`).kind).toBe('several');
});

test('parameters are found outside strings and comments only', () => {
  expect([
    ...parameters("SELECT {a:String}, '{b:String}', {c : Array(UInt8)}, {d:Identifier} -- {e:String}")
  ]).toEqual([
    ['a', 'String'],
    ['c', 'Array'],
    ['d', 'Identifier']
  ]);
});

test('parameters of a view that is made are for who asks it', () => {
  for (const create of ['CREATE VIEW', 'create or replace view', 'CREATE VIEW IF NOT EXISTS'])
    expect([...parameters(`${create} ops.v AS SELECT {a:String}`)]).toEqual([]);
  expect([...parameters('CREATE TABLE ops.t AS SELECT {a:String}')]).toHaveLength(1);
});

test('reading any text ends, never throws, and tokens never overlap', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (sql) => {
      readStatement(sql);
      let end = 0;
      for (const token of tokens(sql)) {
        expect(token.start).toBeGreaterThanOrEqual(end);
        ({ end } = token);
      }
    }),
    { numRuns: 1000 }
  );
});

test('a quoted string has no way out', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect([...tokens(quote(text))].map(({ kind, end }) => [kind, end])).toEqual([
        [text === '' ? 'string' : 'string', quote(text).length]
      ]);
    })
  );
});
