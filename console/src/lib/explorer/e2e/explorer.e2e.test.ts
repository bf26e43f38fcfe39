import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAuditMessage, dcm } from '@vigie/schemas/audit-message';
import type { AuditEvent, Bundle } from 'fhir/r4';
import { readXlsx } from 'hucre/xlsx';
import { counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { launchBrowser, openPage, seriousViolations, signIn } from '@vigie/tools/testkit/browser';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

type Page = Awaited<ReturnType<typeof openPage>>['page'];

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let browser: Awaited<ReturnType<typeof launchBrowser>>;
let password: string;
const now = Date.now();

/** One look at the images of patient `n`, told by one system. */
const look = (n: number, source: 'DEEPUNITY' | 'VIEWER', minutesAgo: number, options: { site?: string; outcome?: 0 | 8; user?: string; modality?: string } = {}) =>
  `<85>1 ${new Date(now).toISOString()} ${source === 'VIEWER' ? 'viewer' : 'pacs'}.ght-aube.example ${source} - IHE+RFC-3881 - ${buildAuditMessage({
    event: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    outcome: options.outcome ?? 0,
    dateTime: new Date(now - minutesAgo * 60_000).toISOString(),
    participants: [
      source === 'VIEWER'
        ? { userId: options.user ?? `agent-${n}`, userName: `Agent ${n}`, requestor: true, roles: [{ code: 'radiologue', system: 'GHT', text: 'Radiologue' }], accessPoint: '10.10.4.7', accessPointType: 2 }
        : { userId: 'DEEPUNITY', requestor: true, roles: [dcm('110150', 'Application')] }
    ],
    sourceId: source,
    enterpriseSiteId: options.site ?? 'CHT',
    objects: [
      { id: `1.2.250.1.999.20.${n}`, idType: dcm('110180', 'Study Instance UID'), type: 2, role: 3 },
      { id: `IPP-${n}^^^GHT&1.2.250.1.999.10.1&ISO^PI`, idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' }, type: 1, role: 1, name: `DUPONT^N${n}` }
    ]
  })}`; // prettier-ignore

beforeAll(async () => {
  engine = await startTestEngine();
  const configText = quietConfig().replace(
    /^accounts:\n/m,
    'accounts:\n  - { login: dpo-hpa, name: DPO of the partner, role: dpo, establishments: [hpa] }\n  - { login: dpo-http, name: DPO, role: dpo, establishments: [ch-troyes, gham] }\n'
  );
  collector = await startTestCollector(engine, { configText });
  shown = await startTestConsole(engine, collector);
  browser = await launchBrowser();
  const messages = [
    // Twelve looks that viewer and PACS both tell, four that the PACS alone tells, one of another establishment.
    ...Array.from({ length: 12 }, (_, n) => [look(n, 'VIEWER', 60 + n * 20), look(n, 'DEEPUNITY', 60 + n * 20 - 0.5)]).flat(),
    ...Array.from({ length: 4 }, (_, n) => look(100 + n, 'DEEPUNITY', 30 + n, { outcome: n === 0 ? 8 : 0 })),
    look(900, 'VIEWER', 45, { site: 'HPA' })
  ]; // prettier-ignore
  await sendTcp(collector.ports.syslog, messages.map(counted));
  // The same message again, twice: one event with three receptions.
  const again = look(3, 'VIEWER', 60 + 3 * 20);
  await sendTcp(collector.ports.syslog, [again, again].map(counted));
  await until(
    () => engine.rows<{ n: number }>("SELECT count() + (SELECT count() FROM audit.reception) AS n FROM audit.event WHERE lane = 'audit'"),
    ([row]) => row?.n === 31
  ); // prettier-ignore
  password = (await signInDpo()).password;
});
afterAll(async () => {
  await browser?.close();
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
});

async function signInDpo(options: { width?: number; dark?: boolean } = {}) {
  const opened = await openPage(browser, options);
  const next = await signIn(opened.page, shown.url, 'dpo', password ?? shown.passwords.get('dpo') ?? '');
  return { ...opened, password: next };
}
const plain = (text: string | null) => (text ?? '').replaceAll(/\s+/g, ' ').trim();
const open = async (page: Page, path: string) => {
  await page.goto(`${shown.url}${path}`);
  await page.waitForLoadState('networkidle');
};
const facetCount = async (page: Page, value: string) => plain(await page.textContent(`a[data-facet="${value}"] .num`)); // prettier-ignore

test('a DPO narrows by facets and by time, drops chips, and reads acts with their witnesses', async () => {
  const { page, complaints } = await signInDpo();
  await open(page, '/access?period=24h');
  expect(plain(await page.textContent('h1'))).toBe('28 accès sur la période');
  expect(plain(await page.textContent('#counts'))).toBe('16 actes dits par 28 messages sur cette page, 28 messages en tout'); // prettier-ignore
  expect(await facetCount(page, 'source:viewer')).toBe('12');
  expect(await facetCount(page, 'source:deepunity')).toBe('16');
  expect(plain(await page.locator('#accesses tbody tr', { hasText: 'A-' }).first().textContent())).toMatch(/DeepUnity.*2 messages/i); // prettier-ignore

  await page.click('a[data-facet="source:viewer"]');
  await page.waitForURL(/source=viewer/);
  await page.waitForSelector('a[data-chip="source:viewer"]');
  // The other source stays to be chosen, with its count; the acts keep their other witness.
  expect(await facetCount(page, 'source:deepunity')).toBe('16');
  expect(plain(await page.textContent('#counts'))).toBe('12 actes dits par 12 messages sur cette page, 12 messages en tout'); // prettier-ignore
  expect(plain(await page.textContent('#accesses tbody tr'))).toContain('2 messages');
  await page.click('a[data-facet="source:deepunity"]');
  await page.waitForSelector('a[data-chip="source:deepunity"]');
  await page.click('a[data-chip="source:viewer"]');
  await page.waitForSelector('a[data-chip="source:viewer"]', { state: 'detached' });
  await page.click('a[data-facet="outcome:8"]');
  await page.waitForSelector('a[data-chip="outcome:8"]');
  expect(await page.locator('#accesses tbody tr').count()).toBe(1);
  await page.click('text=Retirer les filtres');
  await page.waitForURL((to) => !to.searchParams.has('outcome'));

  await page.focus('#brush');
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+ArrowLeft');
  expect(plain(await page.textContent('[role=status]'))).toMatch(/^Du .* messages$/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/from=.*T.*&to=.*T/);
  await page.waitForFunction(() => !document.querySelector('h1')?.textContent?.startsWith('28'));
  expect(complaints).toEqual([]);
  await page.context().close();
}, 90_000);

test('dragging over the histogram narrows the page to what was drawn over', async () => {
  const { page } = await signInDpo();
  await open(page, '/access?period=24h');
  const box = await page.locator('#brush').boundingBox();
  if (!box) throw new Error('the histogram has no place');
  await page.mouse.move(box.x + box.width * 0.9, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.99, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=.*T.*&to=.*T/);
  const { searchParams } = new URL(page.url());
  const hours = (Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '')) / 3_600_000; // prettier-ignore
  expect(hours).toBeGreaterThan(1);
  expect(hours).toBeLessThan(5);
  await page.context().close();
}, 60_000);

