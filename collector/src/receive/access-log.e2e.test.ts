import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { startNginx, type TestNginx } from '@vigie/tools/testkit/nginx';
import { makeStudy, startOrthanc, storescu, type TestOrthanc } from '@vigie/tools/testkit/orthanc';
import { until } from '@vigie/tools/testkit/until';
import { freePort } from '@vigie/tools/testkit/ports';
import { root } from '@vigie/tools/testkit/process';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
let orthanc: TestOrthanc;
let nginx: TestNginx;
let web: string;

/** What the document tells administrators to paste, in a server that takes a client's address from X-Real-IP. */
function documented(port: number, vigie: number): string {
  const text = readFileSync(join(root, 'docs/inputs/web-viewer.md'), 'utf8');
  const pasted = /^```nginx\n(.*?)^```$/ms.exec(text)?.[1] ?? '';
  const [format = '', log = ''] = pasted.split(/^(?=access_log)/m);
  return `${format} server { listen 127.0.0.1:${port}; set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP;
    location /dicom-web/ { ${log.replace('vigie.example:5514', `127.0.0.1:${vigie}`)} proxy_pass ${orthanc.url}; } }`;
}

beforeAll(async () => {
  engine = await startTestEngine();
  const configText = quietConfig().replace(/id: viewer\n/, "id: viewer\n    networks: ['127.0.0.1/32']\n");
  collector = await startTestCollector(engine, { configText });
  orthanc = await startOrthanc(engine.dataFolder, 'WEB', { dicomWeb: true });
  const port = await freePort();
  nginx = await startNginx(engine.dataFolder, documented(port, collector.ports.syslogUdp), port);
  web = `http://127.0.0.1:${port}/dicom-web`;
  const study = await makeStudy(engine.dataFolder, 1, 'CT', '1.2.840.10008.5.1.4.1.1.2', 2);
  await storescu(orthanc, 'TRO_CT1', 'WEB', study.files);
});
afterAll(async () => {
  await nginx?.stop();
  await orthanc?.stop();
  await collector?.stop();
  await engine?.stop();
});

interface Row {
  readonly service: string;
  readonly called_ae: string;
  readonly site: string;
  readonly status: string;
  readonly bytes: number;
}
const rows = () =>
  engine.rows<Row>(
    `SELECT service, called_ae, site, status, bytes FROM ops.transfer WHERE grain = 'request' AND source = 'viewer' ORDER BY occurred_at, seq`
  );

test('what a viewer asks of DICOMweb behind nginx is told by its access log, and no name of a patient is', async () => {
  const study = '1.2.250.1.999.78.1';
  const asked: readonly (readonly [string, string, string])[] = [
    ['10.10.5.6', `/studies?PatientName=DUPONT*&limit=25`, ''],
    ['10.10.5.6', `/studies/${study}/series`, ''],
    ['10.10.5.6', `/studies/${study}/series/${study}.1/metadata`, ''],
    ['10.10.5.6', `/studies/${study}/series/${study}.1/instances/${study}.1.1`, 'multipart/related; type="application/dicom"'],
    ['10.20.5.6', `/studies/${study}/series/${study}.1/instances/${study}.1.9/frames/1`, '']
  ]; // prettier-ignore
  const answered: { status: number; bytes: number }[] = [];
  for (const [client, path, accept] of asked) {
    const response = await fetch(web + path, {
      headers: {
        'x-real-ip': client,
        'user-agent': 'OHIF/3.9',
        'accept-encoding': 'identity',
        ...(accept !== '' && { accept })
      }
    });
    answered.push({ status: response.status, bytes: (await response.arrayBuffer()).byteLength });
  }
  const stored = await until(rows, (found) => found.length === asked.length, 20_000);
  expect(stored.map(({ service, called_ae, site }) => [service, called_ae, site])).toEqual([
    ['QIDO', '/studies', 'troyes'],
    ['QIDO', '/studies/{study}/series', 'troyes'],
    ['WADO', '/studies/{study}/series/{series}/metadata', 'troyes'],
    ['WADO', '/studies/{study}/series/{series}/instances/{instance}', 'troyes'],
    ['WADO', '/studies/{study}/series/{series}/instances/{instance}/frames/{frames}', 'hpa']
  ]);
  // What the client saw: the same statuses, and its bytes within what went over the wire (chunks have marks).
  expect(stored.map(({ status }) => status)).toEqual(
    answered.map(({ status }) => (status < 400 ? 'success' : 'failure'))
  );
  stored.forEach(({ bytes }, i) => expect(Number(bytes)).toBeGreaterThanOrEqual(answered[i]?.bytes ?? 0));
  const [held] = await engine.rows<{ text: string }>(
    `SELECT concat((SELECT toString(groupArray(tuple(*))) FROM ops.transfer), (SELECT toString(groupArray(tuple(*))) FROM audit.quarantine)) AS text`
  );
  expect(held?.text).toContain('/studies/{study}');
  expect(held?.text).not.toContain('DUPONT');
  expect(collector.process.output()).not.toContain('DUPONT');
});
