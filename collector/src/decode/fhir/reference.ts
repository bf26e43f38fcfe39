import type { Identifier, Reference } from './audit-event.ts';

type Contained = readonly Readonly<Record<string, unknown>>[];

/** What a Reference names, its contained resource looked into. */
export interface Named {
  /** Value and system of the identifier. */
  readonly value: string;
  readonly system: string;
  readonly idType: Identifier['type'];
  /** `Type/id`, without server and version. */
  readonly reference: string;
  /** Server of an absolute reference. */
  readonly base: string;
  /** Resource type, as told or as the reference has it. */
  readonly type: string;
  readonly display: string;
}

/** Longer ones are no literal reference; the pattern below takes its time over hostile ones. */
const literalLimit = 2_048;
const literal = /^(?:(https?:\/\/.+)\/)?([A-Z][A-Za-z]{1,40})\/([A-Za-z0-9.-]{1,64})(?:\/_history\/.*)?$/;

/** Resolves a Reference: identifier, literal reference, contained resource (`#id`), display. */
export function named(told: Reference | undefined, contained: Contained | undefined): Named {
  const reference = told?.reference?.trim() ?? '';
  const inner = reference.startsWith('#') ? find(contained, reference.slice(1)) : undefined;
  const identifier = told?.identifier ?? firstIdentifier(inner);
  const parts = reference.length > literalLimit ? null : literal.exec(reference);
  const innerType = inner?.['resourceType'];
  return {
    value: identifier?.value?.trim() ?? '',
    system: identifier?.system?.trim() ?? '',
    idType: identifier?.type,
    reference: parts === null ? (inner === undefined ? reference : '') : `${parts[2]}/${parts[3]}`,
    base: parts?.[1] ?? '',
    type: told?.type ?? parts?.[2] ?? (typeof innerType === 'string' ? innerType : ''),
    display: told?.display?.trim() || nameOf(inner)
  };
}

/** A person's id: the identifier, else the reference under its server, so that user 1 of two servers are two users. */
export function personId({ value, reference, base: told }: Named, base: string): string {
  if (value !== '' || reference === '') return value;
  return `${told || base}/${reference}`;
}

function find(contained: Contained | undefined, id: string): Contained[number] | undefined {
  return contained?.find((one) => one['id'] === id);
}

function firstIdentifier(resource: Contained[number] | undefined): Identifier | undefined {
  const [first] = listOf(resource?.['identifier']);
  if (first === undefined) return undefined;
  const { system, value } = first;
  return {
    ...(typeof system === 'string' && { system }),
    ...(typeof value === 'string' && { value })
  };
}

/** Words of a contained resource: Device.deviceName, Organization.name, HumanName. */
function nameOf(resource: Contained[number] | undefined): string {
  const told = resource?.['name'] ?? resource?.['deviceName'];
  const [first] = Array.isArray(told) ? (told as unknown[]) : [told];
  if (typeof first === 'string') return first;
  if (typeof first !== 'object' || first === null) return '';
  const { text, family, given, name } = first as Record<string, unknown>;
  if (typeof text === 'string') return text;
  if (typeof name === 'string') return name;
  const parts = [...(Array.isArray(given) ? (given as unknown[]) : [given]), family];
  return parts.filter((part) => typeof part === 'string').join(' ');
}

function listOf(value: unknown): Record<string, unknown>[] {
  const items: unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return items.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null);
}
