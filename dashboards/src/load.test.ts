import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ConfigError } from '@vigie/schemas';
import { loadBoards, parseBoard, shippedBoards } from './load.ts';
import { boards } from './vite-plugin.ts';

const shipped = readFileSync(join(shippedBoards, 'traffic.yaml'), 'utf8');
const refused = (change: (text: string) => string): string => {
  const text = change(shipped);
  expect(text).not.toBe(shipped);
  try {
    parseBoard(text, 'boards/traffic.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the board was accepted');
};

test('the shipped boards are those the pages show', () => {
  const reports = ['activity', 'sla', 'storage', 'traffic', 'turnaround'];
  expect(loadBoards().map((board) => board.id)).toEqual(expect.arrayContaining(reports));
});

test('the board of docs/boards.md is valid', () => {
  const docs = readFileSync(fileURLToPath(new URL('../../docs/boards.md', import.meta.url)), 'utf8');
  const example = /```yaml\n([\s\S]*?)```/.exec(docs)?.[1] ?? '';
  expect(parseBoard(example, 'boards/repeats.yaml').panels).toHaveLength(1);
});

test('every page of the documentation that a board sends its reader to is there', () => {
  const pages = readdirSync(shippedBoards).flatMap((file) => [
    ...readFileSync(join(shippedBoards, file), 'utf8').matchAll(/\bdocs\/[\w/-]+\.md\b/g)
  ]);
  expect(pages.length).toBeGreaterThan(10);
  const missing = pages.filter(([path]) => !existsSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)))); // prettier-ignore
  expect(missing.map(([path]) => path)).toEqual([]);
});

test('a misspelt setting is named with file and line', () => {
  const line = shipped.slice(0, shipped.indexOf('    kind: figure')).split('\n').length;
  expect(refused((text) => text.replace('    kind: figure', '    knid: figure'))).toContain(
    `boards/traffic.yaml:${line}:`
  );
});

test('a language left out is refused', () => {
  expect(refused((text) => text.replace('title: { fr: Flux, en: Traffic }', 'title: { fr: Flux }'))).toMatch(
    /traffic\.yaml:\d+:\d+ title\.en is missing/
  );
});

test('SQL without a window or a scope is refused, and so is a choice of sites that is not bound', () => {
  expect(refused((text) => text.replaceAll('{from:DateTime64(3)}', "'2026-01-01'"))).toContain(
    'does not bind {from:DateTime64(3)}'
  );
  expect(
    refused((text) => text.replaceAll(/(s\.)?establishment IN \{scope:Array\(String\)\}/g, '1'))
  ).toContain('does not bind {scope:Array(String)}');
  expect(refused((text) => text.replaceAll('AND s.site IN {sites:Array(String)}', ''))).toContain(
    'does not bind {sites:Array(String)}'
  );
});

test('what is pasted into SQL, a second statement, a star and another database are refused', () => {
  expect(refused((text) => text.replace('s.authoritative = 1', 's.site = ${site}'))).toContain(
    'pasted together'
  );
  expect(
    refused((text) => text.replace('HAVING transfers > 0', 'HAVING transfers > 0; DROP TABLE x'))
  ).toContain('one statement');
  expect(refused((text) => text.replace('SELECT ae, any(part)', 'SELECT *, any(part)'))).toContain(
    'name its columns'
  );
  expect(refused((text) => text.replace('FROM ops.transfer AS t', 'FROM vault.identity AS t'))).toContain(
    'outside the databases'
  );
});

test('a parameter no board has, or of another type, is named', () => {
  expect(refused((text) => text.replace('{now:DateTime64(3)}', '{clock:DateTime64(3)}'))).toContain(
    'binds {clock:…}, which no board has'
  );
  expect(refused((text) => text.replace('{now:DateTime64(3)}', '{now:String}'))).toContain(
    'its type is DateTime64(3)'
  );
});

test('a sentence that names an undeclared column, or that is not understood, is refused', () => {
  expect(refused((text) => text.replaceAll('{first cause}', '{first cuase}'))).toContain(
    'names the column "cuase", which is not declared'
  );
  expect(refused((text) => text.replaceAll('{first cause}', '{mean cause}'))).toContain(
    'does not understand {mean cause}'
  );
});

test('a picture without the columns it is drawn from is refused', () => {
  expect(refused((text) => text.replace('    series: site\n', ''))).toContain('needs "series"');
});

test('a file is named for its board', () => {
  expect(() => parseBoard(shipped, 'boards/flows.yaml')).toThrow('must be named traffic.yaml');
});

test('an invalid board fails the build and the check, with its file and line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-boards-'));
  try {
    cpSync(shippedBoards, folder, { recursive: true });
    expect(boards(folder).resolveId('virtual:vigie-boards')).toBeTruthy();
    writeFileSync(
      join(folder, 'traffic.yaml'),
      shipped.replace('kind: heat', 'kind: pie').replace('kind: bar', 'kind: pie')
    );
    expect(() => boards(folder).buildStart()).toThrow(/traffic\.yaml:\d+:\d+ panels\[\d\]\.kind/);
    const check = spawnSync(
      process.execPath,
      [fileURLToPath(new URL('./check.ts', import.meta.url)), folder],
      {
        encoding: 'utf8'
      }
    );
    expect(check.status).toBe(1);
    expect(check.stderr).toMatch(/traffic\.yaml:\d+:\d+/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
