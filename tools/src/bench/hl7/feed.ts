import { connect } from 'node:net';
import { hl7Message } from './messages.ts';

/** What a sender saw of its acknowledgements. */
export interface Heard {
  /** Seconds from the first byte sent to the last acknowledgement. */
  readonly seconds: number;
  /** Control ids that were answered AA, in the order of the answers, without their N. */
  readonly accepted: readonly number[];
  /** Answers that were no AA. */
  readonly others: number;
}

/** MLLP blocks of the messages from..to-1, as one buffer. */
export function blocksOf(from: number, to: number): Buffer {
  const parts: Buffer[] = [];
  for (let n = from; n < to; n++) parts.push(Buffer.from(`\x0b${hl7Message(n)}\x1c\r`));
  return Buffer.concat(parts);
}

/** Sends all of it over one connection, pipelined, and reads the answers until the last one. */
export async function sendPipelined(port: number, feed: Buffer, messages: number): Promise<Heard> {
  const socket = connect(port, '127.0.0.1');
  const accepted: number[] = [];
  let others = 0;
  let rest = '';
  const started = performance.now();
  const ended = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', resolve);
    socket.on('data', (chunk) => {
      const answers = (rest + chunk.toString('latin1')).split('\x1c\r');
      rest = answers.pop() ?? '';
      for (const answer of answers) {
        const id = /\rMSA\|AA\|N(\d+)\r/.exec(answer)?.[1];
        if (id === undefined) others++;
        else accepted.push(Number(id));
      }
      if (accepted.length + others >= messages) resolve();
    });
  });
  // Pieces of no particular size: a block never begins where a read does.
  for (let at = 0; at < feed.length; at += 60_013)
    if (!socket.write(feed.subarray(at, at + 60_013)))
      await new Promise((resolve) => socket.once('drain', resolve));
  await ended;
  const seconds = (performance.now() - started) / 1000;
  socket.destroy();
  return { seconds, accepted, others };
}
