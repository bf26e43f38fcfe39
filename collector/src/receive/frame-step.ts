/**
 * Where the next syslog frame ends: one step of the state machine of frames.ts, pure over the bytes at hand. Framing is
 * decided per frame (RFC 6587): octet counting when it begins with `<count> ` and a message, else a line (LF, CRLF, NUL).
 * What senders do besides is told by the body: an audit message ends at its closing tag, whatever counts and lines say.
 */
export type Step =
  /** More is needed; `size`: how many bytes from the frame's start, where that is known. */
  | { readonly kind: 'need'; readonly size?: number }
  /** Separators between frames, up to `next`. */
  | { readonly kind: 'skip'; readonly next: number }
  /** A whole frame from `start` to `end`; the next one begins at `next`. */
  | {
      readonly kind: 'frame';
      readonly start: number;
      readonly end: number;
      readonly next: number;
      readonly counted?: true;
    }
  /** A count beyond the cap: that many bytes from `start`. */
  | { readonly kind: 'oversize'; readonly start: number; readonly bytes: number };

export interface StepOptions {
  readonly maxBytes: number;
  /** Counted frames came before, so that a count is believed without a `<` behind it. */
  readonly counted: boolean;
  /** Nothing more comes for now: what can stand as a frame is one. */
  readonly quiet: boolean;
  /** Nothing more comes at all: the rest is a frame. */
  readonly ended: boolean;
}

const [NUL, LF, CR, SPACE, SLASH, COLON, LESS, GREATER, QUESTION, BOM] = [
  0, 10, 13, 32, 47, 58, 60, 62, 63, 0xef
];
/** First bytes of the marks of UTF-16. */
const [WIDE_LE, WIDE_BE] = [0xff, 0xfe];
const roots = [Buffer.from('AuditMessage'), Buffer.from('IHEYr4')];
const plainName = Buffer.from('AuditMessage');
const plainEnd = Buffer.from('</AuditMessage>');
const mangledBom = Buffer.from('ï»¿');
const digit = (byte: number | undefined) => byte !== undefined && byte >= 48 && byte <= 57;
const countDigit = (byte: number | undefined) => digit(byte) && byte !== 48;
const separator = (byte: number | undefined) => byte === LF || byte === CR || byte === NUL;
const blank = (byte: number | undefined) => byte === SPACE || separator(byte);
const nameByte = (byte: number | undefined) => !blank(byte) && byte !== SLASH && byte !== GREATER;
const frame = (start: number, end: number, next = end): Step => ({ kind: 'frame', start, end, next });
const need: Step = { kind: 'need' };

/** Looks for the frame that begins at `start`. */
export function stepFrame(view: Buffer, start: number, options: StepOptions): Step {
  let at = start;
  while (at < view.length && blank(view[at])) at++;
  if (at > start) return { kind: 'skip', next: at };
  if (at === view.length) return need;
  const count = readCount(view, at, options.counted);
  if (count === 'unknown') return options.ended ? frame(at, view.length) : need;
  if (count === undefined) return stepLine(view, at, options);
  if (count.bytes > options.maxBytes) return { kind: 'oversize', start: count.start, bytes: count.bytes };
  return stepCounted(view, at, count.start, count.start + count.bytes, options);
}

/** Reads `<count> ` (RFC 5425 MSG-LEN, at most 9 digits). Undefined when the frame is a line. */
function readCount(
  view: Buffer,
  at: number,
  counted: boolean
): { start: number; bytes: number } | 'unknown' | undefined {
  if (!countDigit(view[at])) return undefined;
  let end = at;
  let bytes = 0;
  while (digit(view[end]) && end - at <= 9) bytes = bytes * 10 + ((view[end++] ?? 0) - 48);
  if (end - at > 9) return undefined;
  if (end === view.length) return 'unknown';
  if (view[end] !== SPACE) return undefined;
  if (end + 1 === view.length) return 'unknown';
  const first = view[end + 1];
  return first === LESS || first === BOM || first === WIDE_LE || first === WIDE_BE || counted
    ? { start: end + 1, bytes }
    : undefined;
}

