import { bareAddress } from './network.ts';
import { label } from './origin.ts';

/** What emitters write when they know nothing: dcm4che's `<none>` and fake study UID, .NET's and Java's nulls. */
const sentinels = new Set(['', '-', '|', '<none>', '(null)', 'null', 'none', 'unknown', '<unknown>', '*']);
const longestSentinel = Math.max(...[...sentinels].map((one) => one.length));
const fakeStudy = '1.2.40.0.13.1.15.110.3.165.1';

/** A told value, or '' when it stands for "unknown". */
export function known(value: string): string {
  const text = value.trim();
  if (text.length > longestSentinel) return text === fakeStudy ? '' : text;
  return sentinels.has(text.toLowerCase()) ? '' : text;
}

/** Whether something is told, but only that it is unknown. */
export const isSentinel = (value: string): boolean =>
  value !== '' && value.trim() !== '' && known(value) === '';

/** A DICOM UID, or ''. */
export function uidOf(value: string): string {
  const uid = known(value).replace(/^urn:oid:/i, '');
  return /^[0-2](?:\.\d{1,39}){1,31}$/.test(uid) && uid.length <= 64 ? uid : '';
}

/** A short identifier such as an accession number, or '' when it is none. */
export function shortId(value: string): string {
  const id = known(value);
  return id.length <= 64 ? label(id) : '';
}

/** Each value once, in the order in which they came. A list of one, as most are, is itself. */
export const distinct = (values: string[]): string[] => (values.length < 2 ? values : [...new Set(values)]);

export interface AccessPoint {
  readonly id: string;
  readonly kind: 'host' | 'ip' | 'phone' | 'email' | 'uri' | '';
}

/**
 * Where a participant acts from, by content first since emitters often mistake the type.
 * Of a URI only scheme and host are kept (paths hold patient numbers); telephone numbers and mail addresses are not kept.
 */
export function accessPointOf(told: string, type: string): AccessPoint {
  const text = known(told);
  if (text === '') return { id: '', kind: '' };
  const address = bareAddress(text);
  if (address !== null) return { id: address, kind: 'ip' };
  const uri = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(text);
  if (uri !== null) return { id: label(`${uri[1]}://${uri[2]}`, 255), kind: 'uri' };
  if (type === '5' || text.startsWith('/') || /^urn:/i.test(text)) return { id: '', kind: 'uri' };
  if (text.includes('@') || type === '4') return { id: '', kind: 'email' };
  if (type === '3') return { id: '', kind: 'phone' };
  return { id: /^[\w.-]{1,255}$/.test(text) ? text.toLowerCase() : '', kind: 'host' };
}
