import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from './parse.ts';

const shipped = readFileSync(new URL('../../../vigie.yaml', import.meta.url), 'utf8');
const refused = (text: string): string => {
  try {
    parseConfig(text, 'vigie.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the file was accepted');
};
const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length;

test('the shipped group is valid and names every system of the platform', () => {
  const config = parseConfig(shipped, 'vigie.yaml');
  expect(config.systems.map((system) => system.kind)).toEqual(
    expect.arrayContaining(['pacs', 'vna', 'ris', 'viewer', 'portal', 'archive', 'ai', 'modality'])
  );
  expect(config.sites).toHaveLength(3);
});

test('a misspelt setting is named with its line and how to mend it', () => {
  const text = shipped.replace('short_name: Troyes', 'short_nam: Troyes');
  const message = refused(text);
  expect(message).toContain(`vigie.yaml:${lineOf(text, 'short_nam:')}:`);
  expect(message).toContain('sites[0].short_nam is not a known setting');
  expect(message).toContain('sites[0].short_name is missing');
});

test('a FINESS number that YAML reads as a number is refused with the mend', () => {
  expect(refused(shipped.replace("finess_ej: '100000017'", 'finess_ej: 100000017'))).toContain(
    'must be quoted: nine digits'
  );
});

test('a reference to something undeclared lists what is declared', () => {
  expect(refused(shipped.replace('establishment: gham', 'establishment: ghma'))).toContain(
    'names the establishment "ghma", which is not declared (declared: ch-troyes, hpa, gham)'
  );
});

test('two systems cannot share one AE title', () => {
  expect(refused(shipped.replace("ae_titles: ['VNA']", "ae_titles: ['DEEPUNITY']"))).toContain(
    'already belongs to the system "deepunity"'
  );
});

test('YAML that does not parse is refused with its line', () => {
  expect(refused('organisation: { id: a\nsites: [')).toMatch(/vigie\.yaml:\d+:\d+ /);
});

test('an alias bomb is refused', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`)
  ].join('\n');
  expect(() => parseConfig(bomb, 'vigie.yaml')).toThrow();
});

test('variables are replaced, defaults hold, and a variable without either is named', () => {
  const config = parseConfig(shipped, 'vigie.yaml', { VIGIE_SIMULATOR_HTTP_PORT: '4242' });
  expect(config.pulls[0]?.url).toContain(':4242/');
  expect(parseConfig(shipped, 'vigie.yaml').pulls[0]?.url).toContain(':18480/');
  expect(refused(shipped.replace('id: ght-aube', 'id: ${VIGIE_GROUP}'))).toContain(
    '${VIGIE_GROUP} is not set'
  );
});
