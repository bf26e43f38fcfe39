import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Databases a reader may read: what the private key protects stays encrypted in `vault`. */
const readable = ['audit', 'ops', 'vault'];

/**
 * Writes the configuration chDB starts with and returns its command line. Roles and limits are the engine's own, so they
 * hold whatever a statement says.
 * @param folder where the two files go
 * @param memoryBytes what all queries and merges together may take
 */
export function connectionArgs(folder: string, memoryBytes: number): string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [server, users] = [join(folder, 'engine.xml'), join(folder, 'engine-users.xml')];
  writeFileSync(server, serverXml(users, memoryBytes), { mode: 0o600 });
  writeFileSync(users, usersXml, { mode: 0o600 });
  return [`--config-file=${server}`, '--async_load_databases=0', '--async_load_system_database=0'];
}

/** Small caches and buffers: one hospital group's questions read few granules, often the same. */
const serverXml = (users: string, memoryBytes: number) => `<clickhouse>
  <users_config>${escape(users)}</users_config>
  <max_server_memory_usage>${memoryBytes}</max_server_memory_usage>
  <mark_cache_size>33554432</mark_cache_size>
  <index_mark_cache_size>8388608</index_mark_cache_size>
  <primary_index_cache_size>33554432</primary_index_cache_size>
  <query_condition_cache_size>8388608</query_condition_cache_size>
  <background_pool_size>2</background_pool_size>
  <merge_tree>
    <!-- Merging 45 columns took 400 MB of write buffers, with buffers that grow as needed 150 MB. -->
    <min_columns_to_activate_adaptive_write_buffer>1</min_columns_to_activate_adaptive_write_buffer>
  </merge_tree>
</clickhouse>
`;

/** The one user of chDB has nothing of its own; every session takes one of two roles. */
const usersXml = `<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <roles>
    <vigie_reader>
      <grants>${readable.map((name) => `<query>GRANT SELECT ON ${name}.*</query>`).join('')}</grants>
    </vigie_reader>
    <vigie_writer>
      <grants><query>GRANT ALL ON *.*</query></grants>
    </vigie_writer>
  </roles>
  <users>
    <default>
      <password></password>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants><query>GRANT vigie_reader</query><query>GRANT vigie_writer</query></grants>
    </default>
  </users>
</clickhouse>
`;

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
