import { createWriter } from '../client.ts';
import { migrationAddress } from './config.ts';
import { migrate } from './migrate.ts';

const clusterAt = process.argv.indexOf('--cluster');
const cluster = clusterAt < 0 ? undefined : process.argv[clusterAt + 1];
// A year of a large group, brought into new tables on a busy machine, takes minutes a statement.
const client = createWriter(migrationAddress(), 3_600_000);
try {
  const applied = await migrate(client, {
    layout: cluster === undefined ? { kind: 'node' } : { kind: 'cluster', cluster },
    staleLock: process.argv.includes('--take-over')
  });
  process.stdout.write(
    `${JSON.stringify({ migrated: applied.map(({ number, name }) => `${number}-${name}`) })}\n`
  );
} catch (error) {
  process.stderr.write(
    `The schema cannot be brought up to date: ${error instanceof Error ? error.message : String(error)}\n`
  );
  process.exitCode = 1;
} finally {
  await client.close();
}
