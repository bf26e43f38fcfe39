import { createConnection } from 'node:net';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKeys } from '../keys.ts';
import { createCertificate } from '../start/certificate.ts';
import { auditSyslog, counted } from '../testkit/audit-messages.ts';
import { launchBrowser, openPage, seriousViolations, signIn } from '../testkit/browser.ts';
import { quietConfig, startTestCollector, type TestCollector } from '../testkit/collector.ts';
import { startTestConsole, type TestConsole } from '../testkit/console.ts';
import { startTestEngine, type TestEngine } from '../testkit/engine.ts';
import { eventually } from '../testkit/eventually.ts';
import { startNodeExporter } from '../testkit/node-exporter.ts';
import { makeStudy, startOrthanc, storescu, type StudyFiles, type TestOrthanc } from '../testkit/orthanc.ts';
import { startRsyslog, type TestRsyslog } from '../testkit/rsyslog.ts';

/*
 * The whole way on real input, against known truth: DCMTK from several AE titles → Orthanc → puller; audit messages through
 * rsyslog over TLS; HL7 through MLLP; a real node_exporter; C-ECHO and HTTP probes of the same Orthanc. The figures are read on
 * the console's pages, in a browser.
 */
let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let orthanc: TestOrthanc;
let rsyslog: TestRsyslog;
let exporter: { readonly url: string; stop(): Promise<void> };
let browser: Browser;
let page: Page;
let complaints: string[];
const password = new Map<string, string>();

const sent = [
  { ae: 'TRO_CT1', modality: 'CT', sop: '1.2.840.10008.5.1.4.1.1.2', images: 6 },
  { ae: 'HPA_MR1', modality: 'MR', sop: '1.2.840.10008.5.1.4.1.1.4', images: 4 },
  { ae: 'GHAM_DX1', modality: 'DX', sop: '1.2.840.10008.5.1.4.1.1.1.1', images: 2 }
] as const;
const audits = 40;
const exams = 12;
let studies: StudyFiles[];

/** The shipped group, its PACS being the real Orthanc, its disk the real one, and nothing simulated. */
function configuration(): string {
  const orthancUrl = new URL(orthanc.url);
  return quietConfig()
    .replace(
      /^pulls: \[\]\n/m,
      `pulls:
  - { id: orthanc, kind: orthanc, system: deepunity, url: '${orthanc.url}', every_seconds: 1, pool: ORTHANC, tier: online }
  - id: disque
    kind: prometheus
    system: vna
    url: '${exporter.url}'
    every_seconds: 1
    filesystems: [{ mountpoint: /, pool: RACINE, tier: nearline }]
`
    )
    .replace(
      /^probes: \[\]\n/m,
      `probes:
  - { id: echo, kind: c-echo, system: deepunity, host: 127.0.0.1, port: ${orthanc.dicomPort}, called_ae: DEEPUNITY, every_seconds: 1 }
  - { id: http, kind: http, system: ris, url: 'http://127.0.0.1:${orthancUrl.port}/system', every_seconds: 1 }
  - { id: gone, kind: http, system: emage, url: 'http://127.0.0.1:9/', every_seconds: 1 }
`
    )
    .replace(
      /^objectives: \[\]\n/m,
      `objectives:
  - { id: pacs, name: { fr: 'PACS réel', en: 'Real PACS' }, system: deepunity, probes: [echo], target_percent: 99.9, slice_minutes: 1 }
  - { id: ris, name: { fr: 'RIS réel', en: 'Real RIS' }, system: ris, probes: [http], target_percent: 99.9, slice_minutes: 1 }
  - { id: portail, name: { fr: 'Portail absent', en: 'Absent portal' }, system: emage, probes: [gone], target_percent: 99.5, slice_minutes: 1 }
`
    )
    .replace('simulator: { enabled: true', 'simulator: { enabled: false');
}

const hl7Time = (at: Date) => at.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);

