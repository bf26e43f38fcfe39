/**
 * Where the next syslog frame ends: one step of the state machine of frames.ts, pure over the bytes at hand.
 * RFC 6587 decided per frame: octet counting when it begins with `<count> ` and a message, else a line (LF, CRLF or NUL).
 * What senders do besides (ATNA pitfalls 3, 4, 6) is told by the body: an audit message ends at its closing tag.
 */
export type Step =
  /** Too little is known yet. `size`: bytes from the frame's start that are needed, when that is known. */
  | { readonly kind: 'need'; readonly size?: number }
  /** Bytes between frames. */
  | { readonly kind: 'skip'; readonly next: number }
  /** A whole frame: its content lies from `start` to `end`, the next one begins at `next`. */
  | { readonly kind: 'frame'; readonly start: number; readonly end: number; readonly next: number; readonly framing: Framing }
  /** A count beyond the cap: its content begins at `start`. */
  | { readonly kind: 'oversize'; readonly start: number; readonly bytes: number };

/** `damaged`: found by looking for the next frame, or cut by the end of the connection. */
export type Framing = 'counted' | 'line' | 'damaged';

export interface StepOptions {
  readonly maxBytes: number;
  /** The connection has sent counted frames before, so a count needs no `<` behind it to be believed. */
  readonly counted: boolean;
  /** Nothing more comes for now: what can stand as a frame is one. */
  readonly quiet: boolean;
  /** Nothing more comes at all: the rest is a frame. */
  readonly ended: boolean;
}

const LF = 10;
const CR = 13;
const NUL = 0;
const SPACE = 32;
const LESS = 60;
const BOM = 0xef;
const open = Buffer.from('<AuditMessage');
const close = Buffer.from('</AuditMessage>');
const closeWrapper = Buffer.from('</AuditMessages>');
const capital = (byte: number | undefined) => byte !== undefined && byte >= 49 && byte <= 57;
const digit = (byte: number | undefined) => byte !== undefined && byte >= 48 && byte <= 57;
const separator = (byte: number | undefined) => byte === LF || byte === CR || byte === NUL;

/** Looks for the frame that begins at `start` in the first `length` bytes of `view`. */
export function stepFrame(view: Buffer, start: number, options: StepOptions): Step {
  let at = start;
  while (at < view.length && separator(view[at])) at++;
  if (at > start) return { kind: 'skip', next: at };
  if (at === view.length) return { kind: 'need' };
  const count = readCount(view, at, options);
  if (count === 'need') return options.ended ? rest(view, at) : { kind: 'need' };
  if (count === undefined) return stepLine(view, at, options);
  if (count.bytes > options.maxBytes) return { kind: 'oversize', start: count.start, bytes: count.bytes };
  return stepCounted(view, at, count.start, count.start + count.bytes, options);
}

/** Reads `<count> ` (RFC 5425 MSG-LEN, at most 9 digits). Undefined when the frame is a line. */
function readCount(
  view: Buffer,
  at: number,
  { counted, quiet, ended }: StepOptions
): { readonly start: number; readonly bytes: number } | 'need' | undefined {
  if (!capital(view[at])) return undefined;
  let end = at;
  let bytes = 0;
  while (digit(view[end]) && end - at < 10) bytes = bytes * 10 + ((view[end++] ?? 0) - 48);
  if (end - at > 9) return undefined;
  if (end >= view.length || (view[end] === SPACE && end + 1 >= view.length))
    return quiet && !ended && end - at > 6 ? undefined : 'need';
  if (view[end] !== SPACE) return undefined;
  const first = view[end + 1];
  return first === LESS || first === BOM || counted ? { start: end + 1, bytes } : undefined;
}

function stepCounted(view: Buffer, at: number, start: number, end: number, options: StepOptions): Step {
  if (view.length < end) return options.ended ? damaged(start, view.length) : { kind: 'need', size: end - at };
  const whole: Step = { kind: 'frame', start, end, next: end, framing: 'counted' };
  const body = view.subarray(start, end);
  const closed = body.indexOf(close);
  if (closed >= 0) {
    // A count that is too long has eaten the head of the next frame.
    const eaten = frameStartAfter(view, start + closed + close.length, end);
    return eaten === undefined ? whole : { kind: 'frame', start, end: eaten.end, next: eaten.next, framing: 'counted' };
  }
  if (!body.includes(open)) return whole;
  // A count that is too short (characters counted, not bytes) leaves the end of the body behind.
  if (view.length === end) return options.quiet || options.ended ? whole : { kind: 'need', size: end + 1 - at };
  if (separator(view[end]) || looksLikeStart(view, end) !== 'no') return whole;
  const missing = view.indexOf(close, Math.max(start, end - close.length));
  const other = findStart(view, end);
  if (missing >= 0 && (other < 0 || missing < other))
    return { kind: 'frame', start, end: missing + close.length, next: missing + close.length, framing: 'counted' };
  if (other >= 0) return { kind: 'frame', start, end: other, next: other, framing: 'damaged' };
  return options.ended || options.quiet ? damaged(start, view.length) : { kind: 'need' };
}

