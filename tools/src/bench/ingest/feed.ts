import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { counted } from '../../testkit/audit-messages.ts';
import { busySyslog } from './messages.ts';

const parts = 4;

/** The messages every receiver is fed with: octet-counted syslog frames in files, one file a quarter. */
export interface Feed {
  readonly messages: number;
  /** Sends all of it over so many connections at once (1 to 4); resolves once the kernel has it. */
  send(port: number, connections: number): Promise<void>;
  remove(): void;
}

/** What both sides are fed with: first what warms them up, then what is measured. */
export interface Feeds {
  readonly warmUp: Feed;
  readonly feed: Feed;
}

/**
 * Writes the feed to a temporary folder, so that making it costs nothing while a receiver is measured.
 * @param from number of the first message (messages.ts)
 */
export async function makeFeed(messages: number, bytes: number, from = 0): Promise<Feed> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-feed-'));
  const files = Array.from({ length: parts }, (_, part) => join(folder, `${part}.frames`));
  const each = messages / parts;
  for (const [part, file] of files.entries()) {
    const frames = function* () {
      for (let n = part * each; n < (part + 1) * each; n++) yield counted(busySyslog(from + n, bytes));
    };
    await pipeline(Readable.from(frames()), createWriteStream(file));
  }
  return {
    messages,
    async send(port, connections) {
      const sending = Array.from({ length: connections }, (_, connection) =>
        sendFiles(
          port,
          files.filter((_file, part) => part % connections === connection)
        )
      );
      await Promise.all(sending);
    },
    remove: () => rmSync(folder, { recursive: true, force: true })
  };
}

async function sendFiles(port: number, files: readonly string[]): Promise<void> {
  const socket = createConnection(port, '127.0.0.1');
  await once(socket, 'connect');
  for (const file of files)
    await pipeline(createReadStream(file, { highWaterMark: 1 << 16 }), socket, { end: false });
  socket.end();
  await once(socket, 'close');
}
