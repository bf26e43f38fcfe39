import { expect, test } from 'vitest';
import { gaugesOf } from './orthanc-gauges.ts';

const statistics = {
  CountInstances: 41,
  CountPatients: 8,
  CountSeries: 12,
  CountStudies: 8,
  TotalDiskSize: 116_010,
  TotalUncompressedSize: 116_010
};
const read = (metrics: string) =>
  gaugesOf(statistics, metrics).map(({ gauge, unit, value }) => `${gauge} ${value} ${unit}`);
const exact = ['patients 8 count', 'studies 8 count', 'series 12 count', 'instances 41 count', 'disk-size 116010 bytes', 'uncompressed-size 116010 bytes']; // prettier-ignore

test('gauges of Orthanc 1.10 and 1.12 are told in whole units, and what /statistics tells exactly is not rounded by them', () => {
  const metrics = `orthanc_count_instances 41 1795492313138
orthanc_dicom_cache_size 200000 1795492313138
orthanc_dicom_cache_size_mb 0.5 1795492313138
orthanc_disk_size_mb 0.110635757 1795492313138
orthanc_find_scp_duration_ms 1 1795492307863
orthanc_jobs_pending 3 1795492313138
orthanc_last_change 109 1795492313138
orthanc_storage_written_bytes 185106 1795492309170
orthanc_up_time_s 10 1795492313138
process_cpu_seconds_total 4
`;
  expect(read(metrics)).toEqual([
    ...exact,
    'dicom-cache-size 524288 bytes',
    'find-scp-duration 1 ms',
    'jobs-pending 3 count',
    'last-change 109 count',
    'storage-written 185106 bytes',
    'up-time 10000 ms'
  ]);
});

test('without metrics what /statistics says is told; what is no figure is left out; a page is not readable', () => {
  expect(read('')).toEqual(exact);
  expect(read('orthanc_jobs_pending NaN\northanc_jobs_failed -1\northanc_mine{a="b"} 1\n')).toEqual(exact);
  expect(() => read('<html>Sign in</html>')).toThrow(/not in the Prometheus text format/);
});

test('a plugin that tells thousands of gauges is cut short', () => {
  const metrics = Array.from({ length: 5_000 }, (_, n) => `orthanc_plugin_${n} 1\n`).join('');
  expect(gaugesOf(statistics, metrics)).toHaveLength(128);
});
