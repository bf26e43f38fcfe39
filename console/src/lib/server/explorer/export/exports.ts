import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { ExportFormat } from './formats.ts';

const lifeMs = 24 * 3_600_000;
/** Exports of one account that are remembered; the oldest is forgotten first. */
const mostOfOne = 20;

/** One export: asked for, then downloaded once. Its rows are never kept here. */
export interface Export {
  readonly id: string;
  readonly login: string;
  readonly format: ExportFormat;
  /** The page's filters, as its address tells them. */
  readonly search: string;
  readonly from: Date;
  readonly to: Date;
  readonly askedAt: Date;
  /** Rows counted when it was asked for. */
  readonly expected: number;
  readonly abort: AbortController;
  /** Id of Vigie's own event that tells it, once it is downloaded. */
  audit: string;
  state: 'ready' | 'running' | 'done' | 'cancelled' | 'failed';
  rows: number;
  bytes: number;
}

const Stored = z.object({ content: z.string(), signature: z.instanceof(Uint8Array) });

/** Exports of each account, and their manifests for a day. */
export class Exports {
  readonly #all = new Map<string, Export>();
  readonly #database: DatabaseSync;
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  static newId(): string {
    return randomBytes(12).toString('base64url');
  }

  add(made: Omit<Export, 'abort' | 'state' | 'rows' | 'bytes' | 'audit'>): Export {
    const one: Export = {
      ...made,
      abort: new AbortController(),
      audit: '',
      state: 'ready',
      rows: 0,
      bytes: 0
    };
    for (const old of this.list(made.login).slice(mostOfOne - 1)) {
      old.abort.abort();
      this.#all.delete(old.id);
    }
    this.#all.set(one.id, one);
    return one;
  }

  /** An account's exports of the last day, newest first. */
  list(login: string, now = Date.now()): Export[] {
    for (const one of this.#all.values())
      if (one.askedAt.getTime() < now - lifeMs && one.state !== 'running') this.#all.delete(one.id);
    return [...this.#all.values()].filter((one) => one.login === login).toReversed();
  }

  find(id: string, login: string): Export | undefined {
    const one = this.#all.get(id);
    return one?.login === login ? one : undefined;
  }

  /** Ends an export, whether it runs or waits. @returns whether the account had it */
  cancel(id: string, login: string): boolean {
    const one = this.find(id, login);
    if (one && (one.state === 'ready' || one.state === 'running')) one.state = 'cancelled';
    one?.abort.abort();
    return one !== undefined;
  }

  keepManifest(
    one: Export,
    manifest: { readonly text: string; readonly signature: Buffer },
    now = Date.now()
  ): void {
    // prettier-ignore
    this.#database.prepare('DELETE FROM manifest WHERE created_at < ?').run(now - lifeMs);
    this.#database
      .prepare('INSERT OR REPLACE INTO manifest (id, login, content, signature, created_at) VALUES (?, ?, ?, ?, ?)')
      .run(one.id, one.login, manifest.text, manifest.signature, now); // prettier-ignore
  }

  /** The manifest of a finished export, for its account. */
  manifest(id: string, login: string, now = Date.now()): { text: string; signature: Buffer } | undefined {
    const row = this.#database
      .prepare('SELECT content, signature FROM manifest WHERE id = ? AND login = ? AND created_at >= ?')
      .get(id, login, now - lifeMs);
    if (row === undefined) return undefined;
    const { content, signature } = Stored.parse(row);
    return { text: content, signature: Buffer.from(signature) };
  }
}
