import { mkdirSync } from 'node:fs';
import { open, type Database, type RootDatabase } from 'lmdb';
import { lanes, type Lane } from '../reception.ts';

/**
 * The LMDB environment of the spool, opened alike by the receivers' thread and the seal worker.
 *   audit, ops, own     first sequence → batch (record.ts)
 *   plan                [lane, first sequence] → plan (pipeline/plan.ts)
 *   forward             [target, number, …] → messages that wait for another repository, sealed (forward/pieces.ts)
 *   state               'forward:<target>' its queue's counts · 'forwarded:<lane>' next sequence to queue ·
 *                       'sealed:<lane>' next sequence to seal · 'chain:<lane>' hash of the last header · 'cursor:<id>' of a puller
 *                       'redo:<lane>', 'split:<lane>:<table>' rows being isolated · 'group:<lane>' plans being stored as one ·
 *                       'periods:<index>' of the two below
 *   seen-<yyyymmdd>     u8 lane, 16 bytes fingerprint → f64 sequence of the first reception, by day of reception, dropped whole after the window
 *   identity-<yyyymm>   16 bytes pseudonym ‖ 16 bytes digest of an identity that is in the vault, by month of reception
 */
export interface SpoolEnvironment {
  readonly root: RootDatabase;
  readonly batches: Readonly<Record<Lane, Database<Buffer, number>>>;
  readonly plans: Database<unknown, [Lane, number]>;
  readonly forwards: Database<unknown, [string, number, ...(string | number)[]]>;
  readonly state: Database<unknown, string>;
  index(name: string): Database<Buffer, Buffer>;
  dropIndex(name: string): void;
}

/** Opens the environment. `overlappingSync: false`: a resolved write is a written one. */
export function openEnvironment(folder: string): SpoolEnvironment {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const root = open({
    path: folder,
    maxDbs: 64,
    overlappingSync: false,
    noMemInit: true,
    mapSize: 64 * 1024 ** 3
  });
  const batch = (lane: Lane) => root.openDB<Buffer, number>({ name: lane, encoding: 'binary' });
  const state = root.openDB<unknown, string>({ name: 'state' });
  const opened = new Map<string, Database<Buffer, Buffer>>();
  const index = (name: string) => {
    let database = opened.get(name);
    if (!database) {
      database = root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
      opened.set(name, database);
    }
    return database;
  };
  return {
    root,
    batches: { audit: batch(lanes[0]), ops: batch(lanes[1]), own: batch(lanes[2]) },
    plans: root.openDB<unknown, [Lane, number]>({ name: 'plan' }),
    forwards: root.openDB<unknown, [string, number, ...(string | number)[]]>({ name: 'forward' }),
    state,
    index,
    dropIndex(name) {
      index(name).dropSync();
      opened.delete(name);
    }
  };
}
