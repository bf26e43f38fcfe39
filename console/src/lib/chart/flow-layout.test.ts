import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flowLayout, flowPath, type Flow } from './flow-layout.ts';

const stages: Readonly<Record<string, number>> = { a: 0, b: 0, c: 1, d: 2, e: 3, f: 3 };
const stageOf = (id: string) => stages[id] ?? 0;
const order = Object.keys(stages);
const flows = fc.array(
  fc.record({
    from: fc.constantFrom(...order),
    to: fc.constantFrom(...order),
    value: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 5_000_000_000 }))
  }),
  { minLength: 1, maxLength: 20 }
);

test('bands meet a node side by side, within it, whatever the amounts and directions', () => {
  fc.assert(
    fc.property(flows, (given) => {
      const { nodes, flows: placed, height, nodeWidth } = flowLayout(given, stageOf, order);
      for (const node of nodes) {
        expect(node.y).toBeGreaterThanOrEqual(0);
        expect(node.y + node.height).toBeLessThanOrEqual(height + 1e-6);
        for (const x of [node.x, node.x + nodeWidth]) {
          const mine = placed
            .flatMap((one) => [
              ...(one.x0 === x && given[one.index]!.from === node.id
                ? [{ y: one.y0, width: one.width }]
                : []),
              ...(one.x1 === x && given[one.index]!.to === node.id ? [{ y: one.y1, width: one.width }] : [])
            ])
            .toSorted((one, other) => one.y - other.y);
          let reached = node.y - 1e-6;
          for (const band of mine) {
            expect(band.y - band.width / 2).toBeGreaterThanOrEqual(reached - 1e-6);
            reached = band.y + band.width / 2;
          }
          expect(reached).toBeLessThanOrEqual(node.y + node.height + 1e-6);
        }
      }
    })
  );
});

test('all bands are on one scale, and one that is not told is still drawn', () => {
  const given: Flow[] = [
    { from: 'a', to: 'c', value: 3_000_000 },
    { from: 'b', to: 'c', value: 1_000_000 },
    { from: 'c', to: 'd', value: null }
  ];
  const [one, other, untold] = flowLayout(given, stageOf, order).flows;
  expect((one?.width ?? 0) / (other?.width ?? 1)).toBeCloseTo(3);
  expect(untold?.width).toBeGreaterThan(0);
});

test('nodes of one column do not overlap, and empty columns take no room', () => {
  const { nodes } = flowLayout(
    [
      { from: 'a', to: 'e', value: 10 },
      { from: 'b', to: 'f', value: 10 }
    ],
    stageOf,
    order
  );
  expect(new Set(nodes.map(({ column }) => column))).toEqual(new Set([0, 1]));
  for (const column of [0, 1]) {
    const [first, second] = nodes.filter((node) => node.column === column);
    expect(second!.y).toBeGreaterThan(first!.y + first!.height);
  }
});

test('a flow against the order of the columns leaves to the left', () => {
  const [flow] = flowLayout([{ from: 'd', to: 'c', value: 10 }], stageOf, order).flows;
  expect(flow).toMatchObject({ backward: true });
  expect(flow!.x0).toBeGreaterThan(flow!.x1);
  expect(flowPath(flow!)).toMatch(/^M[\d.]+ [\d.]+C/);
});