function order(n: number, status: 'started' | 'ended' | 'signed'): string {
  const at = new Date(Date.now() - 3_600_000 + n * 1000);
  const head = (type: string) => [
    `MSH|^~\\&|RIS|CHT|VIGIE|GHT|${hl7Time(at)}+0000||${type}|${n}-${status}|P|2.5.1||||||UNICODE UTF-8`,
    `PID|1||T${n}^^^GHT&1.2.250.1.999.10.1&ISO^PI||TEST^Patient||19700101|F`,
    'PV1|1|O'
  ];
  const obr = (fields: Record<number, string>) => {
    const all: Record<number, string> = {
      1: '1',
      2: `O${n}`,
      3: `F${n}`,
      4: 'CT^Scanner^L',
      18: `E${n}`,
      20: 'TRO_CT1',
      24: 'CT',
      ...fields
    };
    return `OBR|${Array.from({ length: Math.max(...Object.keys(all).map(Number)) }, (_, i) => all[i + 1] ?? '').join('|')}`;
  };
  const segments =
    status === 'signed'
      ? [
          ...head('ORU^R01^ORU_R01'),
          obr({ 22: `${hl7Time(at)}+0000`, 25: 'F', 32: 'lecteur&LECTEUR&Rob^^^^^^HPA' })
        ]
      : [
          ...head('ORM^O01^ORM_O01'),
          `ORC|XO|O${n}|F${n}||${status === 'started' ? 'IP' : 'CM'}||||${hl7Time(at)}+0000`,
          obr({})
        ];
  return `${segments.join('\r')}\r`;
}

async function sendHl7(port: number, messages: readonly string[]): Promise<number> {
  const socket = createConnection(port, '127.0.0.1');
  await once(socket, 'connect');
  let answers = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answers += text));
  for (const message of messages) socket.write(`\x0b${message}\x1c\r`);
  const accepted = () => answers.match(/MSA\|AA/g)?.length ?? 0;
  await eventually(async () => accepted() === messages.length);
  socket.end();
  return accepted();
}

beforeAll(async () => {
  engine = await startTestEngine();
  const files = join(engine.dataFolder, 'dicom');
  mkdirSync(files);
  createCertificate(createKeys(engine.dataFolder));
  [orthanc, exporter] = await Promise.all([
    startOrthanc(engine.dataFolder, 'DEEPUNITY'),
    startNodeExporter()
  ]);
  collector = await startTestCollector(engine, { configText: configuration() });
  rsyslog = await startRsyslog(engine.dataFolder, {
    port: collector.ports.syslogTls ?? 0,
    certificate: join(engine.dataFolder, 'keys', 'tls.crt')
  });
  shown = await startTestConsole(engine, collector);
  browser = await launchBrowser();
  ({ page, complaints } = await openPage(browser));

  studies = await Promise.all(
    sent.map((one, i) => makeStudy(files, i + 1, one.modality, one.sop, one.images))
  );
  for (const [i, one] of sent.entries())
    await storescu(orthanc, one.ae, 'DEEPUNITY', studies[i]?.files ?? []);
  const relay = createConnection(rsyslog.port, '127.0.0.1');
  await once(relay, 'connect');
  for (let n = 0; n < audits; n++) relay.write(counted(auditSyslog(n)));
  relay.end();
  const messages = Array.from({ length: exams }, (_, n) => [
    order(n, 'started'),
    order(n, 'ended'),
    order(n, 'signed')
  ]).flat();
  expect(await sendHl7(collector.ports.mllp, messages)).toBe(messages.length);
  await eventually(async () => {
    const [row] = await engine.rows<{
      audits: number;
      exams: number;
      images: number;
      disks: number;
      probes: number;
    }>(
      `SELECT (SELECT count() FROM audit.event WHERE lane = 'audit') AS audits, (SELECT count() FROM ops.exam_event) AS exams,
        (SELECT toUInt64(sum(instances)) FROM ops.transfer) AS images, (SELECT count() FROM ops.storage_sample WHERE pool = 'RACINE') AS disks,
        (SELECT count() FROM ops.probe_result) AS probes`
    );
    return (
      row?.audits === audits &&
      row.exams === messages.length &&
      row.images === 12 &&
      row.disks > 0 &&
      row.probes > 5
    );
  }, 60_000);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await shown?.stop();
  await Promise.all([rsyslog?.stop(), orthanc?.stop(), exporter?.stop()]);
  await collector?.stop();
  await engine?.stop();
}, 60_000);

async function open(login: string, path: string): Promise<string> {
  const known = password.get(login);
  await page.context().clearCookies();
  password.set(login, await signIn(page, shown.url, login, known ?? shown.passwords.get(login) ?? ''));
  await page.goto(`${shown.url}${path}`);
  await page.waitForLoadState('networkidle');
  return page.locator('main').innerText();
}

test('the access page counts what rsyslog relayed over TLS', async () => {
  const text = await open('dsi', '/access?period=24h');
  expect(text).toContain(`${audits} accès sur la période`);
  expect(await page.locator('#accesses tbody tr').count()).toBe(audits);
  const [row] = await engine.rows<{ transport: string }>(
    "SELECT DISTINCT transport FROM audit.event WHERE lane = 'audit'"
  );
  expect(row?.transport).toBe('tls');
});

