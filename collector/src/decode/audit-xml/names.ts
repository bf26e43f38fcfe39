/** Attributes of PS3.15 A.5 and RFC 3881, by element. Elements without any are containers. */
const coded = ['csd-code', 'code', 'codeSystem', 'codeSystemName', 'originalText', 'displayName'];
const schema: Readonly<Record<string, readonly string[]>> = {
  AuditMessages: [],
  AuditMessage: [],
  IHEYr4: [],
  EventIdentification: ['EventActionCode', 'EventDateTime', 'EventOutcomeIndicator'],
  EventID: coded,
  EventTypeCode: coded,
  EventOutcomeDescription: [],
  PurposeOfUse: coded,
  ActiveParticipant: [
    'UserID',
    'AlternativeUserID',
    'UserName',
    'UserIsRequestor',
    'UserTypeCode',
    'NetworkAccessPointID',
    'NetworkAccessPointTypeCode'
  ],
  RoleIDCode: coded,
  UserIDTypeCode: coded,
  MediaIdentifier: [],
  MediaType: coded,
  AuditSourceIdentification: [
    'AuditSourceID',
    'AuditEnterpriseSiteID',
    'code',
    'codeSystem',
    'codeSystemName',
    'originalText',
    'displayName'
  ],
  AuditSourceTypeCode: coded,
  ParticipantObjectIdentification: [
    'ParticipantObjectID',
    'ParticipantObjectTypeCode',
    'ParticipantObjectTypeCodeRole',
    'ParticipantObjectDataLifeCycle',
    'ParticipantObjectSensitivity',
    'ParticipantObjectName'
  ],
  ParticipantObjectIDTypeCode: coded,
  ParticipantObjectName: [],
  ParticipantObjectQuery: [],
  ParticipantObjectDetail: ['type', 'value'],
  ParticipantObjectDescription: [],
  ParticipantObjectContainsStudy: ['UID'],
  StudyIDs: ['UID'],
  MPPS: ['UID'],
  Accession: ['Number'],
  SOPClass: ['UID', 'NumberOfInstances'],
  Instance: ['UID'],
  Encrypted: [],
  Anonymized: []
};
export const elementNames: readonly string[] = Object.keys(schema);
const attributesOf = new Map(elementNames.map((name) => [name, new Set(schema[name])]));

/** Names that emitters use for others, too far from them for the distance below. */
const aliases: Readonly<Record<string, string>> = { IsRequestor: 'UserIsRequestor', csdCode: 'csd-code' };
/** Shorter names are too near to each other. */
const shortest = 5;
const furthest = 2;
const cacheLimit = 2_000;
const met = new Map<string, string | null>();

/** Attributes of the schema's element of that name. */
export const schemaAttributes = (element: string): readonly string[] => schema[element] ?? [];

/** @returns whether an element of that local name is one of the schema */
export const isElement = (name: string): boolean => attributesOf.has(name);

/** @returns the schema's element that a misspelt name means; null for one of an extension */
export function meantElement(name: string): string | null {
  return remember(`<${name}`, () => meant(name, elementNames));
}

/**
 * @param element local name, of the schema
 * @returns whether the schema gives it that attribute; namespaces and foreign attributes pass too
 */
export function isAttribute(element: string, name: string): boolean {
  return attributesOf.get(element)?.has(name) === true || name.includes(':') || name === 'xmlns';
}

/** @returns the attribute of the element that a misspelt name means; null for one of an extension */
export function meantAttribute(element: string, name: string): string | null {
  return remember(`${element} ${name}`, () => {
    const candidates = schema[element] ?? [];
    const alias = aliases[name];
    return alias !== undefined && candidates.includes(alias) ? alias : meant(name, candidates);
  });
}

/** Coding systems whose names are long enough to be misspelt without doubt. */
const codingSystems = ['RFC-3881', 'IHE Transactions', 'IHE XDS Metadata', '99DCM4CHEE'];

/** @returns the coding system that a misspelt name means; null when it is spelt right, or not known */
export function meantSystem(name: string): string | null {
  if (name.length < 6) return null;
  return remember(`#${name}`, () =>
    codingSystems.some((one) => one.toLowerCase() === name.toLowerCase()) ? null : meant(name, codingSystems)
  );
}

/** The one candidate of nearly that spelling; null when there is none, or more than one. */
function meant(name: string, candidates: readonly string[]): string | null {
  const folded = name.toLowerCase();
  const same = candidates.find((one) => one.toLowerCase() === folded);
  if (same !== undefined) return same;
  if (name.length < shortest || name.length > 64) return null;
  const near = candidates.filter(
    (one) =>
      one.length >= 6 &&
      Math.abs(one.length - name.length) <= furthest &&
      distance(folded, one.toLowerCase()) <= (one.length < 10 ? 1 : furthest)
  );
  return near.length === 1 ? (near[0] ?? null) : null;
}

function remember(key: string, find: () => string | null): string | null {
  const known = met.get(key);
  if (known !== undefined) return known;
  if (met.size >= cacheLimit) met.clear();
  const found = find();
  met.set(key, found);
  return found;
}

/** Damerau-Levenshtein distance (neighbours may change places). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
