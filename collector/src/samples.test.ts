import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import { describe, expect, test } from 'vitest';
import { judge } from './judge.ts';
import { createDirectory } from './normalise/directory.ts';
import { FrameSplitter } from './receive/frames.ts';
import type { Format } from './reception.ts';

/** Messages written by others, where the machine has them beside the repository. */
const samples = join(import.meta.dirname, '../../../shared/samples');
const fixtures = join(import.meta.dirname, '../fixtures');
const directory = createDirectory(
  parseConfig(readFileSync(join(fixtures, 'vigie.yaml'), 'utf8'), 'fixtures/vigie.yaml'),
  Buffer.alloc(32, 7)
);
/** file → what is expected of it; of a file of streams or lines, a list per line. */
const expected = JSON.parse(readFileSync(join(fixtures, 'samples.json'), 'utf8')) as Record<string, unknown>;

/** What is known of a message, as samples.json writes it: nothing empty, patients by their number. */
function verdictOf(raw: Buffer, format: Format): unknown {
  const reception = { raw, format, transport: 'tcp', peer: '192.0.2.7', source: '' } as const;
  const verdict = judge({ ...reception, receivedAt: Date.UTC(2026, 10, 24) }, directory);
  if (verdict.kind === 'quarantine') return { quarantine: verdict.reason };
  const events = verdict.facts.map((fact) => {
    if (fact.table !== 'audit.event') return fact.table;
    const { row } = fact;
    const people = new Set(verdict.identities.map(({ pseudonym }) => pseudonym.toString('hex')));
    const shown = (id: string) => (people.has(id) ? 'person' : id);
    const all = {
      event: row.event_code,
      types: row.event_types.join(' '),
      action: row.action,
      outcome: row.outcome,
      at: new Date(row.occurred_at).toISOString(),
      sent: row.sent_at === null ? '' : new Date(row.sent_at).toISOString(),
      actor: `${row.actor_kind} ${row.actor_kind === 'person' ? '' : row.actor_id}`.trim(),
      roles: row.actor_roles.join(' '),
      from: `${row.access_point_kind} ${row.access_point}`.trim(),
      source: row.audit_source,
      patients: row.patients.length,
      studies: row.studies.join(' '),
      accessions: row.accessions.join(' '),
      modalities: row.modalities.join(' '),
      instances: row.instances,
      participants: row.participant_id.map(shown).join(' · '),
      objects: row.object_role.map((role, i) => `${role}/${row.object_id_type[i]}`).join(' '),
      repairs: row.repairs.join(' ')
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '' && value !== null));
  });
  return events.length === 1 ? events[0] : events;
}

/** The messages of a file: itself, or for lines of JSON each input, split into frames where it is a stream. */
function verdictsOf(folder: string, file: string, format: Format): unknown {
  const raw = readFileSync(join(samples, folder, file));
  if (!file.endsWith('.jsonl')) return verdictOf(raw, format);
  const inputs = raw.toString().trim().split('\n');
  return inputs.map((line) => {
    const input = Buffer.from((JSON.parse(line) as { input: string }).input);
    if (!/octet-counting|non-transparent/.test(file)) return verdictOf(input, format);
    const splitter = new FrameSplitter(1_000_000);
    const frames = [...splitter.push(input), ...splitter.end()];
    return frames.map((frame) => [frame.raw.toString(), verdictOf(frame.raw, format)]);
  });
}

const formats: Readonly<Record<string, (file: string) => Format>> = {
  'dicom-xml': () => 'audit-xml',
  syslog: () => 'syslog',
  fhir: (file) => (file.endsWith('.xml') ? 'fhir-xml' : 'fhir-json')
};
const present = Object.entries(formats).flatMap(([folder, formatOf]) =>
  existsSync(join(samples, folder))
    ? readdirSync(join(samples, folder)).map((file) => [folder, file, formatOf(file)] as const)
    : []
);

describe('messages of other emitters give what is known of them, where they are at hand', () => {
  test('each of them has its expectation', () => {
    for (const [folder, file] of present) expect(expected).toHaveProperty([`${folder}/${file}`]);
  });
  for (const [folder, file, format] of present)
    test(`${folder}/${file}`, () => {
      expect(verdictsOf(folder, file, format)).toEqual(expected[`${folder}/${file}`]);
    });
});
