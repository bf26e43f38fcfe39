import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import { pseudonym } from '@vigie/schemas/pseudonym';
import { expect, test } from 'vitest';
import { createDirectory } from './directory.ts';
import { bareAddress, NetworkTable } from './network.ts';
import { toEpoch } from './zone.ts';

const file = join(import.meta.dirname, '../../fixtures/vigie.yaml');
const config = parseConfig(readFileSync(file, 'utf8'), file);
const key = Buffer.alloc(32, 7);
const directory = createDirectory(config, key);

test('systems are known by every name they go by, without case save for AE titles', () => {
  expect(directory.systemByAuditSource(' viewer ')?.id).toBe('viewer');
  expect(directory.systemByHostname('PACS.ght.example')?.id).toBe('pacs');
  expect(directory.systemByHl7Application('ris')?.id).toBe('ris');
  expect(directory.systemByAe('NORD_CT1 ')?.id).toBe('nord-ct-1');
  expect(directory.systemByAe('nord_ct1')).toBeUndefined();
  expect(directory.systemByAuditSource('')).toBeUndefined();
});

test('sites are known by alias, id, name, FINESS, network and AE title', () => {
  for (const name of ['NORD', 'nord', 'CH Nord', '100000025', 'NORD^1.2.250&ISO'])
    expect(directory.siteByAlias(name)?.id, name).toBe('nord');
  expect(directory.siteByNetwork('::ffff:10.20.1.1')?.id).toBe('sud');
  expect(directory.siteByNetwork('fd00:20::7%eth0')?.id).toBe('sud');
  expect(directory.siteByAe('SUD_MR1')?.id).toBe('sud');
  expect(directory.siteByNetwork('192.0.2.1')).toBeUndefined();
  expect(directory.establishmentOf('sud')).toBe('clinique-sud');
  expect(directory.establishmentOf('')).toBe('');
});

test('the narrowest network wins', () => {
  const table = new NetworkTable<string>();
  table.add('10.0.0.0/8', 'wide');
  table.add('10.1.2.0/24', 'narrow');
  table.add('0.0.0.0/0', 'all');
  table.add('2001:db8::/32', 'six');
  expect(
    ['10.1.2.3', '10.9.9.9', '8.8.8.8', '2001:db8:1::1', '2001:db9::1'].map((one) => table.find(one))
  ).toEqual(['narrow', 'wide', 'all', 'six', undefined]);
  expect(bareAddress('[2001:db8::192.0.2.1]')).toBe('2001:db8::192.0.2.1');
  expect(bareAddress('pacs.example')).toBeNull();
});

test('a remembered pseudonym is the one that is computed', () => {
  const identifier = { authority: '1.2.250.1.999.10.1', value: '0012345' };
  expect(directory.pseudonym(identifier)).toEqual(pseudonym(key, identifier));
  expect(directory.pseudonym(identifier)).toEqual(pseudonym(key, identifier));
});

test('an unknown time zone stops the start', () => {
  const [first, ...rest] = config.systems;
  if (first === undefined) throw new Error('no system');
  const broken = { ...config, systems: [{ ...first, timezone: 'Europe/Troyes' }, ...rest] };
  expect(() => createDirectory(broken, key)).toThrow(/timezone "Europe\/Troyes"/);
});

test('clock times of Paris become instants, also around the changes of the clock', () => {
  const at = (text: string) =>
    new Date(toEpoch({ wall: Date.parse(`${text}Z`), offset: null }, 'Europe/Paris')).toISOString();
  expect(at('2026-11-24T08:05:00')).toBe('2026-11-24T07:05:00.000Z');
  expect(at('2026-07-14T08:05:00')).toBe('2026-07-14T06:05:00.000Z');
  expect(at('2026-10-25T02:30:00')).toBe('2026-10-25T01:30:00.000Z');
  expect(at('2026-10-25T01:59:59')).toBe('2026-10-24T23:59:59.000Z');
  expect(at('2026-03-29T01:59:59')).toBe('2026-03-29T00:59:59.000Z');
  expect(at('2026-03-29T03:00:00')).toBe('2026-03-29T01:00:00.000Z');
  expect(toEpoch({ wall: 0, offset: 90 }, 'Europe/Paris')).toBe(-5_400_000);
});
