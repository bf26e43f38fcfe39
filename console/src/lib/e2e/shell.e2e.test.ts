import { readFileSync } from 'node:fs';
import { buildAuditMessage, dcm } from '@vigie/schemas/audit-message';
import { counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { launchBrowser, openPage, seriousViolations, signIn } from '@vigie/tools/testkit/browser';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

type Page = Awaited<ReturnType<typeof openPage>>['page'];
type Browser = Awaited<ReturnType<typeof launchBrowser>>;

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let browser: Browser;
const passwords = new Map<string, string>();

const access = (n: number) =>
  `<85>1 ${new Date().toISOString()} pacs.ght-aube.example DEEPUNITY - IHE+RFC-3881 - ${buildAuditMessage({
    event: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    outcome: 0,
    dateTime: new Date(Date.now() - n * 60_000).toISOString(),
    participants: [
      {
        userId: `agent-${n}`,
        userName: `Agent ${n}`,
        requestor: true,
        accessPoint: '10.10.4.7',
        accessPointType: 2,
        roles: [{ code: 'radiologue', system: 'GHT', text: 'Radiologue' }]
      }
    ],
    sourceId: 'DEEPUNITY',
    enterpriseSiteId: 'CHT',
    objects: [
      { id: `1.2.250.1.999.20.${n}`, idType: dcm('110180', 'Study Instance UID'), type: 2, role: 3 },
      {
        id: `IPP-${n}^^^GHT&1.2.250.1.999.10.1&ISO^PI`,
        idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' },
        type: 1,
        role: 1,
        name: `DUPONT^N${n}`
      }
    ]
  })}`;

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine);
  shown = await startTestConsole(engine, collector);
  for (const [login, password] of shown.passwords) passwords.set(login, password);
  browser = await launchBrowser();
  const frames = Array.from({ length: 60 }, (_, n) => counted(access(n + 1)));
  await sendTcp(collector.ports.syslog, [...frames, counted('<85>1 - - DEEPUNITY - - - <Broken')]);
  await until(
    () => engine.rows<{ n: number }>("SELECT count() AS n FROM audit.event WHERE lane = 'audit'"),
    ([row]) => row?.n === 60
  );
});
afterAll(async () => {
  await browser?.close();
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
});

async function as(
  login: string,
  options: { width?: number; dark?: boolean } = {}
): Promise<{ page: Page; complaints: string[] }> {
  const opened = await openPage(browser, options);
  passwords.set(login, await signIn(opened.page, shown.url, login, passwords.get(login) ?? ''));
  return opened;
}
const plain = (text: string | null) => (text ?? '').replaceAll(/\s+/g, ' ').trim();
const open = async (page: Page, path: string) => {
  await page.goto(`${shown.url}${path}`);
  await page.waitForLoadState('networkidle');
};

test('a DPO signs in, chooses a password, finds an access and opens its identities behind a purpose', async () => {
  const { page, complaints } = await openPage(browser);
  const first = passwords.get('dpo') ?? '';
  await open(page, '/access');
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  await page.fill('input[name=login]', 'dpo');
  await page.fill('input[name=password]', `${first}x`);
  await page.click('button.primary');
  await page.waitForSelector('[role=alert]');
  expect(plain(await page.textContent('[role=alert]'))).toBe('Identifiant ou mot de passe incorrect.');
  await page.fill('input[name=password]', first);
  await page.click('button.primary');
  await page.waitForURL('**/password');
  await open(page, '/access');
  expect(new URL(page.url()).pathname).toBe('/password');
  await page.fill('input[name=current]', first);
  await page.fill('input[name=next]', 'ma-phrase-de-dpo-longue');
  await page.fill('input[name=repeat]', 'ma-phrase-de-dpo-longue');
  await page.click('button.primary');
  await page.waitForSelector('[role=alert]');
  expect(plain(await page.textContent('[role=alert]'))).toBe('Il ne doit pas contenir votre identifiant.');
  const chosen = 'une phrase longue et à moi';
  await page.fill('input[name=current]', first);
  await page.fill('input[name=next]', chosen);
  await page.fill('input[name=repeat]', chosen);
  await page.click('button.primary');
  await page.waitForURL(`${shown.url}/`);
  passwords.set('dpo', chosen);
  expect(plain(await page.textContent('h1'))).toContain('60 accès sur la période');

  await open(page, '/access?period=24h');
  expect(plain(await page.textContent('h1'))).toBe('60 accès sur la période');
  expect(await page.locator('#accesses tbody tr').count()).toBe(50);
  await page.click('text=Suivants');
  await page.waitForURL(/before=/);
  expect(await page.locator('#accesses tbody tr').count()).toBe(10);
  await page.locator('#accesses tbody a').first().click();
  await page.waitForURL(/\/access\/c1-audit-/);
  await page.waitForLoadState('networkidle');
  expect(plain(await page.textContent('h1'))).toMatch(
    /^Radiologue A-[0-9A-F]{4} : Consultation d.images, le /
  );
  expect(await page.textContent('body')).not.toContain('DUPONT');
  await page.fill('input[name=reference]', 'demande 2026-118');
  await page.click('button:has-text("Voir les identités")');
  await page.waitForSelector('#opened');
  expect(plain(await page.textContent('#opened'))).toMatch(/DUPONT\^N\d+.*IPP-\d+/);
  await page.reload();
  expect(await page.textContent('body')).not.toContain('DUPONT');
  expect(complaints.filter((one) => !one.includes('status of 400'))).toEqual([]);
  await page.context().close();
}, 60_000);