test('from an act to its repeated receptions, its witnesses, and the timeline of its patient', async () => {
  const { page, complaints } = await signInDpo();
  await open(page, '/access');
  let before: string | null = null;
  for (const [kind, typed, acts] of [['patient', 'IPP-3^^^GHT&1.2.250.1.999.10.1&ISO^PI', 1], ['study', '1.2.250.1.999.20.3', 1], ['user', 'agent-3', 1]] as const) {
    await page.selectOption('select[name=kind]', kind);
    await page.fill('input[name=identifier]', typed);
    await page.click('form[action^="?/seek"] button');
    await page.waitForURL((to) => ![null, before].includes(to.searchParams.get('search')));
    before = new URL(page.url()).searchParams.get('search');
    await page.waitForFunction((text) => document.querySelector('#counts')?.textContent?.startsWith(text), String(acts));
    expect(decodeURIComponent(page.url())).not.toMatch(/IPP-3|999\.20|agent-3/);
  } // prettier-ignore
  await page.locator('#accesses tbody a').first().click();
  await page.waitForURL(/\/access\/c1-audit/);
  await page.waitForSelector('#witnesses');
  expect(await page.locator('#witnesses li').count()).toBe(2);
  expect(plain(await page.textContent('dl.facts'))).toContain('reçu 3 fois');
  await page.click('button:has-text("Chronologie du patient")');
  await page.waitForURL(/\/access\/timeline\?search=/);
  expect(plain(await page.textContent('h1'))).toBe('Qui a vu ce patient');
  expect(plain(await page.textContent('#sum'))).toContain('1 acte dit par 2 messages');
  await page.click('a.day');
  await page.waitForURL(/day=/);
  expect(await page.locator('tbody tr').count()).toBe(1);
  expect(complaints).toEqual([]);
  await page.context().close();
}, 90_000);

