import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { Config, parseConfig } from '@vigie/schemas';
import { AuditRecord } from '@vigie/schemas/facts/audit';
import { CensusRecord } from '@vigie/schemas/facts/census';
import { ExamRecord } from '@vigie/schemas/facts/exam';
import { ProbeRecord } from '@vigie/schemas/facts/probe';
import { StorageRecord, VolumeRecord } from '@vigie/schemas/facts/storage';
import { MppsRecord } from '@vigie/schemas/facts/mpps';
import { UsageRecord } from '@vigie/schemas/facts/usage';
import { TransferRecord } from '@vigie/schemas/facts/transfer';
import { root } from './testkit/process.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const inputs = readdirSync(join(root, 'docs/inputs')).map((name) => read(`docs/inputs/${name}`));
const shipped = read('vigie.yaml');

/** Fenced blocks whose opening line is ```<language> <word>. */
function* blocks(text: string, language: string): Generator<{ word: string; content: string }> {
  for (const [, word = '', content = ''] of text.matchAll(
    new RegExp('^```' + language + '(?: (\\w+))?\\n(.*?)^```$', 'gms')
  ))
    yield { word, content };
}

test('every record shown for the JSON inputs is one they take', () => {
  const schemas: Readonly<Record<string, z.ZodType>> = {
    audit: AuditRecord,
    transfers: TransferRecord,
    exams: ExamRecord,
    storage: StorageRecord,
    volumes: VolumeRecord,
    probes: ProbeRecord,
    usage: UsageRecord,
    mpps: MppsRecord,
    census: CensusRecord
  };
  const shown = [...blocks(read('docs/inputs/http-json.md'), 'json')];
  expect(shown.map(({ word }) => word).toSorted()).toEqual(Object.keys(schemas).toSorted());
  for (const { word, content } of shown)
    expect(schemas[word]?.safeParse(JSON.parse(content)).error?.issues ?? [], word).toEqual([]);
});

test('every piece of vigie.yaml shown for an input fits the shipped group', () => {
  const pieces = inputs.flatMap((text) => [...blocks(text, 'yaml')]);
  expect(pieces.length).toBeGreaterThan(3);
  for (const { content } of pieces) {
    const group = parse(shipped.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')) as Record<string, unknown>;
    for (const [part, value] of Object.entries(parse(content) as Record<string, unknown>)) {
      if (!Array.isArray(value)) group[part] = value;
      else {
        const added = value as { id: string }[];
        const kept = ((group[part] ?? []) as { id: string }[]).filter(
          ({ id }) => !added.some((one) => one.id === id)
        );
        group[part] = [...kept, ...added];
      }
    }
    expect(() => parseConfig(stringify(group), 'shown.yaml'), content).not.toThrow();
  }
});

test('every setting of vigie.yaml is explained', () => {
  const names = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties } = node as { properties?: Record<string, unknown> };
    for (const name of Object.keys(properties ?? {})) names.add(name);
    for (const child of Object.values(node)) walk(child);
  };
  walk(z.toJSONSchema(Config, { io: 'input', unrepresentable: 'any' }));
  const told = ['docs/configuration.md', 'docs/forwarding.md', 'docs/evidence.md', 'docs/going-live.md']
    .map(read)
    .concat(inputs)
    .join('\n');
  const apart = new Set(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'fr', 'en']);
  const missing = [...names].filter((name) => !apart.has(name) && !new RegExp(`\\b${name}\\b`).test(told));
  expect(missing).toEqual([]);
});