test('the traffic page knows who sent what to Orthanc, by AE title, with its volume', async () => {
  const text = await open('dsi', '/traffic?period=24h');
  for (const { ae } of sent) expect(text).toContain(ae);
  const [row] = await engine.rows<{ bytes: number; images: number }>(
    'SELECT toUInt64(sum(bytes)) AS bytes, toUInt64(sum(instances)) AS images FROM ops.transfer WHERE authoritative = 1'
  );
  expect(row?.images).toBe(sent.reduce((sum, one) => sum + one.images, 0));
  // Orthanc keeps each file with its own meta header, so sizes agree to a few hundred bytes a file.
  const truth = studies.reduce((sum, one) => sum + one.bytes, 0);
  expect(Math.abs((row?.bytes ?? 0) - truth)).toBeLessThan(400 * 12);
});

test('the storage page shows the real disk as node_exporter tells it', async () => {
  const text = await open('dsi', '/storage');
  expect(text).toContain('RACINE');
  const { blocks, bfree, bsize } = statfsSync('/');
  const [row] = await engine.rows<{ used: number; capacity: number }>(
    "SELECT used, capacity FROM ops.storage_sample WHERE pool = 'RACINE' ORDER BY occurred_at DESC LIMIT 1"
  );
  expect(row?.capacity).toBe(blocks * bsize);
  expect(Math.abs((row?.used ?? 0) - (blocks - bfree) * bsize)).toBeLessThan(2e9);
});

test('the activity page counts the exams of the RIS and who read them', async () => {
  const text = await open('direction', '/activity?period=7d');
  expect(text).toContain(`${exams} examens terminés`);
  const readers = page.locator('section', { hasText: 'Qui lit pour qui' });
  expect(await readers.innerText()).toContain(String(exams));
});

test('the sources page balances, and nothing is called simulated', async () => {
  const text = await open('dsi', '/sources');
  expect(text).toContain('PACS DeepUnity');
  expect(await page.locator('text=Données simulées').count()).toBe(0);
  const unbalanced = await engine.rows(
    'SELECT * FROM ops.feed_minute WHERE received != stored + duplicate + quarantined'
  );
  expect(unbalanced).toEqual([]);
});

test.each(['fr', 'en'])(
  'no page of any reader has a serious accessibility violation or a browser error (%s)',
  async (language) => {
    const pages: Record<string, string[]> = {
      dsi: [
        '/',
        '/access',
        '/activity',
        '/turnaround',
        '/capacity',
        '/traffic',
        '/arrival',
        '/storage',
        '/sla',
        '/sources'
      ],
      dpo: ['/', '/access', '/arrival', '/sources'],
      direction: ['/', '/activity', '/turnaround', '/capacity', '/storage', '/sla']
    };
    for (const [login, paths] of Object.entries(pages)) {
      await open(login, `/?lang=${language}`);
      complaints.length = 0;
      for (const path of paths) {
        await page.goto(`${shown.url}${path}`);
        await page.waitForLoadState('networkidle');
        expect(await page.locator('html').getAttribute('lang')).toBe(language);
        expect([path, await seriousViolations(page)]).toEqual([path, []]);
      }
      expect(complaints).toEqual([]);
    }
  },
  180_000
);

test('every page fits 390 pixels', async () => {
  await open('dsi', '/');
  await page.setViewportSize({ width: 390, height: 800 });
  for (const path of [
    '/',
    '/access',
    '/activity',
    '/turnaround',
    '/capacity',
    '/traffic',
    '/arrival',
    '/storage',
    '/sla',
    '/sources'
  ]) {
    await page.goto(`${shown.url}${path}`);
    await page.waitForLoadState('networkidle');
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect([path, width]).toEqual([path, 390]);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}, 120_000);

test('no process wrote a patient or a person into its log', () => {
  const output = [collector.process.output(), shown.process.output(), engine.process.output()].join('');
  expect(output).not.toMatch(/NUMERO|TEST\^Patient|LECTEUR|user1\b/);
  expect(readFileSync(join(engine.dataFolder, 'vigie.yaml'), 'utf8')).toContain('PACS réel');
});

// Last: a slice of time counts once it is over, and these are a minute long.
test('the SLA page tells what answers from what does not', async () => {
  await eventually(
    async () =>
      (await engine.rows('SELECT 1 FROM ops.probe_minute WHERE minute < toStartOfMinute(now()) - 60'))
        .length > 0,
    150_000
  );
  const text = await open('direction', '/sla');
  const line = async (name: string) =>
    (await page.locator('tr', { hasText: name }).first().innerText()).replaceAll(/\s+/g, ' ');
  expect(text).toContain('Portail absent');
  expect(await line('PACS réel')).toContain('100,00');
  expect(await line('Portail absent')).toContain('0,00');
}, 180_000);
