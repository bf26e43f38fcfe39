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
  // What nothing flows through stands below.
  const idle = (id: string) => (given.some(({ from, to }) => from === id || to === id) ? 0 : 1);
  const columns = stages.map((stage) =>
    ids
      .filter((id) => stageOf(id) === stage)
      .toSorted((a, b) => idle(a) - idle(b) || rank(a) - rank(b) || (a < b ? -1 : 1))
  );
  const ends = given.flatMap((flow, index) => endsOf(flow, index, columnOf));
  const at = (id: string, side: Side) => ends.filter((end) => end.node === id && end.side === side);
  const amount = (id: string, side: Side) =>
    at(id, side).reduce((sum, { index }) => sum + Math.max(0, given[index]?.value ?? 0), 0);
  const size = (id: string) => Math.max(amount(id, 'left'), amount(id, 'right'));
  const fullest = Math.max(...columns.map((column) => column.reduce((sum, id) => sum + size(id), 0)), 0);
  const scale = fullest > 0 ? tallest / fullest : 0;
  const bandOf = (index: number) => Math.max(thinnest, (given[index]?.value ?? 0) * scale);
  // Thin bands are drawn wider than they are: a node has room for all of them.
  const bands = (id: string, side: Side) => at(id, side).reduce((sum, { index }) => sum + bandOf(index), 0);
  const heightOf = (id: string) => Math.max(leastNode, bands(id, 'left'), bands(id, 'right'));
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
  const places = new Map(nodes.map((node) => [node.id, node]));
  const middle = (id: string) => (places.get(id)?.y ?? 0) + (places.get(id)?.height ?? 0) / 2;
  /** Where each end of a band meets its node: on one side from the top, by the height of the other end. */
  const meets = new Map<End, number>();
  for (const { id, y, height: room } of nodes)
    for (const side of ['left', 'right'] as const) {
      let top = y + (room - bands(id, side)) / 2;
      for (const end of at(id, side).toSorted(
        (a, b) => middle(a.other) - middle(b.other) || a.index - b.index
      )) {
        meets.set(end, top + bandOf(end.index) / 2);
        top += bandOf(end.index);
      }
    }
  const xOf = ({ node, side }: End) => (places.get(node)?.x ?? 0) + (side === 'right' ? nodeWidth : 0);
  const flows = given.map(({ from, to }, index) => {
    const [start, end] = [ends[2 * index]!, ends[2 * index + 1]!];
    return {
      index,
      width: bandOf(index),
      x0: xOf(start),
      y0: meets.get(start) ?? 0,
      x1: xOf(end),
      y1: meets.get(end) ?? 0,
      backward: columnOf(to) <= columnOf(from)
    };
  });
  return { width, height, nodeWidth, nodes, flows };
}

type Side = 'left' | 'right';

/** One end of a band: a node, and the side of it. */
interface End {
  readonly index: number;
  readonly node: string;
  readonly other: string;
  readonly side: Side;
}

/** A band leaves to the side its other end stands on; within one column both ends are on the right. */
function endsOf({ from, to }: Flow, index: number, columnOf: (node: string) => number): [End, End] {
  const ahead = columnOf(to) - columnOf(from);
  return [
    { index, node: from, other: to, side: ahead < 0 ? 'left' : 'right' },
    { index, node: to, other: from, side: ahead > 0 ? 'left' : 'right' }
  ];
}

/** The middle line of a band, as an SVG path. */
export function flowPath({ x0, y0, x1, y1 }: PlacedFlow): string {
  // Within one column the band goes out and comes back.
  const bend = x0 === x1 ? 90 : (x1 - x0) / 2;
  const back = x0 === x1 ? 90 : -bend;
  return `M${round(x0)} ${round(y0)}C${round(x0 + bend)} ${round(y0)} ${round(x1 + back)} ${round(y1)} ${round(x1)} ${round(y1)}`;
}

const round = (value: number) => Math.round(value * 10) / 10;
