import type { Happening } from '../plan/event.ts';
import { syslogMessage } from '../write/syslog.ts';
import { postRecords, RefusedError } from './json.ts';
import { MllpSender } from './mllp.ts';
import { SyslogSender } from './syslog.ts';

export interface Target {
  readonly host: string;
  readonly collectorUrl: string;
  readonly key: string;
  readonly syslogPort: number;
  readonly syslogTls: boolean;
  readonly mllpPort: number;
}

const chunk = 500;

/** Sends what happens by the protocols of the systems that tell it: syslog, MLLP, JSON, side by side. */
export class Players {
  readonly #syslog: SyslogSender;
  readonly #mllp: MllpSender;
  readonly #target: Target;

  constructor(target: Target) {
    this.#target = target;
    this.#syslog = new SyslogSender({ host: target.host, port: target.syslogPort, tls: target.syslogTls });
    this.#mllp = new MllpSender({ host: target.host, port: target.mllpPort });
  }

  /** Resolves once everything is taken in; for syslog, which has no acknowledgement, once it is written. */
  async send(happenings: readonly Happening[]): Promise<void> {
    await Promise.all([this.#audits(happenings), this.#hl7(happenings), this.#json(happenings)]);
  }

  async #audits(happenings: readonly Happening[]): Promise<void> {
    let part: string[] = [];
    for (const one of happenings) {
      if (one.kind !== 'audit') continue;
      part.push(syslogMessage(one.system, one.message));
      if (part.length < chunk) continue;
      await this.#syslog.send(part);
      part = [];
    }
    if (part.length > 0) await this.#syslog.send(part);
  }

  async #hl7(happenings: readonly Happening[]): Promise<void> {
    const messages = happenings.flatMap((one) => (one.kind === 'hl7' ? [one.text] : []));
    if (messages.length > 0) await this.#mllp.send(messages);
  }

  async #json(happenings: readonly Happening[]): Promise<void> {
    const feeds = Map.groupBy(
      happenings.filter((one) => one.kind === 'json'),
      (one) => one.feed
    );
    for (const [feed, list] of feeds)
      for (let i = 0; i < list.length; i += chunk) await this.post(feed, list.slice(i, i + chunk).map(({ record }) => record)); // prettier-ignore
  }

  /** Posts a batch; waits and tries again while the collector asks for it. */
  async post(feed: string, records: readonly unknown[]): Promise<void> {
    for (let pause = 200; ; pause = Math.min(5000, pause * 2)) {
      try {
        return await postRecords(this.#target.collectorUrl, this.#target.key, feed, records);
      } catch (error) {
        if (!(error instanceof RefusedError) || !error.retry) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#syslog.close(), this.#mllp.close()]);
  }
}