test('a search is kept under a name, opened again with its patient, renamed and deleted', async () => {
  const { page } = await signInDpo();
  await open(page, '/access?period=7d&event=110103');
  await page.fill('input[name=identifier]', 'IPP-5');
  await page.click('form[action^="?/seek"] button');
  await page.waitForURL(/search=/);
  await page.click('#saved summary');
  await page.fill('#saved form[action^="?/save"] input[name=name]', 'Patient suivi');
  await page.click('#saved form[action^="?/save"] button');
  await page.waitForSelector('button:has-text("Patient suivi")');
  await open(page, '/access');
  await page.click('#saved summary');
  await page.click('button.linkish:text-is("Patient suivi")');
  await page.waitForURL(/search=/);
  expect(new URL(page.url()).searchParams.get('event')).toBe('110103');
  await page.waitForFunction(() => document.querySelector('#counts')?.textContent?.startsWith('1 acte '));
  await page.click('#saved summary');
  await page.click('button[aria-label="Renommer : Patient suivi"]');
  await page.fill('#saved form[action^="?/rename"] input[name=name]', 'Suivi');
  await page.click('#saved form[action^="?/rename"] button');
  await page.waitForSelector('button:text-is("Suivi")');
  await page.click('button[aria-label="Supprimer : Suivi"]');
  await page.waitForSelector('button:text-is("Suivi")', { state: 'detached' });
  await page.context().close();
}, 90_000);

/** Asks for an export as one reader and downloads it. */
async function exported(login: string, format: string, query = 'period=24h') {
  const reader = await shown.reader(login);
  const started = await reader.post(`/access/export?/start&${query}`, { format });
  const id = /\/access\/export\/([\w-]+)\/file/.exec((await reader.get('/access/export')).text)?.[1] ?? '';
  return { reader, started, id, file: await reader.get(`/access/export/${id}/file`) };
}

