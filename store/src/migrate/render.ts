/** Where the schema will live: one node, or a cluster by its name in ClickHouse's configuration. */
export type Layout = { readonly kind: 'node' } | { readonly kind: 'cluster'; readonly cluster: string };

/** Cuts a migration into statements. Comments go; a semicolon ends a statement only at the end of a line. */
export function statements(sql: string): string[] {
  return sql
    .replaceAll(/^\s*--.*$/gm, '')
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/**
 * Renders one statement for a layout. On a cluster every object is made ON CLUSTER, tables are Replicated, and
 * deduplication uses the replicated window. The source is always written for one node.
 */
export function render(statement: string, layout: Layout): string {
  if (layout.kind === 'node') return statement;
  return statement
    .replace(
      /^((?:CREATE (?:DATABASE|TABLE|VIEW|MATERIALIZED VIEW) IF NOT EXISTS|CREATE OR REPLACE TABLE|DROP VIEW IF EXISTS) \S+)/,
      `$1 ON CLUSTER '${layout.cluster}'`
    )
    .replace(/^(ALTER TABLE \S+)/, `$1 ON CLUSTER '${layout.cluster}'`)
    .replace(/ENGINE = (\w*MergeTree)\b/, 'ENGINE = Replicated$1')
    .replace('non_replicated_deduplication_window', 'replicated_deduplication_window');
}
