import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readIdentifier } from '../pseudonym.ts';
import {
  codingOf,
  cxOf,
  entityExtensions,
  fieldMappings,
  identifierSystemOf,
  isOfSystem,
  systemNameOf,
  systemUriOf
} from './audit-event-fhir.ts';

test('a code gets back the system it came with, whichever name the sender gave it', () => {
  const dcm = 'http://dicom.nema.org/resources/ontology/DCM';
  expect(codingOf('event', '110103')).toEqual({ system: dcm, code: '110103' });
  expect(codingOf('event-type', 'ITI-43')).toEqual({ system: 'urn:ihe:event-type-code', code: 'ITI-43' });
  expect(codingOf('object-id-type', '2')).toEqual({ system: 'urn:ietf:rfc:3881', code: '2' });
  expect(codingOf('role', 'Radiologue')).toEqual({ code: 'Radiologue' });
  expect(isOfSystem('event-type', 'ITI-9', 'urn:oid:1.3.6.1.4.1.19376.1.2')).toBe(true);
  expect(isOfSystem('event', '110103', 'http://loinc.org')).toBe(false);
  expect(isOfSystem('role', 'Radiologue', 'http://loinc.org')).toBe(true);
});

test.each(['DCM', 'IHE Transactions', 'IHE', 'RFC-3881', '1.2.250.1.213.1.1.4.5', 'http://snomed.info/sct'])(
  'the system %s survives the way to FHIR and back',
  (name) => {
    expect(systemNameOf(systemUriOf(name) ?? '')).toBe(name);
  }
);

test('a name that is no system has no URI', () => {
  expect(systemUriOf('codes locaux')).toBeUndefined();
});

test.each([
  ['0012345', 'urn:oid:1.2.250.1.999.10.1', '1.2.250.1.999.10.1'],
  ['a', 'https://ght.example/ipp?x=1&y=2', 'https://ght.example/ipp?x=1%26y=2']
])('an identifier with a system gives the pseudonym of the same CX', (value, system, authority) => {
  expect(readIdentifier(cxOf(value, system), 'unused')).toEqual({ authority, value });
  expect(identifierSystemOf(authority)).toBe(system);
});

test('a value that is CX already, or stands without system, is left as it is', () => {
  expect(cxOf('1^^^&1.2.3&ISO', 'urn:oid:9.9')).toBe('1^^^&1.2.3&ISO');
  expect(cxOf('0012345', '')).toBe('0012345');
});

test('the page of the FHIR input shows this table, line by line', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/inputs/fhir.md'), 'utf8');
  const shown = page.split('\n').filter((line) => line.startsWith('| `') && line.split(' | ').length === 3);
  expect(shown).toEqual(
    fieldMappings.map(({ dicom, fhir, columns }) => {
      const told = columns.map((column) => `\`${column}\``).join(', ');
      return `| \`${dicom}\` | \`${fhir}\` | ${told === '' ? 'raw message only' : told} |`;
    })
  );
  expect(Object.values(entityExtensions).every((url) => url.startsWith('http://hl7.org/fhir/'))).toBe(true);
});
