import type { AuditMessage } from '@vigie/schemas/audit-message';
import type { Happening } from '../plan/event.ts';
import { auditEvent } from '../write/fhir.ts';
import type { Speaker } from '../group/platform.ts';
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

/** How audits travel: as the systems of the group do, the portal by FHIR and all others by syslog; or all by one of them. */
export type AuditProtocol = 'own' | 'syslog' | 'fhir';

/** Sends what happens by the protocols of the systems that tell it, side by side: syslog, FHIR, MLLP, JSON. */
export class Players {
  readonly json: JsonSender;
  readonly #syslog: SyslogSender;
  readonly #mllp: MllpSender;
  readonly #protocol: AuditProtocol;

  constructor(target: Target, protocol: AuditProtocol = 'own') {
    this.#protocol = protocol;
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
      this.#events(happenings),
      this.#hl7(happenings),
      this.#records(happenings),
      this.#points(happenings)
    ]);
    for (const one of ends) if (one.status === 'rejected') throw one.reason;
  }

  async close(): Promise<void> {
    await Promise.all([this.#syslog.close(), this.#mllp.close()]);
  }

  async #audits(happenings: readonly Happening[]): Promise<void> {
    let part: string[] = [];
    for (const one of happenings) {
      if (one.kind === 'web') part.push(one.text);
      else if (one.kind === 'audit' && !this.#isFhir(one.by)) part.push(syslogMessage(one.by, one.message));
      else continue;
      if (part.length < batch) continue;
      await this.#syslog.send(part);
      part = [];
    }
    if (part.length > 0) await this.#syslog.send(part);
  }

  async #events(happenings: readonly Happening[]): Promise<void> {
    const messages: AuditMessage[] = [];
    for (const one of happenings)
      if (one.kind === 'audit' && this.#isFhir(one.by)) messages.push(one.message);
    for (let i = 0; i < messages.length; i += batch)
      await this.json.events(messages.slice(i, i + batch).map(auditEvent));
  }

  #isFhir({ kind }: Speaker): boolean {
    return this.#protocol === 'own' ? kind === 'portal' : this.#protocol === 'fhir';
  }

  async #hl7(happenings: readonly Happening[]): Promise<void> {
    const messages = happenings.flatMap((one) => (one.kind === 'hl7' ? [one.text] : []));
    if (messages.length > 0) await this.#mllp.send(messages);
  }

  async #points(happenings: readonly Happening[]): Promise<void> {
    const points = happenings.flatMap((one) => (one.kind === 'otlp' ? [one.point] : []));
    if (points.length > 0) await this.json.metrics(points);
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
