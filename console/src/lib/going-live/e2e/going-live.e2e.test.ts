import { launchBrowser, openPage, seriousViolations, signIn } from '@vigie/tools/testkit/browser';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let seq = 0;

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
const stamp = (at: Date) => at.toISOString().replace('T', ' ').slice(0, 23);
const base = (at: Date) => ({ lane: 'ops', collector: 'c9', seq: ++seq, received_at: stamp(at), occurred_at: stamp(at), retention: 'ops', source: 'deepunity', site: 'gham', establishment: 'gham' }); // prettier-ignore
const insert = (table: string, values: readonly object[]) =>
  engine.writer.insert({ table, values, format: 'JSONEachRow' });
const stored = (at: Date, from: string, more: object = {}) => ({
  ...base(at), observer: 'deepunity', authoritative: 1, grain: 'association', service: 'C-STORE', calling_ae: from.toUpperCase(),
  from_system: from, to_system: 'deepunity', modality: 'CT', instances: 10, failures: 0, bytes: 50_000_000, duration_ms: 1000, status: 'success', ...more
}); // prettier-ignore
/** One exam with its milestones, ended so many days ago. */
const exam = (days: number, n: number, { ins, available }: { ins: string; available: boolean }) =>
  ['ended', ...(available ? ['available'] : [])].map((milestone) => ({
    ...base(daysAgo(days)), source: 'ris', milestone, accession: `G${n}`, modality: 'CT', ins_status: ins
  })); // prettier-ignore

beforeAll(async () => {
  engine = await startTestEngine();
  const liveOn = daysAgo(20).toISOString().slice(0, 10);
  const configText = quietConfig()
    .replace(
      /^accounts:\n/m,
      'accounts:\n  - { login: gham, name: DSI du GHAM, role: dsi, establishments: [gham] }\n'
    )
    .replace(
      /^accounts:\n/m,
      'accounts:\n  - { login: gham-direction, name: Direction du GHAM, role: direction, establishments: [gham] }\n  - { login: gham-dsi, name: SI du GHAM, role: dsi, establishments: [gham] }\n'
    )
    .replace(
      /^systems:\n/m,
      `systems:\n  - { id: troyes-archive, name: 'Archive de Troyes', kind: archive, site: troyes, ae_titles: ['TRO_ARC'] }\n`
    )
    .replace(
      /^ {2}migrations:\n/m,
      `  migrations:\n    - { id: local, name: { fr: 'Reprise de Troyes', en: 'Takeover of Troyes' }, from: troyes-archive, to: vna, on: ${daysAgo(8).toISOString().slice(0, 10)} }\n`
    )
    .replace(/live_on: \S+/, `live_on: ${liveOn}`)
    .replace(/exams_per_day: \d+/, 'exams_per_day: 10')
    .replace(
      /from: deepunity, to: vna, on: \S+/,
      `from: deepunity, to: vna, on: ${daysAgo(10).toISOString().slice(0, 10)}`
    );
  await insert('ops.transfer', [
    ...['gham-ct-1', 'gham-dx-1', 'gham-dx-2', 'gham-us-1'].map((one) => stored(daysAgo(3), one)),
    stored(daysAgo(3), 'gham-mg-1', { service: 'C-ECHO', bytes: null, instances: null }),
    stored(daysAgo(2), '', { calling_ae: 'STRANGE_CT' }),
    stored(daysAgo(15), 'deepunity', { to_system: 'vna', site: '', establishment: '', status: 'failure' }),
    stored(daysAgo(15), 'deepunity', { to_system: 'vna', site: '', establishment: '' }),
    stored(daysAgo(5), 'deepunity', { to_system: 'vna', site: '', establishment: '' })
  ]);
  await insert(
    'ops.exam_event',
    Array.from({ length: 60 }, (_, n) =>
      exam(1 + (n % 6), n, { ins: n < 57 ? 'qualified' : 'provisional', available: n < 45 })
    ).flat()
  );
  // Another site's own service fails: no concern of the site that joins.
  await insert(
    'ops.probe_result',
    Array.from({ length: 5 }, () => ({
      ...base(daysAgo(1)), source: 'vigie', site: 'troyes', establishment: 'ch-troyes', system: 'troyes-archive', probe: 'troyes-echo', kind: 'c-echo', success: 0
    })) // prettier-ignore
  );
  collector = await startTestCollector(engine, { configText });
  shown = await startTestConsole(engine, collector);
});
afterAll(async () => {
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
});

const said = async (login: string) =>
  (await (await shown.reader(login)).get('/going-live?lang=en')).text
    .replaceAll(/<(?:style|script)[\s\S]*?<\/(?:style|script)>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

test('each line of a site that joins has its state, figure and threshold; what is not measured says how to feed it', async () => {
  const page = await said('dsi');
  expect(page).toContain('Groupement Hospitalier Aube-Marne: 2 of 7 points are ready');
  expect(page).toMatch(/modalities tried .*? below the threshold 80\.0 % 4 of 5 ≥ 100\.0 %/);
  expect(page).toMatch(/C-ECHO of the services .*? not measured .*?docs\/inputs\/probes\.md/);
  expect(page).toMatch(/Worklist .*? not measured .*?docs\/inputs\/dicom-sensor\.md/);
  expect(page).toMatch(/Qualified national identifier .*? ready 95\.0 % 57 of 60 ≥ 95\.0 %/);
  expect(page).toMatch(/images available .*? below the threshold 75\.0 % 45 of 60 ≥ 98\.0 %/);
  expect(page).toMatch(/Unknown senders .*? below the threshold 1 unknown ≤ 0/);
  expect(page).toMatch(/expected volume .*? ready 85\.7 % 60 of 70 ≥ 80\.0 %/);
  expect(page).toMatch(/C-ECHO only/);
  expect(page).toContain('STRANGE_CT');
});

test('a migration shows the same measures before and after', async () => {
  const page = await said('dsi');
  expect(page).toMatch(
    /VNA Transfers taken in \(C-STORE\) 2 1 Failed transfers 50\.0 % 0\.0 % Throughput while sending 50\.0 MB\/s 50\.0 MB\/s/
  );
  expect(page).toContain('docs/inputs/census.md');
});

test('a reader of some establishments sees neither the migration nor the checks of another’s archive', async () => {
  for (const login of ['dsi', 'direction']) expect(await said(login), login).toContain('Takeover of Troyes');
  for (const login of ['gham-dsi', 'gham-direction']) {
    const page = await said(login);
    expect(page, login).not.toMatch(/Takeover of Troyes|Archive de Troyes/);
    expect(page, login).toContain('Archiving: from the PACS to the VNA');
    expect(page, login).toMatch(/C-ECHO of the services .*? not measured/);
  }
});

test('directors see no share of a few patients, and those without a right to it no page', async () => {
  const page = await said('direction');
  // 3 exams without a qualified identifier are few.
  expect(page).toMatch(/Qualified national identifier .*? too few to be shown –/);
  expect(page).toMatch(/images available .*? 75\.0 %/);
  expect((await (await shown.reader('dpo')).get('/going-live')).status).toBe(403);
});

test('the page is read by a screen reader and on a narrow screen', async () => {
  const browser = await launchBrowser();
  try {
    const { page, complaints } = await openPage(browser, { width: 390, height: 844 });
    await signIn(page, shown.url, 'gham', shown.passwords.get('gham') ?? '');
    await page.goto(`${shown.url}/going-live`);
    expect(await seriousViolations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
}, 120_000);
