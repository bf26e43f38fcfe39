import { createSocket } from 'node:dgram';
import { buildAuditMessage, dcm } from '@vigie/schemas/audit-message';
import { counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { launchBrowser, openPage, seriousViolations, signIn } from '@vigie/tools/testkit/browser';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { makeStudy, startOrthanc, storescu, type TestOrthanc } from '@vigie/tools/testkit/orthanc';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let orthanc: TestOrthanc;
let browser: Awaited<ReturnType<typeof launchBrowser>>;
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

async function post(feed: string, records: readonly object[]): Promise<void> {
  const response = await fetch(`${collector.url}/v1/${feed}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${collector.simulatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ records })
  });
  if (!response.ok) throw new Error(await response.text());
}

/** Lines of the viewer's web server: 12 studies opened from Troyes by six clients, each with one image. */
async function webLog(): Promise<void> {
  const socket = createSocket('udp4');
  const sent: Promise<unknown>[] = [];
  for (let n = 0; n < 12; n++)
    for (const [i, path] of [
      'series',
      'series/1.1/metadata',
      'series/1.1/instances/1.1.1/frames/1'
    ].entries()) {
      const line = {
        msec: (Date.now() - (30 + n) * 60_000 + i * 400 + 100) / 1000, req_id: `${n}-${i}`, client: `10.10.5.${n % 6}`, method: 'GET',
        uri: `/dicom-web/studies/1.2.250.1.999.${n}/${path}?PatientName=DUPONT`, status: n === 3 && i === 2 ? 503 : 200,
        body_out: 100_000, rt: 0.1, ua: 'OHIF/3.9', completion: 'OK'
      }; // prettier-ignore
      const frame = `<182>Nov 24 07:05:00 viewer.ght-aube.example dicomweb: ${JSON.stringify(line)}`;
      sent.push(
        new Promise((resolve) => socket.send(frame, collector.ports.syslogUdp, '127.0.0.1', resolve))
      );
    }
  await Promise.all(sent);
  socket.close();
}

/** A patient opens their own images on the portal. */
const portalAudit = (n: number) =>
  `<85>1 ${ago(20)} e-mage.pulsy.example E-MAGE - IHE+RFC-3881 - ${buildAuditMessage({
    event: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    outcome: 0,
    dateTime: ago(20 + n / 10),
    participants: [
      { userId: `patient:99${n}`, userName: 'Camille EXEMPLE', requestor: true, roles: [{ code: 'patient', system: 'GHT', text: 'Patient' }] }
    ],
    sourceId: 'E-MAGE',
    enterpriseSiteId: 'TROYES',
    objects: [
      { id: `99${n}^^^&1.2.250.1.999.10.1&ISO^PI`, idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' }, type: 1, role: 1, name: 'EXEMPLE^Camille' }
    ]
  })}`; // prettier-ignore

/** What three archives say of yesterday: a study of GHAM that the PACS holds, and neither the VNA nor the archive of Troyes. */
async function census(): Promise<void> {
  const told = (seq: number, site: string, establishment: string) => ({
    lane: 'ops', collector: 'c9', seq, sub: 0, block: 1, decoder: 't', retention: 'ops', site, establishment, received_at: ago(30),
    occurred_at: ago(30), study_date: ago(24 * 60).slice(0, 10)
  }); // prettier-ignore
  const insert = (table: string, values: readonly object[]) =>
    engine.writer.insert({ table, format: 'JSONEachRow', values: [...values] });
  await insert('ops.census_study', [
    { ...told(1, 'gham', 'gham'), source: 'deepunity', system: 'deepunity', modality: 'CT', study: '1.2.250.1.999.77', accession: 'A77', instances: 10, state: 'seen' }
  ]); // prettier-ignore
  await insert(
    'ops.census',
    ['deepunity', 'vna', 'troyes-archive'].map((system, n) => ({
      ...told(2 + n, '', ''), source: system, system, grain: 'day', studies: 1, complete: 1, reason: ''
    })) // prettier-ignore
  );
}

beforeAll(async () => {
  engine = await startTestEngine();
  orthanc = await startOrthanc(engine.dataFolder, 'VNA');
  const { files } = await makeStudy(engine.dataFolder, 1, 'CT', '1.2.840.10008.5.1.4.1.1.2', 3);
  await storescu(orthanc, 'TRO_CT1', 'VNA', files);
  const pull = `{ id: vna-orthanc, kind: orthanc, system: vna, url: '${orthanc.url}', every_seconds: 5, pool: ORT-1, tier: nearline }`;
  // A VNA of Troyes alone, and readers of GHAM alone.
  const configText = quietConfig()
    .replace('pulls: []\n', `pulls:\n  - ${pull}\n`)
    .replace(
      /^systems:\n/m,
      `systems:\n  - { id: troyes-archive, name: 'Archive locale de Troyes', kind: archive, site: troyes, ae_titles: ['TRO_ARC'] }\n`
    )
    .replace(
      'objectives: []\n',
      `objectives:
  - { id: local, name: { fr: 'Archive locale, dispo', en: 'Local archive, up' }, system: troyes-archive, probes: [local-echo], target_percent: 99 }
  - { id: shared, name: { fr: 'VNA, dispo', en: 'VNA, up' }, system: vna, probes: [vna-live], target_percent: 99 }\n`
    )
    .replace(
      'probes: []\n',
      `probes:
  - { id: local-echo, system: troyes-archive, kind: c-echo, host: 127.0.0.1, port: 1, called_ae: TRO_ARC, every_seconds: 3600 }
  - { id: vna-live, system: vna, kind: c-echo, host: 127.0.0.1, port: 1, called_ae: VNA, every_seconds: 3600 }\n`
    )
    .replace(
      /^accounts:\n/m,
      `accounts:\n${['dsi', 'dpo', 'direction']
        .flatMap((role) => [
          `  - { login: gham-${role}, name: GHAM, role: ${role}, establishments: [gham] }\n`,
          `  - { login: whole-${role}, name: Groupement, role: ${role}, establishments: all }\n`
        ])
        .join('')}`
    );
  collector = await startTestCollector(engine, { configText });
  shown = await startTestConsole(engine, collector);
  browser = await launchBrowser();
  await webLog();
  await sendTcp(
    collector.ports.syslog,
    Array.from({ length: 14 }, (_, n) => counted(portalAudit(n)))
  );
  await post('transfers', [
    ...Array.from({ length: 5 }, (_, n) => ({
      occurred_at: ago(40 + n), observer: 'deepunity', service: 'C-STORE', calling_ae: 'TRO_CT1', called_ae: 'DEEPUNITY', modality: 'CT',
      study: `1.2.250.1.999.${n}`, instances: 200, bytes: 1e8, status: 'success'
    })),
    { occurred_at: ago(35), observer: 'deepunity', service: 'C-STORE', calling_ae: 'IA_ORCH', called_ae: 'DEEPUNITY', modality: 'SR', instances: 3, bytes: 9000, status: 'success', site: 'troyes' }
  ]); // prettier-ignore
  await post(
    'usage',
    Object.entries({
      packets: 4200,
      bytes: 3_500_000,
      associations: 17,
      'dropped-by-capture': 6,
      'connections-not-dicom': 2
    }).map(([label, count]) => ({
      occurred_at: ago(15),
      system: 'capteur',
      kind: 'sensor-count',
      label,
      count,
      period_seconds: 300
    }))
  );
  await post('storage', [
    { occurred_at: ago(10), system: 'vna', pool: 'VNA-1', tier: 'nearline', capacity_bytes: 4e14, used_bytes: 3e14 } // prettier-ignore
  ]);
  await post('probes', [
    { occurred_at: ago(5), system: 'vna', probe: 'vna-echo', kind: 'c-echo', success: true, latency_ms: 12 }, // prettier-ignore
    { occurred_at: ago(4), system: 'vna', probe: 'vna-echo', kind: 'c-echo', success: false, detail: 'timeout' } // prettier-ignore
  ]);
  await census();
  await until(
    async () => (await engine.rows<{ n: number }>(`SELECT count() AS n FROM ops.transfer`))[0]?.n ?? 0,
    (n) => n === 43
  );
  await until(
    async () => (await engine.rows<{ n: number }>(`SELECT sum(count) AS n FROM ops.usage`))[0]?.n ?? 0,
    (n) => n === 17 + 4200 + 3_500_000 + 17 + 6 + 2
  );
  await until(
    async () => (await engine.rows<{ n: number }>(`SELECT count() AS n FROM ops.gauge`))[0]?.n ?? 0,
    (n) => n > 10
  );
});
afterAll(async () => {
  await browser?.close();
  await shown?.stop();
  await orthanc?.stop();
  await collector?.stop();
  await engine?.stop();
});

const plain = (text: string | null) => (text ?? '').replaceAll(/[\s\u00a0\u202f]+/g, ' ');

test('each seed system has its page: what is watched, through which input, and what is not verified', async () => {
  const { page, complaints } = await openPage(browser);
  await signIn(page, shown.url, 'dsi', shown.passwords.get('dsi') ?? '');
  await page.click('table#systems >> text=Visualiseur web');
  await page.waitForURL(/\/systems\/viewer/);
  const viewer = plain(await page.textContent('main'));
  expect(viewer).toContain('12 études ouvertes');
  expect(viewer).toContain('1 échec sur 36 requêtes');
  expect(viewer).toContain('n’a pas été branché');
  expect(await page.textContent('#ways')).toContain('viewer.ght-aube.example');
  for (const [id, told] of [
    ['deepunity', ['TRO_CT1', 'AE en face', 'DEEPUNITY']],
    [
      'vna',
      [
        'VNA-1',
        '75,0',
        'vna-echo',
        'Travaux et files d’attente',
        'Ce qu’il mesure de lui-même',
        'travaux en attente',
        'occupé sur disque'
      ]
    ],
    ['ris', ['Essayé avec des messages HL7']],
    ['emage', ['accès d’un patient au portail', 'images consultées']],
    ['pulsy', ['PULSY-ARCHIVE']],
    [
      'capteur',
      ['17 associations vues, 6 paquets perdus', 'connexions qui ne sont pas du DICOM', 'pas vu, ou pas lu']
    ],
    ['ia', ['résultat d’IA', 'IA_ORCH']]
  ] as const) {
    await page.goto(`${shown.url}/systems/${id}`);
    const text = plain(await page.textContent('main'));
    for (const one of told) expect(text, id).toContain(one);
    expect(text, id).toContain('Ce qui n’est pas vérifié avec le produit de l’éditeur');
    expect(text, id).not.toMatch(/EXEMPLE|Camille|DUPONT/);
    expect(await seriousViolations(page), id).toEqual([]);
  }
  await page.goto(`${shown.url}/systems/viewer`);
  await page.click('#viewer a[href^="/rows/"]');
  await page.waitForURL(/\/rows\/systems\/viewer\?.*system=viewer/);
  expect(plain(await page.textContent('main'))).toContain('/studies/{study}/series');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a page fits 390 pixels, in both languages', async () => {
  const { page } = await openPage(browser, { width: 390, height: 844 });
  await signIn(page, shown.url, 'dpo', shown.passwords.get('dpo') ?? '');
  for (const path of ['/systems', '/systems/viewer', '/systems/emage?lang=en', '/systems/deepunity']) {
    await page.goto(shown.url + path);
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    expect(wide, path).toBeLessThanOrEqual(390);
  }
  await page.goto(`${shown.url}/systems/emage?lang=en`);
  expect(plain(await page.textContent('main'))).toContain('portal access of a patient');
  await page.goto(`${shown.url}/systems/capteur?lang=en`);
  expect(plain(await page.textContent('main'))).toContain('17 associations seen, 6 packets lost');
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  await page.context().close();
});

test('a director sees no count of audits, and no group of fewer than eleven patients', async () => {
  const direction = await shown.reader('direction');
  const portal = plain((await direction.get('/systems/emage')).text);
  expect(portal).toContain('accès d’un patient au portail');
  expect(portal).not.toMatch(/images consultées|E-MAGE/);
  const ai = plain((await direction.get('/systems/ia')).text);
  expect(ai).toContain('masqué');
  expect(ai).toContain('groupes de moins de 11');
  expect((await direction.get('/rows/systems/audits?system=emage')).status).toBeGreaterThanOrEqual(403);
  expect((await direction.get('/systems/nothing')).status).toBe(404);
});

test('a reader of some establishments sees their systems and those that all share, and no other’s', async () => {
  for (const role of ['dsi', 'dpo', 'direction']) {
    const whole = (await (await shown.reader(`whole-${role}`)).get('/systems')).text;
    expect(whole, role).toContain('Archive locale de Troyes');
    const scoped = await shown.reader(`gham-${role}`);
    const { text } = await scoped.get('/systems');
    expect(text, role).not.toContain('Archive locale de Troyes');
    expect(text, role).toContain('PACS DeepUnity');
    expect((await scoped.get('/')).text, role).not.toContain('Archive locale de Troyes');
    expect((await scoped.get('/systems/troyes-archive')).status, role).toBe(404);
    if (role !== 'dpo') {
      const sla = (await scoped.get('/sla')).text;
      expect(sla, role).toContain('VNA, dispo');
      expect(sla, role).not.toContain('Archive locale');
      expect((await (await shown.reader(`whole-${role}`)).get('/sla')).text, role).toContain(
        'Archive locale, dispo'
      );
    }
    expect((await scoped.get('/systems/deepunity')).status, role).toBe(200);
  }
}, 240_000);

test('the copies of a reader’s studies are counted in the archives that the reader sees', async () => {
  for (const role of ['dsi', 'dpo', 'direction']) {
    const copies = async (who: string) => {
      const { text } = await (await shown.reader(`${who}-${role}`)).get('/arrival');
      return text.slice(text.indexOf('id="copies"'), text.indexOf('</section>', text.indexOf('id="copies"')));
    };
    const whole = await copies('whole');
    expect(whole, role).toContain('VNA');
    expect(whole, role).toContain('Archive locale de Troyes');
    const scoped = await copies('gham');
    expect(scoped, role).toContain('VNA');
    expect(scoped, role).not.toMatch(/Archive locale|troyes-archive/);
  }
}, 120_000);

test('no page names a system to a reader who does not see it', async () => {
  const scoped = await shown.reader('gham-dsi');
  const paths = [
    '/',
    '/traffic',
    '/arrival',
    '/storage',
    '/sla',
    '/going-live',
    '/reports',
    '/activity',
    '/sources',
    '/systems/vna',
    '/access'
  ];
  for (const path of paths) {
    const { status, text } = await scoped.get(path);
    expect(status, path).toBe(200);
    expect(
      [...text.matchAll(/.{0,60}(?:Archive locale|troyes-archive|TRO_ARC).{0,60}/g)].map(([found]) => found),
      path
    ).toEqual([]);
  }
}, 240_000);

test('an unusual silence stands on the overview as an information, which awaits no decision', async () => {
  const told = await fetch(`${collector.url}/v1/own`, {
    method: 'POST',
    headers: { authorization: `Bearer ${collector.ownKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      occurred_at: ago(1),
      code: 'source-unusual',
      severity: 'info',
      state: 'opened',
      subject: 'ia',
      params: { since: Date.now() - 5 * 3_600_000, usual_ms: 600_000 }
    })
  });
  expect(told.ok).toBe(true);
  const dsi = await shown.reader('whole-dsi');
  const english = await until(
    async () => plain((await dsi.get('/?lang=en')).text),
    (text) => text.includes('has sent nothing for')
  );
  expect(english).toMatch(
    /Orchestrateur IA has sent nothing for 5 h[^:]*: unusual at this hour, when its silences last 10 min at most\./
  );
  const french = plain((await dsi.get('/?lang=fr')).text);
  expect(french).toMatch(/silence inhabituel à cette heure, d’ordinaire au plus 10 min/);
  expect(french).toContain('rien n’attend de décision');
}, 60_000);
