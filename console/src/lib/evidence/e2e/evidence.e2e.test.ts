import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser, openPage, seriousViolations, signIn } from '@vigie/tools/testkit/browser';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startEvidenceLog, type EvidenceLog } from '@vigie/tools/testkit/evidence-log';
import { root } from '@vigie/tools/testkit/process';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

let log: EvidenceLog;
let shown: TestConsole;
let browser: Awaited<ReturnType<typeof launchBrowser>>;
let password = '';

beforeAll(async () => {
  log = await startEvidenceLog(3);
  const file = join(log.engine.dataFolder, 'vigie.yaml');
  const more = ['auditor', 'rssi', 'admin'].map(
    (role) => `  - { login: ${role}, name: ${role}, role: ${role}, establishments: all }`
  );
  const text = readFileSync(file, 'utf8')
    .replace('role: dpo, establishments: [ch-troyes, gham]', 'role: dpo, establishments: all')
    .replace(/^accounts:\n/m, `accounts:\n${more.join('\n')}\n`);
  writeFileSync(file, text);
  await log.collector.restart();
  shown = await startTestConsole(log.engine, log.collector);
  password = shown.passwords.get('dpo') ?? '';
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await shown?.stop();
  await log?.collector.stop();
  await log?.stop();
});

async function pageOfDpo(options: Parameters<typeof openPage>[1] = {}) {
  const opened = await openPage(browser, options);
  password = await signIn(opened.page, shown.url, 'dpo', password);
  return opened;
}
type Page = Awaited<ReturnType<typeof pageOfDpo>>['page'];

async function verify(page: Page): Promise<void> {
  await page.goto(`${shown.url}/evidence`);
  await page.waitForLoadState('networkidle');
  await page.check('input[value=all]');
  await page.click('#verify button.primary');
  await page.waitForSelector('button.primary', { state: 'detached', timeout: 60_000 });
  await page.waitForSelector('#result', { timeout: 60_000 });
}

/** The headline, once the own event that it rests on is stored. */
async function headline(page: Page, part: string): Promise<string> {
  for (let i = 0; i < 100; i++) {
    const text = (await page.textContent('.head')) ?? '';
    if (text.includes(part)) return text;
    await page.waitForTimeout(200);
    await page.reload();
  }
  throw new Error(`the page never said ${part}`);
}

test('the DPO verifies the log, sees that it is whole, by whom and until when, day by day', async () => {
  const { page, complaints } = await pageOfDpo();
  await page.goto(`${shown.url}/evidence`);
  expect(await page.textContent('h1')).toContain('jamais été vérifié');
  await verify(page);
  expect(await page.textContent('#result')).toContain('Rien ne manque');
  expect(await headline(page, 'est entier')).toMatch(/vérifié le .*Par Délégué .*, niveau 1/s);
  expect(await page.textContent('#days')).toMatch(/entier\s+jusqu’à/);
  expect(await page.locator('#lanes tbody tr').count()).toBe(3);
  expect(await page.textContent('body')).toContain('Aucune tête n’est encore sortie');
  expect(complaints).toEqual([]);
  expect(await seriousViolations(page)).toEqual([]);
}, 180_000);

test('what was tampered with is named on the page, and its day is marked', async () => {
  await log.run(`ALTER TABLE audit.event UPDATE outcome = 4 WHERE lane = 'audit' AND seq = 2`);
  const { page } = await pageOfDpo({ width: 390, height: 844, dark: true });
  await verify(page);
  expect(await page.textContent('#findings')).toMatch(
    /une ligne a été modifiée.*audit\.event · c1-audit-2-0/s
  );
  await headline(page, 'Une anomalie');
  expect(await page.textContent('#days')).toContain('altéré');
  expect(await seriousViolations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await log.run(`ALTER TABLE audit.event UPDATE outcome = 0 WHERE lane = 'audit' AND seq = 2`);
}, 180_000);

test('the page is for those who watch over the log, in both languages, and its verifications are in the own log', async () => {
  for (const login of ['auditor', 'rssi', 'admin'])
    expect((await (await shown.reader(login)).get('/evidence?lang=en')).text, login).toContain('Day by day');
  for (const login of ['dsi', 'direction']) {
    const reader = await shown.reader(login);
    expect((await reader.get('/evidence')).status, login).toBe(403);
    expect((await reader.get('/evidence/run')).status, login).toBe(403);
    expect((await reader.post('/evidence?/verify', { what: 'all' })).status, login).toBe(403);
  }
  const acts = () =>
    log.engine.rows<{ type: string; outcome: number }>(
      `SELECT event_types[1] AS type, outcome FROM audit.event WHERE lane = 'own' AND hasAny(event_types, ['evidence', 'evidence-verify']) ORDER BY seq`
    );
  const told = await until(acts, (rows) => rows.length >= 4);
  expect(told.map(({ type, outcome }) => `${type} ${outcome}`)).toEqual([
    'evidence 0',
    'evidence-verify 0',
    'evidence 0',
    'evidence-verify 8'
  ]);
});

test('the DPO takes the proof of an access along, which holds elsewhere; nobody else does, nor without a reference', async () => {
  const { page } = await pageOfDpo();
  await page.goto(`${shown.url}/access/c1-audit-3-0`);
  await page.waitForLoadState('networkidle');
  await page.fill('#proof input[name=reference]', 'dossier 2026-17');
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 90_000 }),
    page.click('#proof button')
  ]);
  expect(download.suggestedFilename()).toBe('proof-c1-audit-3-0.json');
  const folder = mkdtempSync(join(tmpdir(), 'vigie-proof-'));
  const file = join(folder, 'proof.json');
  await download.saveAs(file);
  const words = [
    join(root, 'evidence/check/check-proof.mjs'),
    file,
    '--key',
    join(log.engine.dataFolder, 'keys', 'evidence.pub')
  ];
  const checked = await new Promise<string>((resolve) =>
    execFile(process.execPath, words, (_error, out) => resolve(out))
  );
  rmSync(folder, { recursive: true });
  expect(checked).toMatch(/the message is message 3 of the 10.*The proof of c1-audit-3-0 holds/s);
  const good = { purpose: 'control', reference: 'dossier 2026-17' };
  for (const login of ['dsi', 'auditor', 'rssi', 'direction', 'admin'])
    expect((await (await shown.reader(login)).post('/access/c1-audit-3-0/proof', good)).status, login).toBe(
      403
    );
}, 180_000);
