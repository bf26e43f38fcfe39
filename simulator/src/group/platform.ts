import type { Config, System, SystemKind } from '@vigie/schemas';

/** A system that speaks in the simulation: how it calls itself, from vigie.yaml. */
export interface Speaker {
  readonly system: string;
  readonly kind: SystemKind;
  readonly ae: string;
  readonly host: string;
  readonly auditSource: string;
}

/** The shared systems of the group by what they do; those that vigie.yaml does not declare are not played. */
export interface Platform {
  readonly pacs: Speaker;
  readonly ris: Speaker;
  /** The PACS's own, when there is none apart. */
  readonly viewer: Speaker;
  readonly vna: Speaker | undefined;
  readonly archive: Speaker | undefined;
  readonly portal: Speaker | undefined;
  readonly ai: Speaker | undefined;
  /** A DRIMbox. */
  readonly gateway: Speaker | undefined;
  /** At a mirrored port of the largest site. */
  readonly sensor: Speaker | undefined;
  /** Name under which the RIS sends HL7 (MSH-3). */
  readonly hl7Application: string;
  /** OID of the local patient numbers. */
  readonly patientAuthority: string;
}

/** @throws {Error} when there is no PACS or no RIS: a sentence that says how to mend it */
export function platformOf(config: Config): Platform {
  const find = (kind: SystemKind) => config.systems.find((one) => one.kind === kind);
  const [pacs, ris] = [find('pacs'), find('ris')];
  if (!pacs || !ris)
    throw new Error(
      'The simulator plays a group that has a PACS and a RIS: declare systems of kind pacs and ris in vigie.yaml, or set "simulator: { enabled: false }".'
    );
  const speaker = (kind: SystemKind) => {
    const system = find(kind);
    return system && speakerOf(system);
  };
  return {
    pacs: speakerOf(pacs),
    ris: speakerOf(ris),
    viewer: speaker('viewer') ?? speakerOf(pacs),
    vna: speaker('vna'),
    archive: speaker('archive'),
    portal: speaker('portal'),
    ai: speaker('ai'),
    gateway: speaker('gateway'),
    sensor: speaker('sensor'),
    hl7Application: ris.hl7_applications[0] ?? 'RIS',
    patientAuthority: ris.patient_id_authority ?? pacs.patient_id_authority ?? '1.2.250.1.999.10.1'
  };
}

function speakerOf(system: System): Speaker {
  const name = system.id.toUpperCase();
  return {
    system: system.id,
    kind: system.kind,
    ae: system.ae_titles[0] ?? name.slice(0, 16),
    host: system.hostnames[0] ?? '-',
    auditSource: system.audit_source_ids[0] ?? name
  };
}
