import type { Segment } from './message.ts';

/**
 * PDFs that come as encapsulated data (OBX-2 ED: source ^ type ^ subtype ^ encoding ^ data): how many, and how many bytes they make once
 * decoded. They are measured, never decoded: the document is in the raw message alone.
 */
export function documentsOf(segments: readonly Segment[]): { count: number; bytes: number } {
  let count = 0;
  let bytes = 0;
  for (const segment of segments) {
    if (segment.name !== 'OBX' || segment.get(2).toUpperCase() !== 'ED') continue;
    for (const told of segment.repetitions(5)) {
      if (!/PDF$/i.test(told.get(3)) && !/PDF$/i.test(told.get(2))) continue;
      count += 1;
      bytes += told.get(4).toUpperCase() === 'BASE64' ? decodedSize(told.bare(5)) : told.bare(5).length;
    }
  }
  return { count: Math.min(count, 65_535), bytes };
}

/** Bytes that a base64 text decodes to. */
function decodedSize(text: string): number {
  let digits = text.length;
  while (digits > 0 && (text[digits - 1] === '=' || text[digits - 1] === ' ')) digits -= 1;
  return Math.floor((digits * 3) / 4);
}
