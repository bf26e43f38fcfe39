import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Heads } from '@vigie/schemas/config/evidence';
import type { ClickHouseClient } from '@vigie/store';
import { headBytes, readHead, type Head } from './head.ts';
import { requestTimeStamp } from './time-stamp.ts';

/** Where a head was sent, and what became of it; `detail` is for an operator's log. */
export interface Sent {
  readonly where: 'file' | 'timestamp' | 'mail';
  readonly good: boolean;
  readonly detail: string;
}

/** What was published. */
export interface Published {
  /** SHA-256 of the head's file, hexadecimal. */
  readonly sha256: string;
  readonly sent: readonly Sent[];
}

/**
 * Reads the heads of all chains and sends them where vigie.yaml says: a file, a time-stamp beside it, a mail with both. Each stands
 * alone: where one fails the others are sent all the same.
 * @param now ms since 1970
 * @throws when ClickHouse cannot be asked
 */
export async function publishHead(
  client: ClickHouseClient,
  heads: Heads,
  options: { readonly dataFolder: string; readonly organisation: string; readonly now: number }
): Promise<Published> {
  const head = await readHead(client, options.now);
  const bytes = headBytes(head);
  const name = `head-${new Date(options.now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  const folder = resolve(options.dataFolder, heads.folder);
  const sent: Sent[] = [];
  const attempt = async (where: Sent['where'], work: () => Promise<string>) => {
    try {
      sent.push({ where, good: true, detail: await work() });
    } catch (error) {
      sent.push({ where, good: false, detail: error instanceof Error ? error.message : String(error) });
    }
  };
  await attempt('file', async () => put(folder, `${name}.json`, bytes));
  const { timestamp_url: url, mail } = heads;
  let stamp: Buffer | undefined;
  if (url !== undefined)
    await attempt('timestamp', async () => {
      const { answer, at } = await requestTimeStamp(url, bytes);
      stamp = answer;
      return `${put(folder, `${name}.tsr`, answer)}, ${at.toISOString()}`;
    });
  if (mail) await attempt('mail', () => send(mail, options, { head, name, bytes, stamp }));
  return { sha256: hash('sha256', bytes, 'hex'), sent };
}

/** Whole or not at all. @returns its path */
function put(folder: string, name: string, bytes: Buffer): string {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const path = join(folder, name);
  writeFileSync(`${path}.part`, bytes, { mode: 0o644 });
  renameSync(`${path}.part`, path);
  return path;
}

async function send(
  mail: NonNullable<Heads['mail']>,
  { dataFolder, organisation }: { readonly dataFolder: string; readonly organisation: string },
  { head, name, bytes, stamp }: { head: Head; name: string; bytes: Buffer; stamp: Buffer | undefined }
): Promise<string> {
  const { host, port, secure, user, password_file: file, from, to } = mail;
  const transport = createTransport({
    host,
    port,
    secure,
    connectionTimeout: 20_000,
    greetingTimeout: 20_000,
    socketTimeout: 30_000,
    ...(user !== undefined && {
      auth: { user, pass: file === undefined ? '' : readFileSync(resolve(dataFolder, file), 'utf8').trim() }
    })
  });
  const chains = head.chains.map(
    ({ collector, lane, block, header }) => `${collector}/${lane}: bloc ${block}, ${header.hash}`
  );
  try {
    await transport.sendMail({
      from,
      to,
      subject: `Vigie, ${organisation} : tête de la chaîne, ${new Date(head.at).toISOString()}`,
      text: `À conserver hors de la plateforme / To be kept outside of the platform.\n\n${chains.join('\n')}\n\nnpx vigie evidence verify --head ${name}.json\n`,
      attachments: [
        { filename: `${name}.json`, content: bytes, contentType: 'application/json' },
        ...(stamp
          ? [{ filename: `${name}.tsr`, content: stamp, contentType: 'application/timestamp-reply' }]
          : [])
      ]
    });
  } finally {
    transport.close();
  }
  return to.join(', ');
}
