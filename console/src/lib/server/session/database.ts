import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * What the console itself keeps: password hashes, sessions, search tokens, searches under their opaque ids and names. One file
 * below the data folder; nothing in it says what a patient is called, and all of it may be deleted at the price of new passwords
 * and tokens.
 */
export function openConsoleDatabase(dataFolder: string): DatabaseSync {
  const folder = join(dataFolder, 'console');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(folder, 'console.db'));
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA busy_timeout = 5000;
    PRAGMA foreign_keys = ON;
    CREATE TABLE IF NOT EXISTS account (login TEXT PRIMARY KEY, hash TEXT NOT NULL, must_change INTEGER NOT NULL, changed_at INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS session (id BLOB PRIMARY KEY, login TEXT NOT NULL, created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS session_login ON session (login);
    DROP TABLE IF EXISTS search;
    CREATE TABLE IF NOT EXISTS sought (id TEXT PRIMARY KEY, login TEXT NOT NULL, content BLOB NOT NULL, created_at INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS saved_search (id TEXT PRIMARY KEY, login TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, content BLOB, created_at INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS manifest (id TEXT PRIMARY KEY, login TEXT NOT NULL, content TEXT NOT NULL, signature BLOB NOT NULL, created_at INTEGER NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS saved_search_login ON saved_search (login);
    CREATE TABLE IF NOT EXISTS attempt (key TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS attempt_key ON attempt (key, at);
    CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS token (id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, establishments TEXT NOT NULL,
      rights TEXT NOT NULL, purpose TEXT NOT NULL, reference TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, last_used_at INTEGER, revoked_at INTEGER) STRICT;
  `);
  return database;
}
