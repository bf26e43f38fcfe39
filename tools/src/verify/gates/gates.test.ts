import { expect, test } from 'vitest';
import type { Gate, Source } from '../gate.ts';
import { auditedRoutes } from './audited-routes.ts';
import { docPaths } from './doc-paths.ts';
import { environment } from './environment.ts';
import { fileLength } from './file-length.ts';
import { leftovers } from './leftovers.ts';
import { migrations } from './migrations.ts';
import { settingsInDocs, withSettingsTable } from './settings-table.ts';
import { stageWalls } from './stage-walls.ts';
import { workspaceWalls } from './workspace-walls.ts';

const file = (path: string, text: string): Source => ({ path, text });
const found = (gate: Gate, ...sources: Source[]) => gate(sources).map(({ path, line }) => `${path}:${line}`);

test('a file of 400 lines passes, one of 401 does not, unless it is a test or a list of words', () => {
  const lines = (n: number) => 'x\n'.repeat(n);
  expect(found(fileLength, file('store/src/a.ts', lines(400)))).toEqual([]);
  expect(found(fileLength, file('store/src/a.ts', lines(401)))).toEqual(['store/src/a.ts:401']);
  expect(found(fileLength, file('console/src/a.svelte', lines(401)))).toHaveLength(1);
  const apart = ['store/src/a.test.ts', 'console/src/lib/text/fr.ts', 'schemas/src/vocabulary/codes.ts'];
  expect(found(fileLength, ...apart.map((path) => file(path, lines(900))))).toEqual([]);
});

test('a workspace is imported by name, and only where the data’s way leads', () => {
  const bad = [
    file('schemas/src/a.ts', "import { x } from '@vigie/store';\n"),
    file('store/src/a.ts', "\nimport { x } from '@vigie/collector';\n"),
    file('console/src/a.ts', "import { x } from '@vigie/collector/main';\n"),
    file('collector/src/a.ts', "import { x } from '../../store/src/client.ts';\n"),
    file('collector/src/b.ts', "import { x } from '@vigie/tools/testkit/engine';\n"),
    file('simulator/src/a.ts', "const x = await import('@vigie/store');\n")
  ];
  expect(found(workspaceWalls, ...bad)).toEqual(
    bad.map(({ path }) => `${path}:${path.startsWith('store') ? 2 : 1}`)
  );
  const good = [
    file('store/src/a.ts', "import { x } from '@vigie/schemas';\nimport { y } from '../b.ts';\n"),
    file('collector/src/a.ts', "import type { X } from '@vigie/store/client';\n"),
    file('collector/src/a.test.ts', "import { x } from '@vigie/tools/testkit/engine';\n"),
    file('tools/src/a.ts', "import { x } from '@vigie/dashboards';\n")
  ];
  expect(found(workspaceWalls, ...good)).toEqual([]);
});

test('a stage of the collector knows what stands before it, and observers know shapes only', () => {
  const at = (path: string, target: string, type = '') =>
    file(`collector/src/${path}`, `import ${type}{ X } from '${target}';\n`);
  expect(
    found(
      stageWalls,
      at('decode/a.ts', '../receive/http.ts'),
      at('spool/a.ts', '../store/drain.ts'),
      at('observe/a.ts', '../receive/http.ts'),
      at('normalise/hl7/a.ts', '../../judge-hl7.ts')
    )
  ).toEqual([
    'collector/src/decode/a.ts:1',
    'collector/src/spool/a.ts:1',
    'collector/src/observe/a.ts:1',
    'collector/src/normalise/hl7/a.ts:1'
  ]);
  expect(
    found(
      stageWalls,
      at('main.ts', './receive/http.ts'),
      at('receive/a.ts', '../judge.ts'),
      at('observe/a.ts', '../receive/http.ts', 'type '),
      at('receive/a.test.ts', '../main.ts')
    )
  ).toEqual([]);
});

test('the environment is read in config.ts and nowhere else', () => {
  const text = 'const a = 1;\nconst b = process.env.HOME;\n';
  expect(found(environment, file('collector/src/receive/http.ts', text))).toEqual([
    'collector/src/receive/http.ts:2'
  ]);
  const apart = [
    'collector/src/config.ts',
    'console/src/lib/server/kit-environment.config.ts',
    'tools/src/a.ts'
  ];
  expect(found(environment, ...apart.map((path) => file(path, text)))).toEqual([]);
});

