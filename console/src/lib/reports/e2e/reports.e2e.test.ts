import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser, openPage, seriousViolations, signIn } from '@vigie/tools/testkit/browser';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let folder: string;
let readers: Record<'dsi' | 'direction', Awaited<ReturnType<TestConsole['reader']>>>;

/** So many exams that ended on a day. */
const ended = (day: string, site: string, establishment: string, modality: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    lane: 'ops', collector: 'c9', seq: Date.parse(day) / 1000 + n + site.length * 10_000, received_at: `${day} 10:00:00`, retention: 'ops',
    source: 'ris', site, establishment, modality, occurred_at: `${day} 10:00:00`, milestone: 'ended', accession: `${site}-${modality}-${day}-${n}`
  })); // prettier-ignore

beforeAll(async () => {
  engine = await startTestEngine();
  folder = mkdtempSync(join(tmpdir(), 'vigie-reports-'));
  await engine.writer.insert({
    table: 'ops.exam_event',
    format: 'JSONEachRow',
    values: [
      ...ended('2025-09-01', 'troyes', 'ch-troyes', 'CT', 1),
      ...ended('2025-10-08', 'troyes', 'ch-troyes', 'CT', 20),
      ...ended('2026-09-08', 'troyes', 'ch-troyes', 'CT', 24),
      ...ended('2026-10-31', 'troyes', 'ch-troyes', 'CT', 30),
      ...ended('2026-10-31', 'hpa', 'hpa', 'MR', 12),
      ...ended('2026-10-30', 'hpa', 'hpa', 'US', 5),
      ...ended('2026-10-31', 'gham', 'gham', 'DX', 1234)
    ]
  });
  const director = '  - { login: gham, name: Direction du GHAM, role: direction, establishments: [gham] }';
  const configText = quietConfig().replace(/^accounts:\n/m, `accounts:\n${director}\n`);
  collector = await startTestCollector(engine, { configText });
  shown = await startTestConsole(engine, collector);
  readers = { dsi: await shown.reader('dsi'), direction: await shown.reader('direction') };
});
afterAll(async () => {
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const tool = (name: string, ...args: string[]) =>
  execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
async function pdfOf(path: string): Promise<string> {
  const file = join(folder, `${path.replaceAll(/\W/g, '-')}.pdf`);
  writeFileSync(file, await readers.direction.bytes(path));
  return file;
}

test('the list names months and sites within the reader’s rights', async () => {
  const { text } = await readers.direction.get('/reports');
  expect(text).toContain('octobre 2026');
  expect(text).toContain('/reports/2026-10/group');
  const { text: english } = await readers.dsi.get('/reports?lang=en');
  expect(english).toContain('October 2026');
  const dpo = await shown.reader('dpo');
  expect((await dpo.get('/reports')).status).toBe(403);
  expect((await dpo.get('/reports/2026-10/group/pdf')).status).toBe(403);
  for (const path of ['/reports/2026-10/nowhere', '/reports/october/group', '/reports/2099-01/group'])
    expect((await readers.direction.get(path)).status, path).toBe(404);
});

test('the page shows the month against the month before and last year, and withholds what is small, also from the DSI', async () => {
  for (const reader of Object.values(readers)) {
    const { text } = await reader.get('/reports/2026-10/group?in=en');
    const said = text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
    expect(said).toMatch(/Troyes 30 24 \+25\.0 % 20 \+50\.0 %/);
    expect(said).toMatch(/HPA 17 0 – 0 –/);
    // The sum is known: what is large is withheld with what is small.
    expect(said).toMatch(/HPA MRI \(MR\) withheld/);
    expect(said).toMatch(/HPA Ultrasound \(US\) withheld/);
    expect(said).toContain('Numbers that are too small');
  }
});

test('the PDF is tagged, in its language, and says what the page says; readers of PDF find it whole', async () => {
  const french = await pdfOf('/reports/2026-10/group/pdf?in=fr');
  const english = await pdfOf('/reports/2026-10/gham/pdf?in=en');
  for (const file of [french, english]) {
    expect(tool('pdfinfo', file)).toMatch(/Tagged:\s+yes/);
    tool('qpdf', '--check', file);
  }
  const raw = (file: string) => tool('qpdf', '--qdf', '--object-streams=disable', file, '-');
  expect(raw(french)).toMatch(/\/Lang \(fr\)/);
  expect(raw(english)).toMatch(/\/Lang \(en\)/);
  expect(raw(french)).toContain('pdfuaid:part');
  const structure = tool('pdfinfo', '-struct-text', french);
  expect(structure).toMatch(/H1 .*\n\s+"Rapport mensuel d’imagerie, Groupement, octobre 2026"/);
  expect(structure).toMatch(/H2 "Examens par site"/);
  expect(structure).toMatch(/TH[^]*Scope \/Column[^]*"Examens"[^]*TD[^]*"Troyes"/);
  const text = tool('pdftotext', '-layout', french, '-');
  expect(text).toMatch(/GHAM\s+1[  \s]234/u);
  expect(text).toMatch(/Troyes.*24.*\+25,0/);
  expect(text).toContain('Définition et source');
  expect(text).toMatch(/jalon\s+«\s*ended\s*»/);
  expect(text).toContain('non montré');
  const site = tool('pdftotext', '-layout', english, '-');
  expect(site).toContain('Monthly imaging report, Groupement Hospitalier Aube-Marne, October 2026');
  expect(site).not.toMatch(/Troyes\s+\d/);
});

test('a report that is made is kept, said so, and each making and giving is in Vigie’s own log', async () => {
  const made = await readers.direction.post('/reports/2026-10/troyes?/keep', {});
  expect(made.status).toBe(200);
  for (const name of ['troyes.fr.pdf', 'troyes.en.pdf', 'troyes.fr.json'])
    expect(existsSync(join(engine.dataFolder, 'reports', '2026-10', name)), name).toBe(true);
  expect((await readers.direction.get('/reports')).text).toContain('conservé le');
  const before = await readers.direction.bytes('/reports/2026-10/troyes/pdf?in=fr');
  const after = await readers.direction.bytes('/reports/2026-10/troyes/pdf?in=fr');
  expect(Buffer.from(after).equals(Buffer.from(before))).toBe(true);
  const acts = await until(
    () =>
      engine.rows<{ types: string[] }>(
        `SELECT event_types AS types FROM audit.event WHERE lane = 'own' AND event_code = '110106' ORDER BY seq`
      ),
    (rows) => rows.length >= 5
  );
  const told = acts.map(({ types }) => types.join(' '));
  expect(told).toContain('report-taken about:/reports/2026-10/gham');
  expect(told).toContain('report-made about:/reports/2026-10/troyes');
});

test('a report with a part that could not be computed says which, is not kept, and leaves what is kept as it was', async () => {
  const kept = () => readdirSync(join(engine.dataFolder, 'reports', '2026-10')).toSorted();
  const before = kept();
  await engine.writer.command({ query: 'RENAME TABLE ops.probe_minute TO ops.probe_minute_away' });
  try {
    const { text } = await readers.direction.get('/reports/2026-10/group?in=en&lang=en');
    expect(text).toMatch(/Incomplete report: “.+” could not be computed\./);
    const refused = await readers.direction.post('/reports/2026-10/group?/keep', {});
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('Rapport incomplet');
    const pdf = await pdfOf('/reports/2026-10/group/pdf?in=fr');
    expect(tool('pdftotext', '-layout', pdf, '-')).toContain('Rapport incomplet');
    expect(kept()).toEqual(before);
    const told = await engine.rows(
      `SELECT 1 FROM audit.event WHERE lane = 'own' AND hasAll(event_types, ['report-made', 'about:/reports/2026-10/group'])`
    );
    expect(told).toEqual([]);
  } finally {
    await engine.writer.command({ query: 'RENAME TABLE ops.probe_minute_away TO ops.probe_minute' });
  }
  const made = await readers.direction.post('/reports/2026-10/group?/keep', {});
  expect(made.status).toBe(200);
  // A site's report leads to that site's figures.
  const { text } = await readers.direction.get('/reports/2026-10/troyes');
  expect(text).toContain('/activity?from=2026-10-01&amp;to=2026-10-31&amp;site=troyes');
});

test('the page is read by keyboard and screen reader, on a narrow screen too', async () => {
  const browser = await launchBrowser();
  try {
    const { page, complaints } = await openPage(browser, { width: 390, height: 844 });
    await signIn(page, shown.url, 'gham', shown.passwords.get('gham') ?? '');
    expect((await page.goto(`${shown.url}/reports/2026-10/group`))?.status()).toBe(404);
    complaints.length = 0;
    await page.goto(`${shown.url}/reports/2026-10/gham`);
    expect(await page.textContent('h1')).toContain('Groupement Hospitalier Aube-Marne, octobre 2026');
    expect(await seriousViolations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
}, 120_000);
