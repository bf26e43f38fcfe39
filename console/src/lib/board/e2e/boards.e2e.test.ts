import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser, openPage, seriousViolations, signIn } from '@vigie/tools/testkit/browser';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { root, startProcess, type TestProcess } from '@vigie/tools/testkit/process';
import { afterAll, beforeAll, expect, test } from 'vitest';

type Page = Awaited<ReturnType<typeof openPage>>['page'];

let engine: TestEngine;
let shown: TestProcess;
let browser: Awaited<ReturnType<typeof launchBrowser>>;
let url: string;
const passwords = new Map<string, string>();
const hour = 3_600_000;
const now = Date.now();
const ago = (ms: number) => new Date(now - ms).toISOString();
let seq = 0;
const base = (at: string, site: string, establishment: string) => ({
  lane: 'ops', collector: 'c1', seq: ++seq, received_at: at, occurred_at: at, retention: 'ops', source: 'deepunity', site, establishment
}); // prettier-ignore

beforeAll(async () => {
  const nodeModules = join(root, 'node_modules', '.bin', 'vite');
  if (!existsSync(join(root, 'console/build/handler.js')))
    spawnSync(nodeModules, ['build'], { cwd: join(root, 'console'), stdio: 'inherit' });
  engine = await startTestEngine();
  const transfer = (at: string, status: string, more: object) => ({
    ...base(at, 'troyes', 'ch-troyes'), observer: 'deepunity', authoritative: 1, service: 'C-STORE', calling_ae: 'TRO_CT1', called_ae: 'DEEPUNITY',
    from_system: 'troyes-ct-1', to_system: 'deepunity', modality: 'CT', status, ...more
  }); // prettier-ignore
  await engine.writer.insert({
    table: 'ops.transfer',
    format: 'JSONEachRow',
    values: [
      ...Array.from({ length: 40 }, (_, i) =>
        transfer(ago(2 * hour + i * 1000), 'success', { bytes: 25e6, duration_ms: 1000 })
      ),
      ...Array.from({ length: 3 }, (_, i) =>
        transfer(ago(3 * hour + i * 1000), 'failure', { reason: 'timeout' })
      )
    ]
  });
  const ended = (site: string, establishment: string, modality: string, n: number) =>
    Array.from({ length: n }, (_, i) => ({
      ...base(ago(30 * hour + i * 1000), site, establishment),
      milestone: 'ended',
      modality,
      accession: `${site}-${modality}-${i}`
    }));
  await engine.writer.insert({
    table: 'ops.exam_event',
    format: 'JSONEachRow',
    values: [
      ...ended('troyes', 'ch-troyes', 'MR', 21),
      ...ended('hpa', 'hpa', 'MR', 7),
      ...ended('troyes', 'ch-troyes', 'CT', 40),
      ...ended('hpa', 'hpa', 'CT', 30),
      ...ended('gham', 'gham', 'CT', 34)
    ]
  });
  await engine.writer.insert({
    table: 'ops.storage_sample',
    format: 'JSONEachRow',
    values: Array.from({ length: 30 }, (_, day) => ({
      ...base(ago(day * 24 * hour), '', ''),
      system: 'deepunity',
      pool: 'ON-1',
      tier: 'online',
      capacity: 60e12,
      used: Math.round(45e12 - day * 0.1e12)
    }))
  });
  await engine.writer.insert({
    table: 'ops.probe_result',
    format: 'JSONEachRow',
    values: Array.from({ length: 600 }, (_, minute) => ({
      ...base(ago(minute * 60_000), '', ''),
      source: 'vigie',
      system: 'deepunity',
      probe: 'deepunity-echo',
      kind: 'c-echo',
      success: minute >= 300 && minute < 420 ? 0 : 1
    }))
  });
  const env = {
    VIGIE_DATA: engine.dataFolder,
    VIGIE_CONFIG: join(root, 'vigie.yaml'),
    VIGIE_CONSOLE_PORT: '0',
    CLICKHOUSE_URL: engine.url,
    CLICKHOUSE_READER_USER: engine.readerAddress.username,
    CLICKHOUSE_READER_PASSWORD: engine.readerAddress.password,
    CLICKHOUSE_WRITER_USER: engine.writerAddress.username,
    CLICKHOUSE_WRITER_PASSWORD: engine.writerAddress.password
  };
  const made = spawnSync(process.execPath, ['console/src/provision.ts'], {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8'
  });
  if (made.status !== 0) throw new Error(made.stderr);
  for (const line of readFileSync(join(engine.dataFolder, 'passwords.txt'), 'utf8').split('\n')) {
    const [login, password] = line.split(' ');
    if (login && password) passwords.set(login, password);
  }
  shown = await startProcess('console/src/serve.ts', { env });
  url = String(shown.ready['url']);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await shown?.stop();
  await engine?.stop();
});