test('notes of unfinished work, lone and skipped tests, and silenced checks without reason are found', () => {
  const bad = [
    '// TODO later',
    'test.only("x", () => {});',
    'describe.skip("x", () => {});',
    '// @ts-ignore',
    '// eslint-disable-next-line no-console'
  ];
  expect(found(leftovers, file('store/src/a.ts', bad.join('\n')))).toEqual(
    bad.map((_, i) => `store/src/a.ts:${i + 1}`)
  );
  const good =
    '// eslint-disable-next-line no-console -- the command answers here\nconst todo = pending();\n';
  expect(found(leftovers, file('store/src/a.ts', good))).toEqual([]);
});

test('links and paths in documents lead somewhere', () => {
  const sources = [
    file('docs/a.md', 'see [b](inputs/b.md#part), [site](https://x.fr) and `store/src/client.ts`\n'),
    file('docs/inputs/b.md', '[gone](../c.md)\n`collector/src/gone.ts` and ![picture](../images/a.png)\n'),
    file('docs/images/a.png', ''),
    file('store/src/client.ts', '')
  ];
  expect(found(docPaths, ...sources)).toEqual(['docs/inputs/b.md:1', 'docs/inputs/b.md:2']);
});

test('the table of settings in a document is renewed, and told when it is stale', () => {
  const text =
    '# Flags\n\n<!-- settings: made from tools/src/start/settings.ts by npm run verify -- --fix -->\nold\n<!-- /settings -->\n';
  expect(found(settingsInDocs, file('README.md', text))).toEqual(['README.md:3']);
  const renewed = withSettingsTable(text);
  expect(renewed).toContain('`VIGIE_CONSOLE_PORT`');
  expect(found(settingsInDocs, file('README.md', renewed))).toEqual([]);
  expect(withSettingsTable(renewed)).toBe(renewed);
});

test('migrations have no gap, say what they serve, and are all in structure.sql', () => {
  const structure = file('schemas/ddl/structure.sql', 'CREATE TABLE a.b\n(\n`x` UInt8\n);\n');
  const first = file('schemas/ddl/0001-a.sql', '-- serves a\nCREATE TABLE IF NOT EXISTS a.b (x UInt8);\n');
  expect(found(migrations, first, structure)).toEqual([]);
  expect(found(migrations, first)).toEqual(['schemas/ddl/structure.sql:1']);
  const third = file('schemas/ddl/0003-c.sql', 'CREATE TABLE IF NOT EXISTS a.c (x UInt8);\n');
  expect(migrations([first, third, structure]).map(({ wrong }) => wrong)).toEqual([
    'should be number 0002',
    'does not say what it serves',
    'makes a.c, which structure.sql does not hold'
  ]);
});

test('a route that reads the access audit must record the look', () => {
  const path = 'console/src/routes/(app)/access/+page.server.ts';
  const read = "import { accessList } from '#lib/server/query/access.ts';\n";
  const record = "import { logUsed } from '#lib/server/own-audit/own-audit.ts';\n";
  expect(found(auditedRoutes, file(path, read))).toEqual([`${path}:1`]);
  expect(found(auditedRoutes, file(path, read + record))).toEqual([`${path}:1`]);
  expect(found(auditedRoutes, file(path, `${read}${record}await ownAudit.record(logUsed());\n`))).toEqual([]);
  const answering = 'console/src/lib/server/fhir/answer-x.ts';
  const looks = "import { searchPage } from './search.ts';\n";
  expect(found(auditedRoutes, file(answering, looks))).toEqual([`${answering}:1`]);
  const tells =
    "import { searched } from '../own-audit/search-used.ts';\nawait ownAudit.record(searched());\n";
  expect(found(auditedRoutes, file(answering, looks + tells))).toEqual([]);
  const types = "import type { AccessRow } from '#lib/server/query/access.ts';\n";
  expect(found(auditedRoutes, file(path, types))).toEqual([]);
});
