import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadBoards } from '@vigie/dashboards/load';
import { buildAuditMessage, dcm } from '@vigie/schemas/audit-message';
import { counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { vigie } from '@vigie/tools/testkit/vigie';
import { afterAll, beforeAll, expect, test } from 'vitest';

/*
 * Every route there is, found in the folder of routes, asked by every role in every way it can be asked: none may tell a name, an
 * identifier or a raw message to a reader it does not belong to. A route that is added is asked too.
 */
const folder = fileURLToPath(new URL('../../../routes/', import.meta.url));
const people = {
  troyes: { alias: 'CHT', patient: '7000001', name: 'DUPONT^Zoé', agent: 'agent-cht' },
  gham: { alias: 'GHAM', patient: '7000002', name: 'DURAND^Paul', agent: 'agent-gham' },
  hpa: { alias: 'HPA', patient: '7000003', name: 'LEGRAND^Anne', agent: 'agent-hpa' }
} as const;
type Place = keyof typeof people;
const places = Object.keys(people) as Place[];

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let ids: Record<Place, string>;
let pseudonyms: string[];
/** Exports that any reader made so far. */
const exported = new Set<string>();

const message = (place: Place) => {
  const { alias, patient, name, agent } = people[place];
  return `<85>1 ${new Date().toISOString()} pacs.ght-aube.example DEEPUNITY - IHE+RFC-3881 - ${buildAuditMessage({
    event: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    outcome: 0,
    dateTime: new Date(Date.now() - 60_000).toISOString(),
    participants: [
      { userId: agent, userName: `Nom ${agent}`, requestor: true, roles: [{ code: 'radiologue', system: 'GHT', text: 'Radiologue' }] }
    ],
    sourceId: 'DEEPUNITY',
    enterpriseSiteId: alias,
    objects: [
      { id: `1.2.250.1.${patient}`, idType: dcm('110180', 'Study Instance UID'), type: 2, role: 3 },
      { id: `${patient}^^^GHT&1.2.250.1.999.10.1&ISO^PI`, idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' }, type: 1, role: 1, name }
    ]
  })}`; // prettier-ignore
};

/** Accounts, and the places whose names and messages they may see behind a purpose. */
const readers: Record<string, readonly Place[]> = {
  dpo: ['troyes', 'gham'],
  dsi: [],
  direction: [],
  rssi: [],
  auditor: [],
  admin: [],
  'dpo-hpa': ['hpa']
};

beforeAll(async () => {
  engine = await startTestEngine();
  const accounts = [
    '{ login: dpo-hpa, name: DPO of the partner, role: dpo, establishments: [hpa] }',
    ...['rssi', 'auditor', 'admin'].map(
      (role) => `{ login: ${role}, name: ${role}, role: ${role}, establishments: all }`
    )
  ];
  const configText = quietConfig().replace(
    /^accounts:\n/m,
    `accounts:\n${accounts.map((one) => `  - ${one}\n`).join('')}`
  );
  collector = await startTestCollector(engine, { configText });
  shown = await startTestConsole(engine, collector);
  await sendTcp(
    collector.ports.syslog,
    places.map((place) => counted(message(place)))
  );
  const rows = await until(
    () =>
      engine.rows<{ site: Place; id: string; patient: string; actor: string }>(
        `SELECT site, concat(collector, '-', lane, '-', toString(seq), '-', toString(sub)) AS id, lower(hex(patients[1])) AS patient,
           actor_id AS actor FROM audit.event WHERE lane = 'audit'`
      ),
    (found) => found.length === places.length
  );
  ids = Object.fromEntries(rows.map(({ site, id }) => [site, id])) as Record<Place, string>;
  pseudonyms = rows.flatMap(({ patient, actor }) => [patient, actor]);
});
afterAll(async () => {
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
});

/** Addresses of a route: its parameters filled with everything that could be asked. */
function addressesOf(route: string): string[] {
  const path = `/${relative(folder, route)}`.replaceAll(/\/\([^)]*\)/g, '') || '/';
  if (path.includes('[board]'))
    return loadBoards().flatMap(({ id, panels }) =>
      panels.map((panel) => path.replace('[board]', id).replace('[panel]', panel.id))
    );
  if (path.includes('[...rest]'))
    return ['Patient', 'AuditEvent/$export'].map((rest) => path.replace('[...rest]', rest));
  if (path.includes('/export/[')) return [...exported].map((id) => path.replace('[id]', id));
  if (!path.includes('[')) return [path];
  return [...Object.values(ids), 'deepunity'].map((id) => path.replace(/\[[^\]]*\]/, id));
}