function stepLine(view: Buffer, start: number, options: StepOptions): Step {
  const foreign = view[start] !== LESS && view[start] !== BOM;
  let from = start;
  for (;;) {
    const terminator = findTerminator(view, from);
    const lineEnd = terminator < 0 ? view.length : terminator;
    const opened = view.subarray(start, lineEnd).indexOf(open);
    if (opened >= 0) return stepMessage(view, start, start + opened, options);
    if (foreign) {
      const other = findStart(view.subarray(0, lineEnd), start + 1);
      if (other > start) return { kind: 'frame', start, end: other, next: other, framing: 'damaged' };
    }
    if (terminator < 0) return options.ended ? rest(view, start) : { kind: 'need' };
    const line: Step = lineFrame(view, start, terminator, foreign ? 'damaged' : 'line');
    const joined = foreign ? 'no' : continues(view, start, terminator);
    if (joined === 'no') return line;
    if (joined === 'unknown') return options.quiet || options.ended ? line : { kind: 'need' };
    from = terminator + 1;
  }
}

/** A frame that holds an audit message and no count: it ends where the message does, over as many lines as that takes. */
function stepMessage(view: Buffer, start: number, opened: number, options: StepOptions): Step {
  const wrapper = view[opened + open.length] === 115; // <AuditMessages
  const tag = wrapper ? closeWrapper : close;
  const closed = view.indexOf(tag, opened);
  const other = findStart(view, opened, true);
  if (closed < 0 || (other >= 0 && other < closed)) {
    if (other >= 0) return lineFrame(view, start, other - 1, 'damaged');
    return options.ended ? damaged(start, view.length) : { kind: 'need' };
  }
  const after = closed + tag.length;
  const end = findTerminator(view, after);
  const next = frameStartAfter(view, after, end < 0 ? view.length : end);
  if (next !== undefined) return { kind: 'frame', start, end: next.end, next: next.next, framing: 'line' };
  if (end >= 0) return lineFrame(view, start, end, 'line');
  for (let at = after; at < view.length; at++)
    if (view[at] !== SPACE && !separator(view[at])) return options.ended || options.quiet ? rest(view, start) : { kind: 'need' };
  return { kind: 'frame', start, end: view.length, next: view.length, framing: 'line' };
}

/** Whether the next line belongs to this one: a syslog header whose XML begins on the line after it. */
function continues(view: Buffer, start: number, terminator: number): 'yes' | 'no' | 'unknown' {
  if (view[terminator] === NUL || !digit(view[start + 1])) return 'no';
  if (view.subarray(start + 1, terminator).includes(LESS)) return 'no';
  let at = terminator + 1;
  while (at < view.length && (separator(view[at]) || view[at] === SPACE)) at++;
  if (at === view.length) return 'unknown';
  if (view[at] === BOM) return 'yes';
  if (view[at] !== LESS) return 'no';
  if (at + 1 === view.length) return 'unknown';
  return digit(view[at + 1]) ? 'no' : 'yes';
}

/** When all from `at` to `end` is blank or the head of another frame: where this frame ends and that one begins. */
function frameStartAfter(view: Buffer, at: number, end: number): { end: number; next: number } | undefined {
  let next = at;
  while (next < end && (separator(view[next]) || view[next] === SPACE)) next++;
  if (next === end) return undefined;
  return looksLikeStart(view, next, end) === 'no' ? undefined : { end: at, next };
}

/** Whether `<pri>` or `count <pri>` stands at `at`; `perhaps` when the bytes end before that is known. */
function looksLikeStart(view: Buffer, at: number, end = view.length): 'yes' | 'no' | 'perhaps' {
  let position = at;
  if (capital(view[position])) {
    while (position < end && digit(view[position]) && position - at < 10) position++;
    if (position >= end) return 'perhaps';
    if (view[position] !== SPACE || position - at > 9) return 'no';
    position++;
    if (position >= end) return 'perhaps';
  }
  if (view[position] !== LESS) return 'no';
  const first = ++position;
  while (position < end && digit(view[position]) && position - first < 4) position++;
  if (position >= end) return 'perhaps';
  return view[position] === 62 && position > first && position - first <= 3 ? 'yes' : 'no';
}

/** First place from `from` where a frame surely begins; with `afterLine`, only at the beginning of a line. */
function findStart(view: Buffer, from: number, afterLine = false): number {
  for (let less = view.indexOf(LESS, from); less >= 0; less = view.indexOf(LESS, less + 1)) {
    if (!digit(view[less + 1]) || looksLikeStart(view, less) !== 'yes') continue;
    let at = less;
    if (view[at - 1] === SPACE) {
      let digits = at - 1;
      while (digits > from && digit(view[digits - 1])) digits--;
      while (digits < at - 1 && view[digits] === 48) digits++;
      if (digits < at - 1 && at - 1 - digits <= 9) at = digits;
    }
    if (!afterLine || separator(view[at - 1])) return at;
  }
  return -1;
}

function findTerminator(view: Buffer, from: number): number {
  const line = view.indexOf(LF, from);
  const nul = view.subarray(from, line < 0 ? view.length : line).indexOf(NUL);
  return nul < 0 ? line : from + nul;
}

function lineFrame(view: Buffer, start: number, terminator: number, framing: Framing): Step {
  const end = view[terminator - 1] === CR && terminator - 1 > start ? terminator - 1 : terminator;
  return { kind: 'frame', start, end, next: terminator + 1, framing };
}

const damaged = (start: number, end: number): Step => ({ kind: 'frame', start, end, next: end, framing: 'damaged' });
/** All there is, at the end of a connection: a line whose end never came is whole when its sender only closes. */
const rest = (view: Buffer, start: number): Step => ({ kind: 'frame', start, end: view.length, next: view.length, framing: 'line' });
