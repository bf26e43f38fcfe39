// ClickHouse columns of every table the collector writes, in DDL order. A test holds them against the engine.

import { censusTables } from './census-tables.ts';
import type { Columns, Row } from './columns.ts';
import { factHead } from './fact-head.ts';

export type { Columns, Row };

/** Every table a block can write to. */
export const tables = {
  'audit.event': {
    ...factHead,
    transport: 'LowCardinality(String)',
    peer: 'LowCardinality(String)',
    occurred_at: "DateTime64(3, 'UTC')",
    sent_at: "Nullable(DateTime64(3, 'UTC'))",
    event_code: 'LowCardinality(String)',
    event_types: 'Array(LowCardinality(String))',
    action: 'LowCardinality(String)',
    outcome: 'UInt8',
    actor_id: 'String',
    actor_kind: 'LowCardinality(String)',
    actor_roles: 'Array(LowCardinality(String))',
    actor_site: 'LowCardinality(String)',
    access_point: 'String',
    access_point_kind: 'LowCardinality(String)',
    audit_source: 'LowCardinality(String)',
    enterprise_site: 'LowCardinality(String)',
    patients: 'Array(FixedString(16))',
    studies: 'Array(String)',
    accessions: 'Array(String)',
    modalities: 'Array(LowCardinality(String))',
    instances: 'Nullable(UInt32)',
    purpose: 'LowCardinality(String)',
    emergency: 'UInt8',
    participant_id: 'Array(String)',
    participant_kind: 'Array(LowCardinality(String))',
    participant_role: 'Array(LowCardinality(String))',
    participant_requestor: 'Array(UInt8)',
    participant_access_point: 'Array(String)',
    object_kind: 'Array(LowCardinality(String))',
    object_role: 'Array(LowCardinality(String))',
    object_id_type: 'Array(LowCardinality(String))',
    object_id: 'Array(String)',
    object_life_cycle: 'Array(LowCardinality(String))',
    repairs: 'Array(LowCardinality(String))'
  },
  'audit.reception': {
    lane: 'LowCardinality(String)',
    collector: 'LowCardinality(String)',
    seq: 'UInt64',
    block: 'UInt64',
    received_at: "DateTime64(3, 'UTC')",
    source: 'LowCardinality(String)',
    site: 'LowCardinality(String)',
    establishment: 'LowCardinality(String)',
    transport: 'LowCardinality(String)',
    peer: 'LowCardinality(String)',
    original_seq: 'UInt64',
    decoder: 'LowCardinality(String)',
    retention: 'LowCardinality(String)'
  },
  'audit.quarantine': {
    lane: 'LowCardinality(String)',
    collector: 'LowCardinality(String)',
    seq: 'UInt64',
    sub: 'UInt16',
    block: 'UInt64',
    received_at: "DateTime64(3, 'UTC')",
    source: 'LowCardinality(String)',
    site: 'LowCardinality(String)',
    establishment: 'LowCardinality(String)',
    transport: 'LowCardinality(String)',
    peer: 'LowCardinality(String)',
    reason: 'LowCardinality(String)',
    detail: 'String',
    bytes: 'UInt64',
    decoder: 'LowCardinality(String)',
    retention: 'LowCardinality(String)'
  },
  'audit.block': {
    lane: 'LowCardinality(String)',
    collector: 'LowCardinality(String)',
    block: 'UInt64',
    last_seq: 'UInt64',
    kind: 'LowCardinality(String)',
    sealed_at: "DateTime64(3, 'UTC')",
    previous: 'FixedString(32)',
    hash: 'FixedString(32)',
    leaf_root: 'FixedString(32)',
    raw_hash: 'FixedString(32)',
    header: 'String',
    signature: 'FixedString(64)',
    key_id: 'LowCardinality(String)',
    retention: 'LowCardinality(String)',
    sums: 'String'
  },
  'ops.transfer': {
    ...factHead,
    occurred_at: "DateTime64(3, 'UTC')",
    observer: 'LowCardinality(String)',
    authoritative: 'UInt8',
    grain: 'LowCardinality(String)',
    service: 'LowCardinality(String)',
    calling_ae: 'LowCardinality(String)',
    called_ae: 'LowCardinality(String)',
    from_system: 'LowCardinality(String)',
    to_system: 'LowCardinality(String)',
    peer: 'LowCardinality(String)',
    modality: 'LowCardinality(String)',
    sop_class: 'LowCardinality(String)',
    study: 'String',
    instances: 'Nullable(UInt32)',
    failures: 'Nullable(UInt32)',
    bytes: 'Nullable(UInt64)',
    duration_ms: 'Nullable(UInt32)',
    status: 'LowCardinality(String)',
    status_code: 'LowCardinality(String)',
    reason: 'LowCardinality(String)'
  },
  'ops.exam_event': {
    ...factHead,
    occurred_at: "DateTime64(3, 'UTC')",
    milestone: 'LowCardinality(String)',
    accession: 'String',
    study: 'String',
    patient: 'Nullable(FixedString(16))',
    room: 'LowCardinality(String)',
    modality: 'LowCardinality(String)',
    procedure_code: 'LowCardinality(String)',
    priority: 'LowCardinality(String)',
    patient_class: 'LowCardinality(String)',
    actor_id: 'String',
    actor_role: 'LowCardinality(String)',
    actor_site: 'LowCardinality(String)',
    told_at: "Nullable(DateTime64(3, 'UTC'))",
    told_sequence: 'Nullable(UInt64)',
    order_number: 'String',
    step: 'String',
    appointment_at: "Nullable(DateTime64(3, 'UTC'))",
    visit: 'Nullable(FixedString(16))',
    acts: 'Nullable(UInt16)',
    ins_status: 'LowCardinality(String)',
    report_status: 'LowCardinality(String)',
    reader_level: 'LowCardinality(String)',
    organisation: 'LowCardinality(String)',
    reason: 'LowCardinality(String)',
    instances: 'Nullable(UInt32)',
    documents: 'Nullable(UInt16)',
    document_bytes: 'Nullable(UInt64)'
  },
  'ops.storage_sample': {
    ...factHead,
    occurred_at: "DateTime64(3, 'UTC')",
    system: 'LowCardinality(String)',
    pool: 'LowCardinality(String)',
    tier: 'LowCardinality(String)',
    capacity: 'Nullable(UInt64)',
    used: 'UInt64',
    studies: 'Nullable(UInt64)',
    instances: 'Nullable(UInt64)'
  },
  'ops.study_volume': {
    ...factHead,
    occurred_at: "DateTime64(3, 'UTC')",
    system: 'LowCardinality(String)',
    pool: 'LowCardinality(String)',
    tier: 'LowCardinality(String)',
    study: 'String',
    modality: 'LowCardinality(String)',
    bytes: 'Int64',
    instances: 'Int32',
    reason: 'LowCardinality(String)'
  },
  'ops.probe_result': {
    ...factHead,
    occurred_at: "DateTime64(3, 'UTC')",
    system: 'LowCardinality(String)',
    probe: 'LowCardinality(String)',
    kind: 'LowCardinality(String)',
    success: 'UInt8',
    latency_ms: 'Nullable(UInt32)',
    detail: 'LowCardinality(String)'
  },
  'ops.visit_event': {
    ...factHead,
    occurred_at: "DateTime64(3, 'UTC')",
    told_at: "Nullable(DateTime64(3, 'UTC'))",
    event: 'LowCardinality(String)',
    visit: 'Nullable(FixedString(16))',
    patient: 'Nullable(FixedString(16))',
    patient_class: 'LowCardinality(String)',
    unit: 'LowCardinality(String)',
    ins_status: 'LowCardinality(String)',
    merged: 'UInt16'
  },
  'ops.usage': {
    ...factHead,
    occurred_at: "DateTime64(3, 'UTC')",
    system: 'LowCardinality(String)',
    kind: 'LowCardinality(String)',
    label: 'LowCardinality(String)',
    outcome: 'LowCardinality(String)',
    modality: 'LowCardinality(String)',
    count: 'UInt64',
    period_s: 'Nullable(UInt32)',
    duration_ms: 'Nullable(UInt64)'
  },
  'ops.gauge': {
    ...factHead,
    occurred_at: "DateTime64(3, 'UTC')",
    system: 'LowCardinality(String)',
    gauge: 'LowCardinality(String)',
    label: 'LowCardinality(String)',
    unit: 'LowCardinality(String)',
    value: 'UInt64'
  },
  ...censusTables,
  'ops.feed_minute': {
    minute: "DateTime('UTC')",
    lane: 'LowCardinality(String)',
    collector: 'LowCardinality(String)',
    block: 'UInt64',
    source: 'LowCardinality(String)',
    site: 'LowCardinality(String)',
    establishment: 'LowCardinality(String)',
    transport: 'LowCardinality(String)',
    received: 'UInt64',
    stored: 'UInt64',
    duplicate: 'UInt64',
    quarantined: 'UInt64',
    repaired: 'UInt64',
    bytes: 'UInt64',
    last_at: "DateTime64(3, 'UTC')",
    delay_ms_sum: 'Int64',
    delay_ms_max: 'Int64',
    delayed: 'UInt64',
    retention: 'LowCardinality(String)'
  },
  'ops.feed_trait': {
    lane: 'LowCardinality(String)',
    collector: 'LowCardinality(String)',
    block: 'UInt64',
    source: 'LowCardinality(String)',
    site: 'LowCardinality(String)',
    establishment: 'LowCardinality(String)',
    trait: 'LowCardinality(String)',
    value: 'LowCardinality(String)',
    run: 'UInt32',
    from_at: "DateTime64(3, 'UTC')",
    to_at: "DateTime64(3, 'UTC')",
    messages: 'UInt64',
    first: 'UInt64',
    last: 'UInt64',
    retention: 'LowCardinality(String)'
  },
  'ops.signal': {
    ...factHead,
    occurred_at: "DateTime64(3, 'UTC')",
    code: 'LowCardinality(String)',
    severity: 'LowCardinality(String)',
    state: 'LowCardinality(String)',
    subject: 'String',
    params: 'String'
  },
  'vault.identity': {
    pseudonym: 'FixedString(16)',
    kind: 'LowCardinality(String)',
    epoch: 'LowCardinality(String)',
    establishment: 'LowCardinality(String)',
    lane: 'LowCardinality(String)',
    collector: 'LowCardinality(String)',
    block: 'UInt64',
    seq: 'UInt64',
    received_at: "DateTime64(3, 'UTC')",
    wrapped_key: 'String',
    sealed: 'String',
    retention: 'LowCardinality(String)'
  },
  'vault.raw_block': {
    lane: 'LowCardinality(String)',
    collector: 'LowCardinality(String)',
    block: 'UInt64',
    records: 'UInt32',
    sealed_at: "DateTime64(3, 'UTC')",
    raw_bytes: 'UInt64',
    wrapped_key: 'String',
    object: 'String',
    hash: 'FixedString(32)',
    retention: 'LowCardinality(String)'
  }
} as const satisfies Record<string, Columns>;

export type TableName = keyof typeof tables;

/**
 * The first of the columns that a table was given after rows of it had been signed. Those columns are its last ones. While all of them hold
 * their defaults (NULL, empty, 0) a row's evidence leaf leaves them out, so that rows signed before still verify.
 */
export const laterColumns: Partial<Readonly<Record<TableName, string>>> = {
  'ops.exam_event': 'told_at'
};

/** Columns of a table before it was given later ones: those of rows that were prepared then. */
export function firstColumns(table: TableName): readonly string[] {
  const columns = Object.keys(tables[table]);
  const later = columns.indexOf(laterColumns[table] ?? '');
  return later < 0 ? columns : columns.slice(0, later);
}

export type TableRow<T extends TableName> = Row<(typeof tables)[T]>;
