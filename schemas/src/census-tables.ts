// ClickHouse columns of the censuses of archives, in DDL order.

import { factHead } from './fact-head.ts';

export const censusTables = {
  'ops.census': {
    ...factHead,
    occurred_at: "DateTime64(3, 'UTC')",
    system: 'LowCardinality(String)',
    study_date: 'Date',
    grain: 'LowCardinality(String)',
    modality: 'LowCardinality(String)',
    studies: 'UInt32',
    instances: 'Nullable(UInt64)',
    bytes: 'Nullable(UInt64)',
    digest: 'UInt64',
    complete: 'UInt8',
    reason: 'LowCardinality(String)'
  },
  'ops.census_study': {
    ...factHead,
    occurred_at: "DateTime64(3, 'UTC')",
    system: 'LowCardinality(String)',
    study_date: 'Date',
    modality: 'LowCardinality(String)',
    study: 'String',
    accession: 'String',
    instances: 'Nullable(UInt32)',
    bytes: 'Nullable(UInt64)',
    state: 'LowCardinality(String)'
  }
} as const;