async function as(
  login: string,
  options: { width?: number; dark?: boolean } = {}
): Promise<{ page: Page; complaints: string[] }> {
  const opened = await openPage(browser, options);
  passwords.set(login, await signIn(opened.page, url, login, passwords.get(login) ?? ''));
  return opened;
}
const plain = (text: string | null) => (text ?? '').replaceAll(/\s+/g, ' ').trim();
const headline = async (page: Page) => plain(await page.textContent('h1'));

test('the figures a reader sees are those that were stored', async () => {
  const { page, complaints } = await as('dsi');
  await page.goto(`${url}/activity`);
  expect(await headline(page)).toBe('132 examens terminés sur la période');
  await page.goto(`${url}/traffic`);
  expect(await headline(page)).toBe('3 échecs sur 43 échanges, 1,00 Go reçus');
  await page.goto(`${url}/storage`);
  expect(await headline(page)).toBe('Le pool ON-1 (PACS DeepUnity) sera plein dans 150 jours');
  expect(plain(await page.textContent('#pools tbody'))).toContain('75');
  await page.goto(`${url}/sla`);
  const pacs = page.locator('#outages tbody tr').first();
  expect(plain(await pacs.textContent())).toMatch(/PACS DeepUnity.*(1 h 55|2 h)/);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a failure leads from its bar to its rows, and back', async () => {
  const { page } = await as('dsi');
  await page.goto(`${url}/traffic?period=24h`);
  await page.click('#failures a:has-text("Sans réponse du destinataire")');
  await page.waitForURL(/\/rows\/traffic\/failures/);
  expect(await page.locator('tbody tr').count()).toBe(3);
  await page.click('.head a');
  await page.waitForURL(/\/traffic\?period=24h#failures/);
  await page.context().close();
});

test('the platform is a picture that says what flows, what fails and what is not seen, and leads to the facts by keyboard', async () => {
  const { page } = await as('dsi');
  await page.goto(`${url}/traffic?period=24h`);
  await page.waitForLoadState('networkidle');
  const flow = page.locator('#flow svg a').first();
  expect(plain(await flow.getAttribute('aria-label'))).toMatch(
    /^De Modalités, Troyes vers PACS DeepUnity : 1,00 Go, échoue, Échanges 43, Échecs 3, Part d’échecs 6,98 %/
  );
  expect(plain(await page.locator('#flow svg').first().textContent())).toContain('VNA, aucun flux vu');
  await flow.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/rows\/traffic\/flow/);
  expect(await page.locator('tbody tr').count()).toBe(43);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(`${url}/traffic?period=24h`);
  expect(plain(await page.textContent('#flow ul'))).toContain('De Modalités, Troyes vers PACS DeepUnity');
  expect(await page.isVisible('#flow svg a')).toBe(false);
  await page.context().close();
});

test('every picture has its table and its definition, by keyboard', async () => {
  const { page } = await as('dsi');
  await page.goto(`${url}/activity`);
  await page.waitForLoadState('networkidle');
  await page.focus('#by-day button[aria-pressed]');
  await page.keyboard.press('Enter');
  expect(plain(await page.textContent('#by-day table'))).toMatch(/Jour ?Troyes ?HPA/);
  await page.focus('#by-day summary');
  await page.keyboard.press('Enter');
  expect(await page.isVisible('#by-day details p')).toBe(true);
  await page.context().close();
});

test('small groups are not shown to directors, and traffic is not theirs', async () => {
  const { page } = await as('direction');
  await page.goto(`${url}/activity`);
  const matrix = plain(await page.textContent('#site-modality table'));
  expect(matrix).toContain('34');
  // The 7 of HPA, and whatever its row or column would tell it by.
  expect(matrix.match(/masqué/g)).toHaveLength(4);
  expect(matrix).not.toMatch(/\b(7|21|30|40)\b/);
  expect((await page.goto(`${url}/traffic`))?.status()).toBe(403);
  expect((await page.goto(`${url}/rows/activity/by-day`))?.status()).toBe(403);
  expect((await page.goto(`${url}/rows/traffic/pairs`))?.status()).toBe(403);
  await page.context().close();
});

test.each([
  { width: 1440, dark: false, language: 'fr' },
  { width: 390, dark: true, language: 'en' }
])(
  'the reports are clean at $width px in $language',
  async ({ width, dark, language }) => {
    const { page, complaints } = await as('dsi', { width, dark });
    for (const path of ['activity', 'traffic', 'storage', 'sla', 'definitions', 'rows/traffic/pairs']) {
      await page.goto(`${url}/${path}?lang=${language}`);
      await page.waitForLoadState('networkidle');
      expect(await page.getAttribute('html', 'lang')).toBe(language);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        path
      ).toBeLessThanOrEqual(0);
      expect(await seriousViolations(page), path).toEqual([]);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  },
  120_000
);
