import { readFileSync } from 'node:fs';
import { parseConfig, type Role } from '@vigie/schemas';
import { describe, expect, test } from 'vitest';
import { namesOf } from '../board/shown.ts';
import { parameterValues } from '../board/parameters.ts';
import { scopeOf } from './reader.ts';
import { objectivesOf, systemSeen, systemsSeen } from './systems-seen.ts';

const roles: readonly Role[] = ['dsi', 'dpo', 'direction', 'rssi', 'auditor', 'admin'];
const file = new URL('../../../../../vigie.yaml', import.meta.url);
const account = (role: string, login: string, of: string) =>
  `  - { login: ${login}, name: X, role: ${role}, establishments: ${of} }\n`;
const config = parseConfig(
  readFileSync(file, 'utf8')
    .replace(
      /^systems:\n/m,
      `systems:\n  - { id: troyes-archive, name: Archive locale de Troyes, kind: archive, site: troyes, ae_titles: ['TRO_ARC'] }\n`
    )
    .replace(
      /^objectives:\n/m,
      `objectives:\n  - { id: local, name: { fr: Locale, en: Local }, system: troyes-archive, probes: [vna-echo], target_percent: 99 }\n`
    )
    .replace(
      /^accounts:\n/m,
      `accounts:\n${roles.map((role) => account(role, `gham-${role}`, '[gham]') + account(role, `troyes-${role}`, '[ch-troyes]') + account(role, `whole-${role}`, 'all')).join('')}`
    ),
  'vigie.yaml'
);
const readerOf = (login: string) => {
  const found = config.accounts.find((one) => one.login === login);
  if (!found) throw new Error(`no account ${login}`);
  return { scope: scopeOf(found, config) };
};
const shared = config.systems.filter(({ site }) => site === undefined).map(({ id }) => id);
const now = new Date('2026-11-24T00:00:00Z');
const window = { from: now, to: now, complete: now, before_from: now, before_to: now, grain: 'day' } as const;

describe.each(roles)('whatever the role, here %s,', (role) => {
  test('a reader sees what all share and the systems of their establishments, in the order of vigie.yaml', () => {
    const seen = (who: string) => systemsSeen(readerOf(`${who}-${role}`), config).map(({ id }) => id);
    expect(seen('whole')).toEqual(config.systems.map(({ id }) => id));
    const gham = config.systems.filter(({ site }) => site === undefined || site === 'gham');
    expect(seen('gham')).toEqual(gham.map(({ id }) => id));
    expect(seen('gham').length).toBeGreaterThan(shared.length);
    expect(seen('troyes')).toEqual(expect.arrayContaining(['troyes-archive', 'troyes-ct-1', ...shared]));
    expect(seen('troyes')).not.toContain('gham-ct-1');
    expect(systemSeen(readerOf(`gham-${role}`), config, 'troyes-archive')).toBeUndefined();
    expect(systemSeen(readerOf(`troyes-${role}`), config, 'troyes-archive')?.kind).toBe('archive');
  });

  test('objectives, archives, modalities and rooms are those of the systems seen', () => {
    const told = (who: string) => {
      const reader = readerOf(`${who}-${role}`);
      const { archives, modalities, rooms } = parameterValues(config, { ...reader, sites: [] }, window, now);
      return {
        objectives: objectivesOf(reader, config).map(({ id }) => id),
        archives: archives.map(([id]) => id),
        sites: [...new Set([...modalities.map(([, site]) => site), ...rooms.map(([, , site]) => site)])]
      };
    };
    expect(told('gham')).toMatchObject({ archives: ['deepunity', 'vna', 'pulsy'], sites: ['gham'] });
    expect(told('gham').objectives).not.toContain('local');
    expect(told('gham').objectives.length).toBeGreaterThan(0);
    expect(told('troyes')).toMatchObject({ archives: ['troyes-archive', 'deepunity', 'vna', 'pulsy'], sites: ['troyes'] }); // prettier-ignore
    expect(told('whole').objectives).toContain('local');
  });
});

test.each([
  ['a director of one site', 'gham-direction', 'troyes'],
  ['the DPO of another establishment', 'troyes-dpo', 'gham']
])('the picture of flows that %s sees names no system of others, nor takes one for undeclared', (_, login, other) => {
  const reader = readerOf(login);
  const places = new Map(parameterValues(config, { ...reader, sites: [] }, window, now).nodes);
  const names = namesOf(config, 'en', reader).nodes ?? {};
  for (const { id, site } of config.systems) {
    const place = places.get(id) ?? '';
    expect(names[place]?.name, id).toBeDefined();
    expect(place === 'others', id).toBe(systemSeen(reader, config, id) === undefined);
    if (site === other) expect(place).toBe('others');
  }
  expect(names['others']?.name).toBe('Other establishments');
  expect(Object.keys(names)).not.toContain(`modalities:${other}`);
  expect([...places.values()]).not.toContain(`modalities:${other}`);
}); // prettier-ignore

test('a reader of the whole group has every system in its own place', () => {
  const values = parameterValues(config, { ...readerOf('whole-dsi'), sites: [] }, window, now);
  expect(values.nodes.map(([, place]) => place)).not.toContain('others');
});
