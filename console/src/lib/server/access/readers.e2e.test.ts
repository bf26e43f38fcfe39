import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAuditMessage, dcm } from '@vigie/schemas/audit-message';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { sendTcp, counted } from '@vigie/tools/testkit/audit-messages';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let ids: Record<string, string>;

const message = (site: string, patient: string, name: string) =>
  `<85>1 ${new Date().toISOString()} pacs.ght-aube.example DEEPUNITY - IHE+RFC-3881 - ${buildAuditMessage({
    event: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    outcome: 0,
    dateTime: new Date(Date.now() - 60_000).toISOString(),
    participants: [
      {
        userId: `agent-${site}`,
        userName: `Agent ${site}`,
        requestor: true,
        roles: [{ code: 'radiologue', system: 'GHT', text: 'Radiologue' }]
      }
    ],
    sourceId: 'DEEPUNITY',
    enterpriseSiteId: site,
    objects: [
      { id: `1.2.250.1.${patient}`, idType: dcm('110180', 'Study Instance UID'), type: 2, role: 3 },
      {
        id: `${patient}^^^GHT&1.2.250.1.999.10.1&ISO^PI`,
        idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' },
        type: 1,
        role: 1,
        name
      }
    ]
  })}`;

/** The session of someone who has not changed the first password. */
async function cookieOf(login: string, password: string): Promise<string> {
  const response = await fetch(`${shown.url}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ login, password }),
    headers: { origin: shown.url },
    redirect: 'manual'
  });
  return response.headers.getSetCookie().map((one) => one.split(';')[0]).join('; '); // prettier-ignore
}

async function until(work: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await work()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it did not happen in time');
}

beforeAll(async () => {
  engine = await startTestEngine();
  const accounts = [
    '{ login: dpo-hpa, name: DPO of the partner, role: dpo, establishments: [hpa] }',
    '{ login: rssi, name: RSSI, role: rssi, establishments: all }',
    '{ login: auditor, name: Auditor, role: auditor, establishments: all }'
  ];
  const configText = quietConfig().replace(
    /^accounts:\n/m,
    `accounts:\n${accounts.map((one) => `  - ${one}\n`).join('')}`
  );
  collector = await startTestCollector(engine, { configText });
  shown = await startTestConsole(engine, collector);
  const messages = [
    message('CHT', '0001', 'DUPONT^Zoé'),
    message('GHAM', '0002', 'DURAND^Paul'),
    message('HPA', '0003', 'LEGRAND^Anne')
  ];
  await sendTcp(collector.ports.syslog, messages.map(counted));
  await until(async () => (await engine.rows("SELECT 1 FROM audit.event WHERE lane = 'audit'")).length === 3);
  const rows = await engine.rows<{ site: string; id: string }>(
    "SELECT site, concat(collector, '-', lane, '-', toString(seq), '-', toString(sub)) AS id FROM audit.event WHERE lane = 'audit'"
  );
  ids = Object.fromEntries(rows.map(({ site, id }) => [site, id]));
});
afterAll(async () => {
  await shown.stop();
  await collector.stop();
  await engine.stop();
});

const purpose = { purpose: 'patient-request', reference: 'demande 2026-118' };
const ownAudits = (type: string) =>
  engine
    .rows<{ n: number }>(
      `SELECT count() AS n FROM audit.event WHERE lane = 'own' AND has(event_types, '${type}')`
    )
    .then(([row]) => row?.n ?? 0);

test('without a session every page leads to the sign-in', async () => {
  for (const path of ['/', '/access', `/access/${ids['troyes']}`, '/sources', '/sla']) {
    const response = await fetch(`${shown.url}${path}`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sign-in']);
  }
});

test('a first password opens nothing, neither page, action nor data, until it is changed', async () => {
  const cookie = await cookieOf('dpo', shown.passwords.get('dpo') ?? '');
  for (const [path, init] of [
    ['/access', {}],
    ['/access/__data.json?x-sveltekit-invalidated=001', {}],
    [`/access/${ids['troyes']}?/reveal`, { method: 'POST', body: new URLSearchParams(purpose) }]
  ] as const) {
    const response = await fetch(`${shown.url}${path}`, {
      ...init,
      redirect: 'manual',
      headers: { cookie, origin: shown.url }
    });
    const text = `${response.headers.get('location') ?? ''} ${await response.text()}`;
    expect(text, path).toContain('/password');
    expect(text, path).not.toMatch(/DUPONT|c1-audit/);
  }
});

test('a first password must be changed before anything is shown, and then leaves the file', async () => {
  expect(readFileSync(join(engine.dataFolder, 'passwords.txt'), 'utf8')).toContain('direction ');
  await shown.reader('direction');
  expect(readFileSync(join(engine.dataFolder, 'passwords.txt'), 'utf8')).not.toContain('direction ');
});

test('a DPO reads the accesses of the establishments that designated them, and of no other', async () => {
  const dpo = await shown.reader('dpo');
  const { status, text } = await dpo.get('/access?period=24h');
  expect(status).toBe(200);
  expect(text).toContain(`/access/${ids['troyes']}`);
  expect(text).toContain(`/access/${ids['gham']}`);
  expect(text).not.toContain(ids['hpa']);
  expect((await dpo.get(`/access/${ids['hpa']}`)).status).toBe(404);
  expect((await dpo.post(`/access/${ids['hpa']}?/reveal`, purpose)).status).toBe(404);
  expect((await dpo.get('/access?site=hpa')).text).not.toContain(ids['hpa']);
});

test.each(['dsi', 'direction'])(
  '%s reaches neither identity nor raw message by page, action or data',
  async (login) => {
    const reader = await shown.reader(login);
    const detail = `/access/${ids['troyes']}`;
    expect((await reader.get(detail)).status).toBe(403);
    expect((await reader.get(`${detail}/__data.json`)).text).not.toMatch(/DUPONT|agent-CHT|0001/);
    for (const action of ['reveal', 'raw']) {
      const answer = await reader.post(`${detail}?/${action}`, purpose);
      expect(answer.status).toBe(403);
      expect(answer.text).not.toContain('DUPONT');
    }
    expect(
      (await reader.post('/access?/seek', { kind: 'patient', identifier: '0001', purpose: 'control' })).status
    ).toBe(403);
  }
);

test('the DSI reads acts and systems, never a person, a patient or a study', async () => {
  const dsi = await shown.reader('dsi');
  const page = await dsi.get('/access?period=24h');
  const data = await dsi.get('/access/__data.json?period=24h');
  const [row] = await engine.rows<{ actor: string; patient: string }>(
    "SELECT actor_id AS actor, lower(hex(patients[1])) AS patient FROM audit.event WHERE lane = 'audit' LIMIT 1"
  );
  for (const { text } of [page, data]) {
    expect(text).toContain(ids['hpa']);
    // Asking by a study would tell who looked at one patient.
    expect((await dsi.get('/access?period=24h&study=1.2.250.1.0001')).text).toContain(ids['hpa']);
    for (const secret of [row?.actor, row?.patient, '1.2.250.1.0001', 'Agent', 'DUPONT'])
      expect(text).not.toContain(secret);
  }
});

test('the DPO of another establishment reads its accesses and no other', async () => {
  const dpo = await shown.reader('dpo-hpa');
  const { text } = await dpo.get('/access?period=24h');
  expect(text).toContain(`/access/${ids['hpa']}`);
  expect(text).not.toContain(ids['troyes']);
  for (const path of [`/access/${ids['troyes']}`, `/access/${ids['troyes']}/__data.json`])
    expect((await dpo.get(path)).text).not.toMatch(/agent-CHT|1\.2\.250\.1\.0001/);
  for (const act of ['reveal', 'raw']) {
    const answer = await dpo.post(`/access/${ids['troyes']}?/${act}`, purpose);
    expect([answer.status, answer.text.includes('DUPONT')]).toEqual([404, false]);
  }
});

test('the auditor reads what readers of Vigie did, the RSSI what concerns security, neither an access', async () => {
  await shown.reader('dsi');
  for (const login of ['rssi', 'auditor']) {
    const reader = await shown.reader(login);
    const { status, text } = await reader.get('/access?period=24h');
    expect(status).toBe(200);
    for (const id of Object.values(ids)) expect(text).not.toContain(id);
    expect((await reader.get(`/access/${ids['troyes']}`)).status).toBe(403);
  }
  const auditor = await shown.reader('auditor');
  await until(async () => (await auditor.get('/access?period=24h')).text.includes('c1-own-'));
});

test('directors see no access page, and the refusal says who does', async () => {
  const { status, text } = await (await shown.reader('direction')).get('/access');
  expect(status).toBe(403);
  expect(text).toContain('DPO');
});

test('a purpose opens identities and the original message once, and the log says so', async () => {
  const dpo = await shown.reader('dpo');
  const before = await ownAudits('reveal');
  const revealed = await dpo.post(`/access/${ids['troyes']}?/reveal`, purpose);
  expect(revealed.status).toBe(200);
  expect(revealed.text).toContain('DUPONT^Zoé');
  expect(revealed.text).toContain('agent-CHT');
  const raw = await dpo.post(`/access/${ids['troyes']}?/raw`, purpose);
  expect(raw.text).toContain('ParticipantObjectName');
  expect((await dpo.get(`/access/${ids['troyes']}`)).text).not.toContain('DUPONT');
  await until(async () => (await ownAudits('reveal')) === before + 1 && (await ownAudits('raw')) > 0);
});

test('without a reference nothing is opened', async () => {
  const answer = await (
    await shown.reader('dpo')
  ).post(`/access/${ids['troyes']}?/reveal`, { purpose: 'control', reference: 'x' });
  expect(answer.status).toBe(400);
  expect(answer.text).not.toContain('DUPONT');
});

test.each(['0001', '0001^^^GHT&1.2.250.1.999.10.1&ISO^PI'])(
  'a patient is found by %s, and the address holds no identifier',
  async (identifier) => {
    const dpo = await shown.reader('dpo');
    const found = await dpo.post('/access?/seek', {
      kind: 'patient',
      identifier,
      purpose: 'patient-request'
    });
    expect(found.status).toBe(303);
    expect(found.location).not.toContain('0001');
    const { text } = await dpo.get(found.location ?? '');
    expect(text).toContain(`/access/${ids['troyes']}`);
    expect(text).not.toContain(ids['gham']);
    const other = await (await shown.reader('dsi')).get(found.location ?? '');
    expect(other.text).toContain(ids['gham']);
  }
);

test('while the collector is away nothing of the log is shown', async () => {
  const dpo = await shown.reader('dpo');
  await collector.kill9();
  const answer = await dpo.post(`/access/${ids['troyes']}?/reveal`, purpose);
  expect(answer.status).toBe(503);
  expect(answer.text).not.toContain('DUPONT');
  expect((await dpo.get('/access')).status).toBe(503);
  await collector.restart();
  expect((await dpo.get('/access')).status).toBe(200);
});

test('passwords are guessed slowly, and a stranger learns nothing from the answer', async () => {
  const tryIn = (login: string) =>
    fetch(`${shown.url}/sign-in`, {
      method: 'POST',
      body: new URLSearchParams({ login, password: 'faux mot de passe' }),
      headers: { origin: shown.url },
      redirect: 'manual'
    });
  const words = async (login: string) =>
    (await (await tryIn(login)).text()).match(/role="alert">([^<]*)/)?.[1];
  expect(await words('nobody')).toBe(await words('dsi'));
  for (let i = 0; i < 8; i++) await tryIn('nobody');
  expect((await tryIn('nobody')).status).toBe(429);
});

test('a form from another origin is refused', async () => {
  const response = await fetch(`${shown.url}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ login: 'dsi', password: 'x' }),
    headers: { origin: 'https://evil.example' }
  });
  expect(response.status).toBe(403);
});

test('the session cookie and the page carry their protections', async () => {
  const response = await fetch(`${shown.url}/sign-in`);
  expect(response.headers.get('content-security-policy')).toMatch(
    /default-src 'self'.*script-src 'self' 'nonce-/
  );
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('no log line of any process holds a name or an identifier', () => {
  const output = [engine.process.output(), collector.process.output(), shown.process.output()].join('');
  for (const secret of ['DUPONT', 'LEGRAND', 'Agent CHT', '2026-118']) expect(output).not.toContain(secret);
  expect(existsSync(join(engine.dataFolder, 'console', 'console.db'))).toBe(true);
});
