/** One flow to be drawn. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  /** Its amount; null when nobody tells it. */
  readonly value: number | null;
}

export interface PlacedNode {
  readonly id: string;
  readonly column: number;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

export interface PlacedFlow {
  /** Index of the flow that was given. */
  readonly index: number;
  readonly width: number;
  /** Middle of the band where it leaves, and where it arrives. */
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** Whether it goes against the order of the columns, or within one. */
  readonly backward: boolean;
}

export interface FlowLayout {
  readonly width: number;
  readonly height: number;
  readonly nodeWidth: number;
  readonly nodes: readonly PlacedNode[];
  readonly flows: readonly PlacedFlow[];
}

const width = 1000;
const nodeWidth = 12;
const gap = 38;
const tallest = 300;
const thinnest = 2;
const leastNode = 14;

/**
 * Places nodes in the columns that are in use, and bands between them whose width is their amount, on one scale: bands leave and
 * arrive side by side, in the order of their other ends, and never overlap at a node. Pure.
 * @param stageOf column of a node, from the left; columns without nodes take no room
 * @param order nodes in the order wanted within a column
 * @param always nodes that are drawn though nothing flows
 */
export function flowLayout(
  given: readonly Flow[],
  stageOf: (node: string) => number,
  order: readonly string[],
  always: readonly string[] = []
): FlowLayout {
  const ids = [...new Set([...given.flatMap(({ from, to }) => [from, to]), ...always])];
  const rank = (id: string) => (order.includes(id) ? order.indexOf(id) : order.length);
  const stages = [...new Set(ids.map(stageOf))].toSorted((a, b) => a - b);
  const columnOf = (id: string) => stages.indexOf(stageOf(id));
  const amount = (id: string, side: 'from' | 'to') =>
    given.reduce((sum, flow) => sum + (flow[side] === id ? Math.max(0, flow.value ?? 0) : 0), 0);
  const size = (id: string) => Math.max(amount(id, 'from'), amount(id, 'to'));
  // What nothing flows through stands below.
  const idle = (id: string) => (given.some(({ from, to }) => from === id || to === id) ? 0 : 1);
  const columns = stages.map((stage) =>
    ids
      .filter((id) => stageOf(id) === stage)
      .toSorted((a, b) => idle(a) - idle(b) || rank(a) - rank(b) || (a < b ? -1 : 1))
  );
  const fullest = Math.max(...columns.map((column) => column.reduce((sum, id) => sum + size(id), 0)), 0);
  const scale = fullest > 0 ? tallest / fullest : 0;
  const bandOf = (value: number | null) => Math.max(thinnest, (value ?? 0) * scale);
  // Thin bands are drawn wider than they are: a node has room for all of them.
  const bands = (id: string, side: 'from' | 'to') =>
    given.reduce((sum, flow) => sum + (flow[side] === id ? bandOf(flow.value) : 0), 0);
  const heightOf = (id: string) => Math.max(leastNode, bands(id, 'from'), bands(id, 'to'));
  const tall = columns.map((column) => column.reduce((sum, id) => sum + heightOf(id) + gap, gap));
  const height = Math.max(...tall, 0);
  const step = columns.length > 1 ? (width - nodeWidth) / (columns.length - 1) : 0;
  const nodes = columns.flatMap((column, index) => {
    let y = gap + (height - (tall[index] ?? 0)) / 2;
    return column.map((id) => {
      const placed = { id, column: index, x: index * step, y, height: heightOf(id) };
      y += placed.height + gap;
      return placed;
    });
  });
  const at = new Map(nodes.map((node) => [node.id, node]));
  const middle = (id: string) => (at.get(id)?.y ?? 0) + (at.get(id)?.height ?? 0) / 2;
  /** Where each band meets a node, from the top, by the height of its other end. */
  const meets = (side: 'from' | 'to') => {
    const other = side === 'from' ? 'to' : 'from';
    const places = new Map<number, number>();
    for (const { id, y, height: room } of nodes) {
      const mine = given
        .map((flow, index) => ({ flow, index }))
        .filter(({ flow }) => flow[side] === id)
        .toSorted((a, b) => middle(a.flow[other]) - middle(b.flow[other]) || a.index - b.index);
      let top = y + (room - bands(id, side)) / 2;
      for (const { flow, index } of mine) {
        const band = bandOf(flow.value);
        places.set(index, top + band / 2);
        top += band;
      }
    }
    return places;
  };
  const [leaves, arrives] = [meets('from'), meets('to')];
  const flows = given.map(({ from, to, value }, index) => {
    const backward = columnOf(to) <= columnOf(from);
    const [start, end] = [at.get(from)?.x ?? 0, at.get(to)?.x ?? 0];
    return {
      index,
      width: bandOf(value),
      x0: backward && columnOf(to) < columnOf(from) ? start : start + nodeWidth,
      y0: leaves.get(index) ?? 0,
      x1: backward ? end + nodeWidth : end,
      y1: arrives.get(index) ?? 0,
      backward
    };
  });
  return { width, height, nodeWidth, nodes, flows };
}

/** The middle line of a band, as an SVG path. */
export function flowPath({ x0, y0, x1, y1 }: PlacedFlow): string {
  // Within one column the band goes out and comes back.
  const bend = x0 === x1 ? 90 : (x1 - x0) / 2;
  const back = x0 === x1 ? 90 : -bend;
  return `M${round(x0)} ${round(y0)}C${round(x0 + bend)} ${round(y0)} ${round(x1 + back)} ${round(y1)} ${round(x1)} ${round(y1)}`;
}

const round = (value: number) => Math.round(value * 10) / 10;
