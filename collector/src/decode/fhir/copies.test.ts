import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import { writeFhirXml } from '@vigie/schemas/fhir-xml';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge } from '../../judge.ts';
import { createDirectory } from '../../normalise/directory.ts';
import type { Format } from '../../reception.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures');
const directory = createDirectory(
  parseConfig(readFileSync(join(fixtures, 'vigie.yaml'), 'utf8'), 'fixtures/vigie.yaml'),
  Buffer.alloc(32, 7)
);

const word = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((text) => text.replaceAll(/[\s\p{C}]/gu, '_'));
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const system = fc.constantFrom(
  'http://dicom.nema.org/resources/ontology/DCM',
  'urn:ihe:event-type-code',
  'urn:oid:1.2.250.1.999.10.1',
  'urn:dicom:uid',
  'https://ght.example/x?a=1&b=2'
);
const code = fc.oneof(
  word,
  fc.constantFrom('110103', '110152', '110153', 'humanuser', 'custodian', 'BTG', '2', '110180', 'rest')
);
const coding = fc.record(
  { system: some(system), code: some(code), display: some(word) },
  { requiredKeys: [] }
);
const concept = fc.record(
  { coding: some(fc.array(coding, { minLength: 1, maxLength: 2 })), text: some(word) },
  { requiredKeys: [] }
);
const identifier = fc.record(
  { type: some(concept), system: some(system), value: some(word) },
  { requiredKeys: [] }
);
const place = fc.constantFrom(
  '#p',
  'Patient/1',
  'Practitioner/2/_history/1',
  'https://a.example/r4/Device/3',
  'urn:uuid:1',
  ''
);
const reference = fc.record(
  { reference: some(place), identifier: some(identifier), display: some(word) },
  { requiredKeys: [] }
);
const extension = fc.record({
  url: fc.constantFrom(
    ...['Accession', 'SOPClass', 'NumberOfInstances', 'Instance', 'ParticipantObjectContainsStudy'].map(
      (name) => `http://hl7.org/fhir/StructureDefinition/auditevent-${name}`
    )
  ),
  valueIdentifier: some(identifier),
  valueInteger: some(fc.nat(9)),
  valueString: some(word)
});
const time = fc
  .date({ min: new Date('1980-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((at) => at.toISOString());
const list = <T>(arbitrary: fc.Arbitrary<T>) => some(fc.array(arbitrary, { minLength: 1, maxLength: 3 }));
const event = fc.record({
  resourceType: fc.constant('AuditEvent'),
  id: some(fc.constant('x')),
  meta: some(fc.record({ versionId: word, profile: fc.constant(['https://profiles.ihe.net/ITI/BALP/x']) })),
  contained: some(
    fc
      .record({
        resourceType: fc.constant('Practitioner'),
        id: fc.constant('p'),
        identifier: fc.array(identifier, { minLength: 1, maxLength: 2 }),
        name: fc.array(fc.record({ family: word, given: fc.array(word, { minLength: 1, maxLength: 2 }) }), {
          minLength: 1,
          maxLength: 1
        })
      })
      .map((one) => [one])
  ),
  type: fc.record({ system: some(system), code: fc.constantFrom('110103', 'rest', '110106') }),
  subtype: list(coding),
  action: some(fc.constantFrom('C', 'R', 'U', 'D', 'E')),
  period: some(fc.record({ start: some(time), end: some(time) })),
  recorded: time,
  outcome: some(fc.constantFrom('0', '4', '8', '12')),
  purposeOfEvent: list(concept),
  agent: fc.array(
    fc.record({
      type: some(concept),
      role: list(concept),
      who: some(reference),
      altId: some(word),
      name: some(word),
      requestor: fc.boolean(),
      network: some(fc.record({ address: some(word), type: some(fc.constantFrom('1', '2', '5')) }))
    }),
    { minLength: 1, maxLength: 3 }
  ),
  source: fc.record({ site: some(word), observer: reference, type: list(coding) }),
  entity: list(
    fc.record({
      extension: list(extension),
      what: some(reference),
      type: some(coding),
      role: some(coding),
      lifecycle: some(coding),
      name: some(word),
      description: some(word),
      query: some(word),
      detail: list(fc.record({ type: fc.constantFrom('Modality', 'MSH-10'), valueString: some(word) }))
    })
  )
});

function judged(text: string, format: Format) {
  const reception = { format, transport: 'http', peer: '10.10.3.4', source: 'ris' } as const;
  return judge({ ...reception, raw: Buffer.from(text), receivedAt: Date.UTC(2026, 10, 24) }, directory);
}

test('whatever event of R4 is sent gives facts, and its XML copy the same ones and the same canonical bytes', () => {
  fc.assert(
    fc.property(event, (resource) => {
      const json = JSON.stringify(resource);
      const told = judged(json, 'fhir-json');
      if (told.kind === 'quarantine') throw new Error(told.detail);
      const copy = judged(writeFhirXml(JSON.parse(json) as { resourceType: string }), 'fhir-xml');
      expect(copy).toEqual(told);
    }),
    { numRuns: 1500 }
  );
});

test('of a resource in which anything stands anywhere, facts or a reason come, and no word of it', () => {
  const secret = 'BERTHIER';
  const anything = fc.constantFrom(
    null,
    true,
    7,
    secret,
    [],
    [secret],
    {},
    { code: secret },
    [{ [secret]: secret }],
    [[secret]]
  );
  const path = fc.array(fc.nat(30), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(event, path, anything, (resource, steps, put) => {
      const root = JSON.parse(JSON.stringify(resource)) as Record<string, unknown>;
      let node: Record<string, unknown> = root;
      for (const step of steps) {
        const names = Object.keys(node);
        const name = names[step % names.length];
        if (name === undefined) break;
        const next = node[name];
        if (step === steps.at(-1) || typeof next !== 'object' || next === null) {
          node[name] = put;
          break;
        }
        node = next as Record<string, unknown>;
      }
      const verdict = judged(JSON.stringify(root), 'fhir-json');
      if (verdict.kind === 'facts') return;
      expect(verdict.detail).not.toMatch(/the decoder failed|BERTHIER/);
    }),
    { numRuns: 3000 }
  );
});
