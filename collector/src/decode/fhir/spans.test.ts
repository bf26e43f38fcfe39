import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resourceSpans } from './spans.ts';

test('what is cut out of a Bundle is what JSON.parse finds there, whatever stands around and inside', () => {
  const value = fc.jsonValue({ maxDepth: 4 });
  const entry = fc.oneof(
    fc.record({ resource: value, request: value }, { requiredKeys: [] }),
    fc.dictionary(fc.constantFrom('resource', 'entry', 'a"\\', 'é', '__proto__x'), value),
    value
  );
  const bundle = fc.dictionary(fc.constantFrom('type', 'resource', 'b}', 'entries'), value);
  fc.assert(
    fc.property(
      bundle,
      fc.array(entry, { maxLength: 5 }),
      fc.constantFrom(undefined, 1, '\t'),
      (around, entries, indent) => {
        const text = `\ufeff${JSON.stringify({ ...around, entry: entries, last: [around] }, null, indent)}`;
        const cut = resourceSpans(text).map(
          (span) => span && (JSON.parse(text.slice(span.from, span.to)) as unknown)
        );
        const there = (JSON.parse(text.slice(1)) as { entry: unknown[] }).entry.map((one) =>
          typeof one === 'object' && one !== null && !Array.isArray(one) && Object.hasOwn(one, 'resource')
            ? (one as { resource: unknown }).resource
            : undefined
        );
        expect(cut).toEqual(there);
      }
    ),
    { numRuns: 2000 }
  );
});

test('of a repeated name the last counts, and escaped names are read', () => {
  const text = '{"entry":[1],"\\u0065ntry":[{"resource":1,"resource": {"a":"}"} }]}';
  expect(resourceSpans(text).map((span) => span && text.slice(span.from, span.to))).toEqual(['{"a":"}"}']);
});
