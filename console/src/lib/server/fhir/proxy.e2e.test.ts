import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle, CapabilityStatement, OperationOutcome } from 'fhir/r4';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { startNginx, type TestNginx } from '@vigie/tools/testkit/nginx';
import { freePort } from '@vigie/tools/testkit/ports';
import { root } from '@vigie/tools/testkit/process';
import { createSearchToken } from '@vigie/tools/testkit/search-token';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

/* The rule of docs/fhir-search.md in a real nginx: the feed and the search are one FHIR server. */
const folder = mkdtempSync(join(tmpdir(), 'vigie-proxy-'));
let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let proxy: TestNginx;
let base: string;
let token: string;

beforeAll(async () => {
  const port = await freePort();
  base = `http://127.0.0.1:${port}/fhir`;
  engine = await startTestEngine();
  const configText = quietConfig().replace(/^receivers:\n/m, `receivers:\n  fhir_base: ${base}\n`);
  collector = await startTestCollector(engine, { configText });
  shown = await startTestConsole(engine, collector);
  token = await createSearchToken(shown.env, 'dpo', ['all']);
  const rule = documentedRule()
    .replaceAll('http://127.0.0.1:8480', collector.url)
    .replaceAll('http://127.0.0.1:8400', shown.url)
    .replace('server {', `server { listen 127.0.0.1:${port};`);
  proxy = await startNginx(folder, rule, port);
});
afterAll(async () => {
  await proxy?.stop();
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function documentedRule(): string {
  const text = readFileSync(join(root, 'docs', 'fhir-search.md'), 'utf8');
  const [, rule] = /```nginx\n([\s\S]*?)```/.exec(text) ?? [];
  if (rule === undefined) throw new Error('docs/fhir-search.md holds no nginx rule');
  return rule;
}

const event = (n: number) => ({
  resourceType: 'AuditEvent',
  type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110103' },
  action: 'R',
  recorded: `2026-11-10T08:00:0${n}Z`,
  outcome: '0',
  agent: [{ who: { identifier: { value: `user${n}` } }, requestor: true }],
  source: { observer: { identifier: { value: 'VIEWER' } } }
});
const feed = (path: string, body: unknown) =>
  fetch(base + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${collector.simulatorKey}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify(body)
  });

test('an event posted to the joint base is read at its Location', async () => {
  const created = await feed('/AuditEvent', event(1));
  const location = created.headers.get('location') ?? '';
  expect([created.status, location.startsWith(`${base}/AuditEvent/`)]).toEqual([201, true]);
  const read = await until(
    () => fetch(location, { headers: { authorization: `Bearer ${token}` } }),
    ({ status }) => status === 200
  );
  expect(await read.json()).toMatchObject({
    resourceType: 'AuditEvent',
    recorded: '2026-11-10T08:00:01.000Z'
  });
});

test('a batch posted to the base is found by GET and by POST _search, and its pages link to the base', async () => {
  const entry = [2, 3].map((n) => ({
    resource: event(n),
    request: { method: 'POST', url: 'AuditEvent' }
  }));
  expect((await feed('', { resourceType: 'Bundle', type: 'batch', entry })).status).toBe(200);
  const headers = { authorization: `Bearer ${token}` };
  const found = (response: Response) => response.json() as Promise<Bundle>;
  const page = await until(
    async () => found(await fetch(`${base}/AuditEvent?date=ge2026-11-01&_count=2`, { headers })),
    ({ total }) => total === 3
  );
  const next = page.link?.find(({ relation }) => relation === 'next')?.url ?? '';
  expect(next.startsWith(`${base}/AuditEvent?`)).toBe(true);
  expect((await found(await fetch(next, { headers }))).entry).toHaveLength(1);
  const posted = await fetch(`${base}/AuditEvent/_search`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ date: 'ge2026-11-01' })
  });
  expect((await found(posted)).total).toBe(3);
});

test('what changes an event is refused by either side, and the capability statement is the search’s', async () => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  for (const method of ['PUT', 'PATCH', 'DELETE'])
    for (const path of ['/AuditEvent', '/AuditEvent/c1-audit-0-0']) {
      const refused = await fetch(base + path, { method, headers, body: JSON.stringify(event(4)) });
      const outcome = (await refused.json()) as OperationOutcome;
      expect([method, path, refused.status, outcome.resourceType]).toEqual([method, path, 405, 'OperationOutcome']); // prettier-ignore
    }
  const capability = (await (await fetch(`${base}/metadata`)).json()) as CapabilityStatement;
  expect(capability.rest?.[0]?.resource?.[0]?.interaction?.map(({ code }) => code)).toContain('search-type');
});