function stepCounted(view: Buffer, at: number, start: number, end: number, options: StepOptions): Step {
  if (view.length < end) return options.ended ? frame(start, view.length) : { kind: 'need', size: end - at };
  const whole: Step = { kind: 'frame', start, end, next: end, counted: true };
  if (endsAsItShould(view, start, end)) return whole;
  const root = findRoot(view, start, end);
  if (root === undefined) return whole;
  const closed = closingEnd(view, root, end);
  if (closed >= 0) {
    // A count that is too long has eaten the head of the next frame.
    const next = skipBlanks(view, closed, end);
    return next < end && beginsFrame(view, next, end) !== 'no' ? { ...whole, end: closed, next } : whole;
  }
  // A count that is too short (characters counted for bytes) leaves the end of the body behind.
  if (view.length === end)
    return options.quiet || options.ended ? whole : { kind: 'need', size: end + 1 - at };
  const follows = separator(view[end]) ? 'yes' : beginsFrame(view, end, view.length);
  if (follows === 'yes') return whole;
  if (follows === 'perhaps' && !options.quiet && !options.ended) return need;
  const missing = closingEnd(view, root, view.length);
  const other = findFrame(view, end, missing < 0 ? view.length : missing);
  if (other >= 0) return frame(start, other);
  if (missing >= 0) return { ...whole, end: missing, next: missing };
  if (options.quiet || options.ended) return frame(start, view.length);
  return need;
}

/** What nearly every counted frame is, found without looking closer: one plain `<AuditMessage>` whose end is the frame's. */
function endsAsItShould(view: Buffer, start: number, end: number): boolean {
  const frame = view.subarray(start, end);
  const root = frame.indexOf(plainName);
  const after = root + plainName.length;
  if (root <= 0 || frame[root - 1] !== LESS || frame[after] !== GREATER) return false;
  return frame.indexOf(plainEnd, after) === frame.length - plainEnd.length;
}

function stepLine(view: Buffer, start: number, options: StepOptions): Step {
  const foreign = view[start] !== LESS && view[start] !== BOM;
  for (let from = start; ;) {
    const terminator = findTerminator(view, from);
    const end = terminator < 0 ? view.length : terminator;
    const root = findRoot(view, from, end);
    const other = foreign ? findFrame(view, start + 1, root?.at ?? end) : -1;
    if (other >= 0) return frame(start, other);
    if (root !== undefined) return stepMessage(view, start, root, options);
    if (terminator < 0) return options.ended ? frame(start, view.length) : need;
    const joined = foreign ? 'no' : continues(view, start, terminator);
    if (joined === 'no') return line(view, start, terminator);
    if (joined === 'unknown') return options.quiet || options.ended ? line(view, start, terminator) : need;
    from = terminator + 1;
  }
}

/** A frame without a count that holds an audit message: it ends where the message does, over as many lines as that takes. */
function stepMessage(view: Buffer, start: number, root: Root, options: StepOptions): Step {
  const closed = closingEnd(view, root, view.length);
  const other = findFrame(view, root.at, closed < 0 ? view.length : closed, true);
  if (other >= 0) return line(view, start, other - 1, other);
  if (closed < 0) return options.ended ? frame(start, view.length) : need;
  return frame(start, closed);
}

/** Whether the next line belongs to a syslog header that stands alone, or to the XML prolog (with a header or without). */
function continues(view: Buffer, start: number, terminator: number): 'yes' | 'no' | 'unknown' {
  const first = view[start] === BOM ? start + 3 : start;
  const bare = view[first] === LESS && view[first + 1] === QUESTION;
  if (view[terminator] === NUL || !(bare || digit(view[start + 1]))) return 'no';
  let last = terminator - 1;
  while (last > start && blank(view[last])) last--;
  const prolog = view[last] === GREATER && view[last - 1] === QUESTION;
  if (!prolog && (bare || view.subarray(start + 1, terminator).includes(LESS))) return 'no';
  let at = skipBlanks(view, terminator + 1, view.length);
  if (view[at] === BOM) return 'yes';
  // Byte order marks that a conversion made into `?` or into `ï»¿`.
  if (view[at] === QUESTION) at += 1;
  else if (view.subarray(at, at + mangledBom.length).equals(mangledBom)) at += mangledBom.length;
  if (at >= view.length || mangledBom.subarray(0, view.length - at).equals(view.subarray(at)))
    return 'unknown';
  if (view[at] !== LESS) return 'no';
  if (at + 1 === view.length) return 'unknown';
  return digit(view[at + 1]) ? 'no' : 'yes';
}

