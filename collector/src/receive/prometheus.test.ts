import { expect, test } from 'vitest';
import { asRequest } from './prometheus-metrics.ts';
import { readFilesystems, type PrometheusPull } from './prometheus.ts';

const pull: PrometheusPull = {
  kind: 'prometheus',
  id: 'disks',
  system: 'vna',
  url: 'http://exporter.example/metrics',
  every_seconds: 60,
  filesystems: [{ mountpoint: '/srv/vna', pool: 'VNA-1', tier: 'nearline' }]
};
const at = Date.UTC(2026, 10, 24, 8);

function read(text: string) {
  const failures: string[] = [];
  const documents = readFilesystems(text, pull, at, (code) => failures.push(code));
  return { documents, failures };
}

const metric = (name: string, value: string, mountpoint = '/srv/vna') =>
  `node_filesystem_${name}_bytes{device="/dev/sdb",fstype="xfs",mountpoint="${mountpoint}"} ${value}\n`;

test('the filesystem of a pool is told by its mount point alone', () => {
  const text =
    metric('size', '5e+12') + metric('free', '2e+12') + metric('avail', '1.9e+12') + metric('size', '7', '/');
  expect(read(text)).toEqual({
    failures: [],
    documents: [
      {
        system: 'vna',
        pool: 'VNA-1',
        tier: 'nearline',
        mountpoint: '/srv/vna',
        at: '2026-11-24T08:00:00.000Z',
        size_bytes: 5e12,
        free_bytes: 2e12,
        avail_bytes: 1.9e12
      }
    ]
  });
});

test('of a page with several machines the one that when names is read, and none where it names none', () => {
  const of = (instance: string, size: string, free: string) =>
    (metric('size', size) + metric('free', free)).replaceAll(
      '{device',
      `{instance="${instance}",job="node",device`
    );
  const text = of('pacs:9100', '10', '4') + of('vna:9100', '100', '20');
  expect(read(text)).toEqual({ documents: [], failures: ['contradiction'] });
  const [filesystem] = pull.filesystems;
  const named = { ...pull, filesystems: [{ ...filesystem!, when: { instance: 'vna:9100' } }] };
  expect(readFilesystems(text, named, at, () => {})).toEqual([expect.objectContaining({ size_bytes: 100, free_bytes: 20 })]); // prettier-ignore
});

test('the time an exporter tells for a sample is kept', () => {
  const text = metric('size', `10 ${at - 60_000}`) + metric('avail', '4');
  expect(read(text).documents[0]?.at).toBe('2026-11-24T07:59:00.000Z');
});

test.each([
  ['a pool the scrape does not tell', metric('size', '10', '/other'), 'missing'],
  ['a size without free space', metric('size', '10'), 'missing'],
  ['figures that are no bytes', metric('size', 'NaN') + metric('free', '1'), 'missing'],
  ['more free space than size', metric('size', '10') + metric('free', '11'), 'contradiction']
])('%s gives no sample but a failure with a name', (_, text, failure) => {
  expect(read(text)).toEqual({ documents: [], failures: [failure] });
});

test('an HTML page is not an empty scrape', () => {
  expect(() => read('<html>Sign in</html>')).toThrow(/not in the Prometheus text format: line 1/);
});

test('of more series than are remembered those beyond are told, and the others counted once a scrape', () => {
  const select = { states: [], counters: [{ metric: 'stored_total', when: {} }] };
  const scrape = (value: number) =>
    Array.from({ length: 5_100 }, (_, node) => ({
      name: 'stored_total',
      labels: new Map([['node', String(node)]]),
      value,
      timestamp: undefined
    }));
  const first = asRequest(scrape(10), select, undefined, at);
  const second = asRequest([...scrape(12), ...scrape(12).slice(0, 5)], select, first.totals, at + 60_000);
  expect([first.request, first.forgotten, second.forgotten]).toEqual([undefined, 100, 100]);
  expect(Object.keys(second.totals.values)).toHaveLength(5_000);
  expect(JSON.stringify(second.request).match(/"asDouble":2\b/g)).toHaveLength(5_000);
});
