/** Bytes decoded of one value; beyond, it is told only how large it is. */
const valueLimit = 1_000_000;

/**
 * The bytes of a base64 value, wrapped with blanks or without its padding too.
 * @returns null when it is none: some senders write such values plain
 */
export function readBase64(value: string): Buffer | null {
  const bare = value.replaceAll(/\s+/g, '').replace(/=+$/, '');
  if (bare === '' || bare.length % 4 === 1 || !/^[A-Za-z0-9+/_-]*$/.test(bare)) return null;
  return Buffer.from(bare, 'base64');
}

export const isTooLarge = (value: string): boolean => value.length > valueLimit;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const windows1252 = new TextDecoder('windows-1252');

/** UTF-8, else windows-1252. */
export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return windows1252.decode(bytes);
  }
}

/** Whether a text is for reading: no control characters but those of layout, none of the replacement kind. */
export function isReadable(text: string): boolean {
  return text !== '' && !/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]/.test(text);
}
