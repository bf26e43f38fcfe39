import { readDetail, type ReadDetail, type ToldDetail } from './read.ts';

/** Bounds of one page: more is in the raw message. */
const detailLimit = 200;
const rawLimit = 16_000_000;

/**
 * Details and queries of a raw audit message, decoded: of a DICOM audit document (with or without its syslog header), or of
 * a FHIR AuditEvent. Meant for a message that somebody has opened: nothing is decoded before.
 */
export function detailsOf(raw: string): ReadDetail[] {
  if (raw.length > rawLimit) return [];
  const told = /^\s*\{/.test(raw)
    ? ofJson(raw)
    : /<(?:[\w.-]+:)?AuditEvent[\s>]/.test(raw)
      ? ofFhirXml(raw)
      : ofXml(raw);
  return told.slice(0, detailLimit).map(readDetail);
}

const object = /<(?:[\w.-]+:)?ParticipantObjectIdentification\b/;
const part =
  /<(?:[\w.-]+:)?(?:ParticipantObjectDetail\b(?<attributes>[^<>]*)|ParticipantObjectQuery\s*>(?<query>[^<]*))/g;

function ofXml(raw: string): ToldDetail[] {
  return raw
    .split(object)
    .slice(1)
    .flatMap((text) => {
      const found = [...text.matchAll(part)].slice(0, detailLimit).map(({ groups }) => {
        const attributes = groups?.['attributes'] ?? '';
        const query = groups?.['query'];
        return {
          name: attribute(attributes, 'type'),
          value: query === undefined ? attribute(attributes, 'value') : unescapeXml(query),
          query: query !== undefined
        };
      });
      return withSyntax(found);
    });
}

const attribute = (attributes: string, name: string) => {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
  return unescapeXml(match?.[1] ?? match?.[2] ?? '');
};

const references: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const unescapeXml = (text: string) =>
  text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (whole, name: string) => references[name] ?? whole);

/** The transfer syntax that one detail of an object tells is that of its query. */
function withSyntax(found: readonly Omit<ToldDetail, 'transferSyntax'>[]): ToldDetail[] {
  const told = found.find(({ name }) => /^transfer ?syntax(?:uid)?$/i.test(name))?.value ?? '';
  const decoded = Buffer.from(told, 'base64').toString('latin1').trim();
  const syntax = [decoded, told.trim()].find((uid) => /^[0-2](?:\.\d+)+\0?$/.test(uid)) ?? '';
  return found
    .filter(({ value }) => value.trim() !== '')
    .map((one) => ({ ...one, transferSyntax: one.query ? syntax : '' }));
}

const fhirPart =
  /<(?:[\w.-]+:)?(?<element>type|valueBase64Binary|query)\s+value\s*=\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)')/g;

function ofFhirXml(raw: string): ToldDetail[] {
  const found: Omit<ToldDetail, 'transferSyntax'>[] = [];
  let name = '';
  for (const { groups } of raw.matchAll(fhirPart)) {
    const value = unescapeXml(groups?.['double'] ?? groups?.['single'] ?? '');
    const told = groups?.['element'];
    if (told === 'type') name = value;
    else if (told === 'query') found.push({ name: '', value, query: true });
    else found.push({ name, value, query: false });
    if (found.length === detailLimit) break;
  }
  return withSyntax(found);
}

/** A FHIR AuditEvent, or the record of the JSON input that holds an audit document. */
function ofJson(raw: string): ToldDetail[] {
  let resource: unknown;
  try {
    resource = JSON.parse(raw);
  } catch {
    return [];
  }
  const xml = text(resource, 'xml');
  if (xml !== '') return ofXml(xml);
  return list(resource, 'entity').flatMap((entity) => {
    const query = text(entity, 'query');
    const details = list(entity, 'detail').map((detail) => ({
      name: text(detail, 'type'),
      value: text(detail, 'valueBase64Binary'),
      query: false
    }));
    return withSyntax([...(query === '' ? [] : [{ name: '', value: query, query: true }]), ...details]);
  });
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
const list = (value: unknown, name: string): unknown[] => {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
};
const text = (value: unknown, name: string): string => {
  const found = member(value, name);
  return typeof found === 'string' ? found : '';
};
