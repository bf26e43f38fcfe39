-- What scheduling, identity, reporting and teleradiology tell of an exam. A row written before has the defaults; its evidence
-- leaf is still the one that was signed (schemas/src/tables.ts, laterColumns). Served: activity, turnaround and no-shows by window.
ALTER TABLE ops.exam_event
  ADD COLUMN IF NOT EXISTS told_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS told_sequence Nullable(UInt64),
  ADD COLUMN IF NOT EXISTS order_number String,
  ADD COLUMN IF NOT EXISTS step String,
  ADD COLUMN IF NOT EXISTS appointment_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS visit Nullable(FixedString(16)),
  ADD COLUMN IF NOT EXISTS acts Nullable(UInt16),
  ADD COLUMN IF NOT EXISTS ins_status LowCardinality(String),
  ADD COLUMN IF NOT EXISTS report_status LowCardinality(String),
  ADD COLUMN IF NOT EXISTS reader_level LowCardinality(String),
  ADD COLUMN IF NOT EXISTS organisation LowCardinality(String),
  ADD COLUMN IF NOT EXISTS reason LowCardinality(String),
  ADD COLUMN IF NOT EXISTS instances Nullable(UInt32),
  ADD COLUMN IF NOT EXISTS documents Nullable(UInt16),
  ADD COLUMN IF NOT EXISTS document_bytes Nullable(UInt64);
ALTER TABLE ops.exam_event ADD INDEX IF NOT EXISTS by_time occurred_at TYPE minmax GRANULARITY 1;
ALTER TABLE ops.exam_event MATERIALIZE INDEX by_time;