test('the keyboard goes to pages, lists its shortcuts and finds the search field', async () => {
  const { page } = await as('dsi');
  await open(page, '/');
  await page.keyboard.press('Tab');
  expect(plain(await page.evaluate(() => document.activeElement?.textContent ?? ''))).toBe(
    'Aller au contenu'
  );
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.waitForURL('**/sources');
  await page.keyboard.press('?');
  expect(await page.isVisible('dialog[open]')).toBe(true);
  await page.keyboard.press('Escape');
  expect(await page.isVisible('dialog[open]')).toBe(false);
  await page.context().close();
  const dpo = await as('dpo');
  await open(dpo.page, '/access');
  await dpo.page.keyboard.press('/');
  expect(await dpo.page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('identifier');
  await dpo.page.context().close();
});

test('a message that was not understood leads from its source to its reason', async () => {
  const { page } = await as('dsi');
  await open(page, '/sources');
  await page.locator('#quarantine a').first().click();
  await page.waitForURL(/\/sources\/.+/);
  expect(plain(await page.textContent('#quarantine tbody'))).toMatch(/TCP.*c1-audit-\d+-0/);
  await page.context().close();
});

test('period, sites and language stay in the address and on the way to another page', async () => {
  const { page } = await as('dsi');
  await open(page, '/access?period=7d&site=troyes');
  await page.click('nav a:has-text("Sources")');
  await page.waitForURL('**/sources?period=7d&site=troyes');
  await page.click('a[hreflang=en]');
  await page.waitForLoadState('networkidle');
  expect(await page.getAttribute('html', 'lang')).toBe('en');
  await open(page, '/access');
  expect(await page.getAttribute('html', 'lang')).toBe('en');
  await page.context().close();
});

test.each([
  { width: 1440, dark: false, language: 'fr' },
  { width: 390, dark: true, language: 'en' }
])(
  'every page of the shell is clean at $width px in $language',
  async ({ width, dark, language }) => {
    const [row] = await engine.rows<{ id: string }>(
      "SELECT concat(collector, '-', lane, '-', toString(seq), '-', toString(sub)) AS id FROM audit.event WHERE lane = 'audit' LIMIT 1"
    );
    const refused = await openPage(browser, { width, dark });
    const visits: [Page, string[], string[]][] = [[refused.page, refused.complaints, ['/sign-in']]];
    for (const [login, paths] of [
      ['dsi', ['/', '/access', '/sources', '/sources/deepunity', '/password', '/nowhere']],
      ['dpo', ['/', '/access', `/access/${row?.id}`, '/sources']],
      ['direction', ['/', '/access']]
    ] as const) {
      const { page, complaints } = await as(login, { width, dark });
      visits.push([page, complaints, [...paths]]);
    }
    for (const [page, complaints, paths] of visits) {
      for (const path of paths) {
        await open(page, `${path}?lang=${language}`);
        expect(await page.getAttribute('html', 'lang'), path).toBe(language);
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
          path
        ).toBeLessThanOrEqual(0);
        expect(await seriousViolations(page), path).toEqual([]);
      }
      // The browser itself reports the refusals that were asked for.
      expect(complaints.filter((one) => !/status of 40[34]/.test(one))).toEqual([]);
      await page.context().close();
    }
  },
  120_000
);

test('while the store is away a page says what failed, what still works, and an id that the log knows', async () => {
  const { page } = await as('dsi');
  await engine.kill9();
  await open(page, '/sources');
  const told = plain(await page.textContent('main'));
  expect(told).toContain('La base ne répond pas : rien n’est perdu');
  const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(told)?.[0] ?? 'none';
  expect(shown.process.output()).toContain(id);
  await engine.restart();
  await open(page, '/sources');
  expect(plain(await page.textContent('h1'))).toContain('sources');
  await page.context().close();
});

test('signing out ends the session on the server', async () => {
  const { page } = await as('direction');
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'vigie_session');
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  await page.click('details.menu.right summary');
  await page.click('form[action="/sign-out"] button');
  await page.waitForURL('**/sign-in');
  const again = await fetch(`${shown.url}/`, {
    headers: { cookie: `vigie_session=${cookie?.value}` },
    redirect: 'manual'
  });
  expect(again.status).toBe(303);
  expect(readFileSync(`${engine.dataFolder}/console/console.db`).includes(cookie?.value ?? '')).toBe(false);
  await page.context().close();
});