/** Ways to ask a route: methods it exports, actions it has. */
function waysOf(file: string): { readonly method: string; readonly query: string }[] {
  const text = readFileSync(file, 'utf8');
  const exported = [...text.matchAll(/export const (GET|POST|PUT|PATCH|DELETE|fallback)\b/g)].map(
    ([, name = '']) => (name === 'fallback' ? 'PUT' : name)
  );
  const after = text.split(/export const actions\b/)[1] ?? '';
  const actions = [...after.matchAll(/^ {2}(\w+)(?::|\()/gm)].map(([, name]) =>
    name === 'default' ? '' : `?/${name}`
  );
  return [
    ...exported.map((method) => ({ method, query: '' })),
    ...actions.map((query) => ({ method: 'POST', query }))
  ];
}

const form = {
  kind: 'patient',
  identifier: `${people.troyes.patient}`,
  purpose: 'control',
  reference: 'contrôle 2026-12',
  name: 'essai',
  format: 'csv',
  id: '0'
};
const queries = [
  '',
  '?period=12m&patient=1&study=1.2.250.1.7000001&actor=1',
  '?date=ge2020-01-01&date=le2030-01-01'
];

/** What must be in no answer to a reader who may see these places. */
function secretsBeyond(allowed: readonly Place[]): string[] {
  const of = places.filter((place) => !allowed.includes(place)).map((place) => people[place]);
  const names = of.flatMap(({ name, agent, patient }) => [
    ...name.split('^'),
    agent,
    `${patient}^^^`,
    `${patient}\\u0026`
  ]);
  return allowed.length === 0
    ? [...names, ...pseudonyms, 'ParticipantObjectName', 'ActiveParticipant']
    : names;
}

test.each(Object.entries(readers))(
  '%s learns no name and no message beyond %j by any route',
  { timeout: 400_000 },
  async (login, allowed) => {
    const reader = await shown.reader(login);
    const secrets = secretsBeyond(allowed);
    let asked = 0;
    const names = allowed.map((place) => people[place].name.split('^')[0] ?? '');
    const met = new Set<string>();
    const look = async (where: string, answer: Promise<{ text: string; location: string | null }>) => {
      const { text, location } = await answer;
      asked++;
      for (const name of names) if (text.includes(name)) met.add(name);
      for (const secret of secrets)
        expect(`${location ?? ''} ${text}`.includes(secret), `${login} ${where} tells ${secret}`).toBe(false);
    };
    for (const format of ['csv', 'bundle'])
      await look('an export', reader.post('/access/export?/start&period=24h', { format }));
    const made = (await reader.get('/access/export')).text;
    const own = [...made.matchAll(/\/access\/export\/([\w-]+)\/file/g)].map(([, id = '']) => id);
    expect(own.length > 0).toBe(!['direction', 'admin'].includes(login));
    for (const id of own) exported.add(id);

    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(({ name }) => /^\+(page|page\.server|server)\.(svelte|ts)$/.test(name))
      .map(({ name, parentPath }) => join(parentPath, name));
    expect(files.length).toBeGreaterThan(20);
    const questions: (() => Promise<void>)[] = [];
    for (const route of new Set(files.map((one) => dirname(one)))) {
      if (/sign-in|sign-out|password/.test(route)) continue;
      const servers = ['+page.server.ts', '+server.ts'].map((name) => join(route, name));
      const ways = servers.filter((one) => files.includes(one)).flatMap(waysOf);
      for (const address of addressesOf(route)) {
        for (const query of address.startsWith('/rows/') ? ['?period=24h'] : queries)
          questions.push(() => look(`GET ${address}${query}`, reader.get(`${address}${query}`)));
        const data = `${address === '/' ? '' : address}/__data.json?period=24h`;
        questions.push(() => look(`GET ${data}`, reader.get(data)));
        for (const { method, query } of ways)
          if (method === 'POST')
            questions.push(() => look(`POST ${address}${query}`, reader.post(`${address}${query}`, form)));
      }
    }
    const next = async (): Promise<void> => {
      for (let question = questions.pop(); question; question = questions.pop()) await question();
    };
    await Promise.all(Array.from({ length: 4 }, next));
    expect(asked).toBeGreaterThan(100);
    // The questions are the right ones: who may know is told.
    expect([...met].toSorted()).toEqual(names.toSorted());
  }
);

test('no search token opens more than the role and the establishments it was made for', async () => {
  const make = (...words: string[]) =>
    vigie({ engine, collector }, ['token', 'create', '--name', 'essai', ...words]);
  const purpose = ['--purpose', 'control', '--reference', 'contrôle 2026-12'];
  for (const words of [
    ['--role', 'direction', '--establishment', 'all'],
    ['--role', 'admin', '--establishment', 'all'],
    ['--role', 'dsi', '--establishment', 'all', '--right', 'identities', ...purpose],
    ['--role', 'rssi', '--establishment', 'all', '--right', 'messages', ...purpose]
  ])
    expect((await make(...words)).code, words.join(' ')).not.toBe(0);
  const tokens: [string, readonly Place[], readonly string[]][] = [
    ['dsi', [], ['--role', 'dsi', '--establishment', 'all']],
    ['rssi', [], ['--role', 'rssi', '--establishment', 'all']],
    ['auditor', [], ['--role', 'auditor', '--establishment', 'all']],
    [
      'dpo of hpa',
      ['hpa'],
      ['--role', 'dpo', '--establishment', 'hpa', '--right', 'identities', '--right', 'messages', ...purpose]
    ]
  ];
  for (const [who, allowed, words] of tokens) {
    const made = await make(...words);
    expect([made.code, made.err]).toEqual([0, expect.any(String)]);
    const headers = { authorization: `Bearer ${made.out.trim()}` };
    const period = 'date=ge2020-01-01&date=le2030-01-01';
    for (const path of [
      `/fhir/AuditEvent?${period}`,
      `/fhir/AuditEvent?${period}&patient.identifier=${people.troyes.patient}`,
      `/fhir/AuditEvent?${period}&_count=200`,
      ...Object.values(ids).map((id) => `/fhir/AuditEvent/${id}`),
      `/syslogsearch?${period}`,
      `/fhir/syslogsearch?${period}`
    ]) {
      const response = await fetch(`${shown.url}${path}`, { headers });
      const text = await response.text();
      for (const secret of secretsBeyond(allowed).filter((one) => one !== 'ActiveParticipant'))
        expect(text.includes(secret), `${who} ${path} tells ${secret}`).toBe(false);
    }
  }
});
