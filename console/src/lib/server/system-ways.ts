import type { Config, System } from '@vigie/schemas';

/** Ways by which Vigie knows of a system. The console has a word for each in both languages. */
export type WayKind =
  | 'key'
  | 'certificate'
  | 'audit'
  | 'host'
  | 'network'
  | 'hl7'
  | 'dicom'
  | 'pull'
  | 'metrics'
  | 'probe'
  | 'observer';
export interface Way {
  readonly kind: WayKind;
  /** What vigie.yaml says of it: names and ids, no secret. */
  readonly values: readonly string[];
}

/** How vigie.yaml lets Vigie hear or see a system. Pure. */
export function waysOf(config: Config, system: System): Way[] {
  const mine = <T extends { readonly system?: string | undefined; readonly id: string }>(
    list: readonly T[]
  ) => list.filter((one) => one.system === system.id);
  const all: readonly Way[] = [
    {
      kind: 'key',
      values: mine(config.api_keys).map(({ id, feeds }) => `${id} (${feeds.join(', ')})`)
    },
    { kind: 'certificate', values: mine(config.client_certificates).map(({ id }) => id) },
    { kind: 'audit', values: system.audit_source_ids },
    { kind: 'hl7', values: system.hl7_applications },
    { kind: 'host', values: system.hostnames },
    { kind: 'network', values: system.networks },
    { kind: 'dicom', values: system.ae_titles },
    {
      kind: 'pull',
      values: mine(config.pulls).map(({ id, kind, every_seconds }) => `${id} (${kind}, ${every_seconds} s)`)
    },
    { kind: 'metrics', values: mine(config.metrics).map(({ id, fact }) => `${id} (${fact})`) },
    {
      kind: 'probe',
      values: mine(config.probes).map(({ id, kind, every_seconds }) => `${id} (${kind}, ${every_seconds} s)`)
    },
    {
      kind: 'observer',
      values: system.transfers_observed_by === undefined ? [] : [system.transfers_observed_by]
    }
  ];
  return all.filter(({ values }) => values.length > 0);
}