interface Root {
  readonly at: number;
  readonly closing: Buffer;
  readonly selfClosed: number;
}

/** The start tag of an audit message between `from` and `end`, under whatever prefix, wrapper included. */
function findRoot(view: Buffer, from: number, end: number): Root | undefined {
  const part = view.subarray(from, end);
  for (const name of roots)
    for (let found = part.indexOf(name); found >= 0; found = part.indexOf(name, found + 1)) {
      let less = found - 1;
      while (less >= 0 && found - less < 32 && part[less] !== LESS && nameByte(part[less])) less--;
      if (part[less] !== LESS || digit(part[less + 1]) || (less !== found - 1 && part[found - 1] !== COLON))
        continue;
      let close = found + name.length;
      if (part[close] === 115) close++; // AuditMessages
      if (
        close < part.length &&
        !blank(part[close]) &&
        part[close] !== GREATER &&
        part[close] !== SLASH &&
        part[close] !== 9
      )
        continue;
      const closing = Buffer.concat([Buffer.from('</'), part.subarray(less + 1, close), Buffer.from('>')]);
      const selfClosed = part[close] === SLASH && part[close + 1] === GREATER ? from + close + 2 : -1;
      return { at: from + less, closing, selfClosed };
    }
  return undefined;
}

/** Where the message of a root ends, before `end`; -1 when it does not. */
function closingEnd(view: Buffer, root: Root, end: number): number {
  if (root.selfClosed >= 0) return root.selfClosed;
  const found = view.subarray(root.at, end).indexOf(root.closing);
  return found < 0 ? -1 : root.at + found + root.closing.length;
}

function skipBlanks(view: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && blank(view[at])) at++;
  return at;
}

/** Whether `<pri>` or `count <pri>` stands at `at`; `perhaps` when `end` comes before that is known. */
function beginsFrame(view: Buffer, at: number, end: number): 'yes' | 'no' | 'perhaps' {
  let position = at;
  if (countDigit(view[position])) {
    while (position < end && digit(view[position]) && position - at <= 9) position++;
    if (position === end) return 'perhaps';
    if (view[position] !== SPACE || position - at > 9) return 'no';
    if (++position === end) return 'perhaps';
  }
  if (view[position] !== LESS) return 'no';
  const first = ++position;
  while (position < end && digit(view[position]) && position - first <= 3) position++;
  if (position === end) return 'perhaps';
  return view[position] === GREATER && position > first && position - first <= 3 ? 'yes' : 'no';
}

/** First place from `from` where a frame surely begins before `end`; with `atLine`, only at the beginning of a line. */
export function findFrame(view: Buffer, from: number, end: number, atLine = false): number {
  const part = view.subarray(0, end);
  for (let less = part.indexOf(LESS, from); less >= 0; less = part.indexOf(LESS, less + 1)) {
    if (!digit(part[less + 1]) || beginsFrame(part, less, end) !== 'yes') continue;
    let at = less;
    if (part[less - 1] === SPACE) {
      let digits = less - 1;
      while (digits > from && digit(part[digits - 1]) && less - 1 - digits < 9) digits--;
      while (digits < less - 1 && part[digits] === 48) digits++;
      if (digits < less - 1) at = digits;
    }
    if (!atLine || (at > 0 && separator(part[at - 1]))) return at;
  }
  return -1;
}

function findTerminator(view: Buffer, from: number): number {
  const feed = view.indexOf(LF, from);
  const nul = view.subarray(from, feed < 0 ? view.length : feed).indexOf(NUL);
  return nul < 0 ? feed : from + nul;
}

function line(view: Buffer, start: number, terminator: number, next = terminator + 1): Step {
  let end = terminator;
  while (end - 1 > start && view[end - 1] === CR) end--;
  return frame(start, end, next);
}
