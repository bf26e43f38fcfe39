import type { AuditEvent, Bundle } from 'fhir/r4';
import { expect, test } from 'vitest';
import type { ExportRow } from '../../query/export-rows.ts';
import { writers } from './formats.ts';

const told = { pseudonyms: true, id: 'dGVzdA', askedAt: new Date('2026-11-24T18:00:00Z'), base: 'https://vigie.example.fr/fhir' }; // prettier-ignore
const row = (seq: number): ExportRow => ({
  lane: 'audit', collector: 'c1', seq, sub: 0, block: 1, received_at: new Date('2026-11-24T08:00:01Z'), recorded_at: new Date('2026-11-24T08:00:00Z'),
  occurred_at: new Date('2026-11-24T08:00:00Z'), source: 'viewer', site: 'troyes', event_code: '110103', event_types: [], action: 'R', outcome: 0,
  actor_id: 'a'.repeat(32), actor_roles: ['radiologue'], audit_source: 'VIEWER', enterprise_site: 'CHT', patients: ['b'.repeat(32)], studies: ['1.2.250.7'], accessions: ['A "1"\n'],
  modalities: ['CT'], instances: 30, purpose: '', participant_id: ['a'.repeat(32)], participant_kind: ['person'], participant_role: ['radiologue'], participant_requestor: [1],
  participant_access_point: ['10.1.2.3'], object_kind: ['2'], object_role: ['3'], object_id_type: ['110180'], object_id: ['1.2.250.7'], object_life_cycle: [''], repairs: [],
  establishment: 'ch-troyes', actor_kind: 'person', access_point: '10.1.2.3', transport: 'tls', emergency: 0
}); // prettier-ignore

async function* pages(count: number, size: number) {
  for (let n = 0; n < count; n += size) {
    await Promise.resolve();
    yield Array.from({ length: Math.min(size, count - n) }, (_, i) => row(n + i));
  }
}

test.each([0, 1, 2, 5, 12_001])(
  'a Bundle of %d events is one JSON document that keeps the rules of R4',
  async (count) => {
    const chunks: string[] = [];
    for await (const chunk of writers.bundle.write(pages(count, 1000), told)) {
      // As it comes, so that its size costs no memory: no more than a page at once.
      expect(chunk.length).toBeLessThan(3_000_000);
      chunks.push(Buffer.from(chunk).toString('utf8'));
    }
    const bundle = JSON.parse(chunks.join('')) as Bundle<AuditEvent>;
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'collection', timestamp: '2026-11-24T18:00:00.000Z', identifier: { system: 'urn:vigie:export', value: 'dGVzdA' } }); // prettier-ignore
    // bdl-1 to bdl-4: no total, search, request nor response in a collection; no empty list (ele-1).
    expect(Object.keys(bundle)).not.toContain('total');
    expect(bundle.entry?.length ?? 0).toBe(count);
    expect('entry' in bundle).toBe(count > 0);
    const urls = new Set(bundle.entry?.map(({ fullUrl }) => fullUrl));
    expect(urls.size).toBe(count);
    for (const entry of bundle.entry ?? []) {
      expect(Object.keys(entry)).toEqual(['fullUrl', 'resource']);
      expect(entry.resource?.resourceType).toBe('AuditEvent');
      expect(entry.fullUrl).toBe(`${told.base}/AuditEvent/${entry.resource?.id}`);
    }
  }
);
