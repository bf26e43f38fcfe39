/** Text of a fixed field: spaces and NULs at its ends are padding; what cannot be printed becomes "?". */
export function fieldText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end && i < bytes.length; i++) {
    const byte = bytes[i]!;
    text += byte === 0 ? ' ' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  }
  return text.trim();
}

/** A UID of a message, or '' when it is not made of digits and dots. */
export function uidText(bytes: Uint8Array, start: number, end: number): string {
  const text = fieldText(bytes, start, end);
  return /^[0-9.]{1,64}$/.test(text) ? text : '';
}
