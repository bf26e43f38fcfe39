import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import { createDirectory } from './normalise/directory.ts';
import type { Format } from './reception.ts';

/** Messages written by others, where the machine has them beside the repository. */
const samples = join(import.meta.dirname, '../../../shared/samples');
const fixtures = join(import.meta.dirname, '../fixtures');
const directory = createDirectory(
  parseConfig(readFileSync(join(fixtures, 'vigie.yaml'), 'utf8'), 'fixtures/vigie.yaml'),
  Buffer.alloc(32, 7)
);
/** file → what is expected of it: the reason, or `event|actor kind|patients|studies|instances|repairs`. */
const expected = JSON.parse(readFileSync(join(fixtures, 'samples.json'), 'utf8')) as Record<string, string[]>;

function verdictsOf(folder: string, file: string, format: Format): string[] {
  const raw = readFileSync(join(samples, folder, file));
  const inputs = file.endsWith('.jsonl')
    ? raw
        .toString()
        .trim()
        .split('\n')
        .map((line) => Buffer.from((JSON.parse(line) as { input: string }).input))
    : [raw];
  return inputs.map((input) => {
    const reception = { raw: input, format, transport: 'tcp', peer: '192.0.2.7', source: '' } as const;
    const verdict = judge({ ...reception, receivedAt: Date.UTC(2026, 10, 24) }, directory);
    if (verdict.kind === 'quarantine') return verdict.reason;
    return verdict.facts
      .map((fact) => {
        if (fact.table !== 'audit.event') return fact.table;
        const { event_code, actor_kind, patients, studies, instances, repairs } = fact.row;
        return [
          event_code,
          actor_kind,
          patients.length,
          studies.length,
          instances ?? '',
          repairs.join(' ')
        ].join('|');
      })
      .join(' + ');
  });
}

test('messages of other emitters give what is known of them, where they are at hand', () => {
  const formats = { 'dicom-xml': 'audit-xml', syslog: 'syslog' } as const;
  for (const [folder, format] of Object.entries(formats)) {
    if (!existsSync(join(samples, folder))) continue;
    for (const file of readdirSync(join(samples, folder)))
      expect(verdictsOf(folder, file, format), file).toEqual(expected[`${folder}/${file}`]);
  }
});
