import type { Happening } from '../plan/event.ts';
import { syslogMessage } from '../write/syslog.ts';
import { JsonSender } from './json.ts';
import { MllpSender } from './mllp.ts';
import { SyslogSender } from './syslog.ts';

export interface Target {
  readonly host: string;
  readonly collectorUrl: string;
  readonly key: string;
  readonly syslogPort: number;
  /** PEM of the receiver's certificate; plain TCP without. */
  readonly syslogCertificate: string | undefined;
  readonly mllpPort: number;
}

/** Messages rendered and written in one go: bounds what is in memory at once. */
const batch = 500;

/** Sends what happens by the protocols of the systems that tell it, side by side: syslog, MLLP, JSON. */
export class Players {
  readonly json: JsonSender;
  readonly #syslog: SyslogSender;
  readonly #mllp: MllpSender;

  constructor(target: Target) {
    const { host, syslogPort: port, syslogCertificate: certificate } = target;
    this.json = new JsonSender({ url: target.collectorUrl, key: target.key });
    this.#syslog = new SyslogSender({ host, port, certificate });
    this.#mllp = new MllpSender({ host, port: target.mllpPort });
  }

  /**
   * Resolves once everything is taken in; for syslog, which has no acknowledgement, once it is written.
   * @throws {AwayError | RefusedError} the first that failed, when all have come to an end
   */
  async send(happenings: readonly Happening[]): Promise<void> {
    const ends = await Promise.allSettled([
      this.#audits(happenings),
      this.#hl7(happenings),
      this.#records(happenings)
    ]);
    for (const one of ends) if (one.status === 'rejected') throw one.reason;
  }

  async close(): Promise<void> {
    await Promise.all([this.#syslog.close(), this.#mllp.close()]);
  }

  async #audits(happenings: readonly Happening[]): Promise<void> {
    let part: string[] = [];
    for (const one of happenings) {
      if (one.kind !== 'audit') continue;
      part.push(syslogMessage(one.by, one.message));
      if (part.length < batch) continue;
      await this.#syslog.send(part);
      part = [];
    }
    if (part.length > 0) await this.#syslog.send(part);
  }

  async #hl7(happenings: readonly Happening[]): Promise<void> {
    const messages = happenings.flatMap((one) => (one.kind === 'hl7' ? [one.text] : []));
    if (messages.length > 0) await this.#mllp.send(messages);
  }

  async #records(happenings: readonly Happening[]): Promise<void> {
    const feeds = Map.groupBy(
      happenings.filter((one) => one.kind === 'json'),
      (one) => one.feed
    );
    for (const [feed, list] of feeds)
      for (let i = 0; i < list.length; i += batch)
        await this.json.records(
          feed,
          list.slice(i, i + batch).map(({ record }) => record)
        );
  }
}