test('an export is one download with a manifest that its key and its bytes bear out, and the log tells it', async () => {
  const { page } = await signInDpo();
  await open(page, '/access?period=24h&source=viewer');
  await page.click('#export summary');
  await page.click('#export button');
  await page.waitForURL('**/access/export');
  const downloading = page.waitForEvent('download');
  await page.click('a.button.primary');
  const download = await downloading;
  const bytes = readFileSync(await download.path());
  await page.waitForSelector('li[data-state=done]');
  const request = page.context().request;
  const link = (name: string) => page.getAttribute(`li[data-state=done] a[href$="/${name}"]`, 'href');
  const text = await (await request.get(`${shown.url}${await link('manifest')}`)).body();
  const signature = await (await request.get(`${shown.url}${await link('signature')}`)).body();
  const publicKey = createPublicKey(readFileSync(join(engine.dataFolder, 'keys', 'console.pub')));
  expect(verify(null, text, publicKey, signature)).toBe(true);
  const manifest = JSON.parse(text.toString()) as { file: { rows: number; sha256: string; bytes: number }; audit: string; blocks: { count: number; list: { hash: string }[] } }; // prettier-ignore
  expect(manifest.file).toMatchObject({ rows: 12, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }); // prettier-ignore
  expect(manifest.blocks.list.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  const lines = bytes.toString('utf8').trim().split('\r\n');
  expect(lines).toHaveLength(13);
  expect(lines[0]).toContain('occurred_at,received_at');
  expect(bytes.toString()).not.toMatch(/DUPONT|agent-|IPP/);
  const [collectorId, lane, seq] = manifest.audit.split('-');
  await until(
    () => engine.rows<{ n: number }>(`SELECT count() AS n FROM audit.event WHERE event_code = '110106' AND collector = '${collectorId}' AND lane = '${lane}' AND seq = ${seq}`),
    ([row]) => row?.n === 1
  ); // prettier-ignore
  expect(await seriousViolations(page)).toEqual([]);
  await page.context().close();
}, 90_000);

test('XLSX and FHIR tell the same rows', async () => {
  const fhir = await exported('dpo-http', 'fhir');
  const events = fhir.file.text.trim().split('\n').map((line) => JSON.parse(line) as { resourceType: string; id: string }); // prettier-ignore
  expect(events).toHaveLength(28);
  expect(events.every(({ resourceType }) => resourceType === 'AuditEvent')).toBe(true);
  const reader = await shown.reader('dpo-http');
  await reader.post('/access/export?/start&period=24h', { format: 'xlsx' });
  const id = /\/access\/export\/([\w-]+)\/file/.exec((await reader.get('/access/export')).text)?.[1] ?? '';
  const body = await reader.bytes(`/access/export/${id}/file`);
  const { sheets } = await readXlsx(body);
  expect(sheets[0]?.rows.slice(1).map(([first]) => first).toSorted()).toEqual(events.map((one) => one.id).toSorted()); // prettier-ignore
}, 60_000);

test('no export gives a DSI an identity, a director anything, or a DPO another establishment', async () => {
  for (const format of ['csv', 'fhir', 'bundle']) {
    const { file } = await exported('dsi', format);
    expect(file.status).toBe(200);
    expect(file.text.split('\n').length).toBeGreaterThan(28);
    expect(file.text).not.toMatch(/1\.2\.250\.1\.999\.20|10\.10\.4\.7/);
    const [row] = await engine.rows<{ actor: string; patient: string }>("SELECT actor_id AS actor, lower(hex(patients[1])) AS patient FROM audit.event WHERE lane = 'audit' AND source = 'viewer' LIMIT 1"); // prettier-ignore
    for (const secret of [row?.actor, row?.patient]) expect(file.text).not.toContain(secret);
  }
  const direction = await shown.reader('direction');
  expect((await direction.post('/access/export?/start&period=24h', { format: 'csv' })).status).toBe(403);
  for (const path of ['/access/export', '/access/timeline?search=x', '/access/export/x/file'])
    expect((await direction.get(path)).status, path).toBe(403);
  const dsi = await shown.reader('dsi');
  expect((await dsi.get('/access/timeline?search=x')).status).toBe(403);
  const hpa = await exported('dpo-hpa', 'csv', 'period=24h&site=troyes&site=hpa');
  expect(hpa.file.text.trim().split('\r\n')).toHaveLength(2);
  expect(hpa.file.text).not.toContain('ch-troyes');
  // Another account's export is as if it did not exist, and so is one that was taken already.
  const { reader, id } = await exported('dpo-http', 'csv');
  expect((await reader.get(`/access/export/${id}/file`)).status).toBe(404);
  for (const path of ['file', 'manifest', 'signature']) expect((await hpa.reader.get(`/access/export/${id}/${path}`)).status).toBe(404); // prettier-ignore
}, 90_000);

test('a cancelled export gives no data, and without the collector none is given', async () => {
  const reader = await shown.reader('dpo-http');
  await reader.post('/access/export?/start&period=24h', { format: 'csv' });
  const id = /\/access\/export\/([\w-]+)\/file/.exec((await reader.get('/access/export')).text)?.[1] ?? '';
  expect((await reader.post('/access/export?/cancel', { id })).status).toBe(200);
  expect((await reader.get(`/access/export/${id}/file`)).status).toBe(404);
  await reader.post('/access/export?/start&period=24h', { format: 'csv' });
  const next = /\/access\/export\/([\w-]+)\/file/.exec((await reader.get('/access/export')).text)?.[1] ?? '';
  await collector.kill9();
  expect((await reader.get(`/access/export/${next}/file`)).status).toBe(503);
  await collector.restart();
  expect((await reader.get(`/access/export/${next}/file`)).status).toBe(200);
}, 60_000);

test.each([
  { width: 1440, dark: false, language: 'fr' },
  { width: 390, dark: true, language: 'en' }
])('the explorer is clean at $width px in $language', async ({ width, dark, language }) => {
  const { page, complaints } = await signInDpo({ width, dark });
  await open(page, '/access?period=24h');
  await page.fill('input[name=identifier]', 'IPP-3');
  await page.click('form[action^="?/seek"] button');
  await page.waitForURL(/search=/);
  const id = new URL(page.url()).searchParams.get('search');
  for (const path of [`/access?search=${id}&event=110103`, `/access/timeline?search=${id}`, '/access/export', '/access/timeline?search=gone']) {
    await open(page, `${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), path).toBeLessThanOrEqual(0);
    expect(await seriousViolations(page), path).toEqual([]);
  }
  expect(complaints).toEqual([]);
  await page.context().close();
}, 90_000); // prettier-ignore

test('a FHIR Bundle of an export is one that the feed itself takes, resource by resource', async () => {
  const { file } = await exported('dpo-http', 'bundle', 'period=24h&source=viewer');
  const { entry = [], ...bundle } = JSON.parse(file.text) as Bundle<AuditEvent>;
  expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'collection', identifier: { system: 'urn:vigie:export' } }); // prettier-ignore
  expect(entry).toHaveLength(12);
  for (const { fullUrl, resource } of entry)
    expect(fullUrl).toBe(`${shown.url}/fhir/AuditEvent/${resource?.id}`);
  const response = await fetch(`${collector.url}/fhir`, {
    method: 'POST',
    headers: { authorization: `Bearer ${collector.simulatorKey}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify({
      resourceType: 'Bundle',
      type: 'batch',
      entry: entry.map(({ resource }) => ({ resource, request: { method: 'POST', url: 'AuditEvent' } }))
    })
  });
  const { entry: answers } = (await response.json()) as Bundle;
  expect(answers?.map((one) => one.response?.status?.slice(0, 3))).toEqual(entry.map(() => '201'));
}, 60_000);
