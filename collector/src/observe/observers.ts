import type { ForwardObserver } from '../forward/forwarder.ts';
import type { PipelineEvent } from '../pipeline/event.ts';
import type { HttpDependencies } from '../receive/http-dependencies.ts';
import type { MllpDependencies } from '../receive/mllp.ts';
import type { PullDependencies } from '../receive/pull.ts';
import type { TlsObserver } from '../receive/tls-guard.ts';
import type { SyslogObserver } from '../receive/syslog-connection.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** A line for what someone has to mend is written at most this often for one cause, ms. */
const repeatMs = 60_000;
/** A certificate with fewer days left is told at each start and replacement. */
const renewDays = 30;

/** What the stages tell, as metrics and log lines. Nothing a sender sent is among it, only names of ours, counts, codes. */
export class Observers {
  readonly #metrics: Metrics;
  readonly #log: Logger;
  readonly #said = new Map<string, number>();

  constructor(metrics: Metrics, log: Logger) {
    this.#metrics = metrics;
    this.#log = log;
  }

  /** For syslog and MLLP connections. */
  get stream(): SyslogObserver & MllpDependencies['observe'] {
    const { syslog } = this.#metrics;
    return {
      ...syslog,
      refused: (transport, reason, peer) => {
        syslog.refused(transport, reason, peer);
        this.#warn(
          `${transport} ${reason} ${peer}`,
          { transport, reason, peer },
          'a connection or message was refused'
        );
      },
      limited: (transport, sender) => {
        syslog.limited(transport, sender);
        const line = {
          transport,
          source: sender,
          mend: 'raise max_messages_per_second if this is its usual rate'
        };
        this.#warn(`limited ${transport} ${sender}`, line, 'a sender is beyond its rate');
      }
    };
  }

  /** What happens before a TLS connection is one: certificates, handshakes, the files of the receiver. */
  tls(receiver: 'syslog' | 'http' | 'mllp'): TlsObserver {
    const transport = receiver === 'syslog' ? 'tls' : `${receiver}-tls`;
    const named = (mend: string) =>
      mend
        .replaceAll('{receiver}', `receivers.${receiver}_tls`)
        .replaceAll('{plain}', `receivers.${receiver}`);
    return {
      certificate: ({ reason, mend }, peer, certificate) => {
        const line = { transport, reason, peer, ...certificate, mend: named(mend) };
        const cause = `${transport} certificate ${reason} ${peer} ${certificate.fingerprint ?? ''}`;
        if (reason === 'undeclared') return this.#warn(cause, line, 'a client certificate is not declared');
        this.#metrics.refused(transport, `certificate: ${reason}`);
        this.#warn(cause, line, 'a client certificate was refused');
      },
      handshake: ({ reason, mend }, peer, code) => {
        this.#metrics.refused(transport, `handshake: ${reason}`);
        const line = { transport, reason, peer, code, mend: named(mend) };
        this.#warn(`${transport} handshake ${reason} ${peer}`, line, 'a TLS handshake failed');
      },
      loaded: (material, days) => {
        const { subject, serial, notAfter, authorities } = material;
        this.#metrics.certificate(notAfter);
        this.#metrics.tlsReload('used');
        const line = {
          transport,
          subject,
          serial,
          not_after: notAfter.toISOString(),
          days,
          authorities: authorities.length
        };
        this.#log.info(line, 'certificate of a TLS receiver in use');
        if (days < renewDays)
          this.#log.warn(line, 'the certificate of a TLS receiver expires soon: renew it');
      },
      kept: (reason) => {
        this.#metrics.tlsReload('kept');
        this.#log.error(
          { transport, reason },
          'the new files of a TLS receiver cannot be used, the old ones stay in use'
        );
      }
    };
  }

  get http(): HttpDependencies['observe'] {
    return {
      request: (outcome) => {
        const { key, feed, status, code, accepted, rejected, bytes } = outcome;
        const source = key === '' ? 'http' : `http-${key}`;
        this.#metrics.stage('receive', source, 'received', accepted + rejected);
        this.#metrics.stage('receive', source, 'sent', accepted);
        this.#metrics.stage('receive', source, 'failed', rejected);
        this.#metrics.receivedBytes('http', bytes);
        if (code !== '') this.#metrics.refused('http', code);
        if (status < 400) this.#log.debug(outcome, 'request');
        else this.#warn(`http ${key} ${feed} ${code} ${outcome.peer}`, outcome, 'a request was refused');
      },
      failed: (error) => this.#log.error({ error: error.name }, 'a request failed')
    };
  }

  get pull(): PullDependencies['observe'] {
    return {
      pulled: (id, records) => {
        this.#metrics.stage('receive', `pull-${id}`, 'received', records);
        this.#metrics.stage('receive', `pull-${id}`, 'sent', records);
      },
      failed: (id, code, message) => {
        this.#metrics.stage('receive', `pull-${id}`, 'failed');
        this.#warn(`pull ${id} ${code}`, { pull: id, code, detail: message }, 'a pull failed');
      },
      progress: (id, done, of) => this.#metrics.progress(id, done, of)
    };
  }

  get forward(): ForwardObserver {
    return {
      sent: (target, messages) => this.#metrics.forwarded(target, 'sent', messages),
      refused: (target, ids, reason) => {
        this.#metrics.forwarded(target, 'refused', ids.length);
        const line = { target, reason, messages: ids.length, ids: ids.slice(0, 20) };
        this.#log.warn(line, 'a target refused messages for good: they are not sent again');
      },
      failed: (target, code, mend) =>
        this.#warn(
          `forward ${target} ${code}`,
          { target, code, mend },
          'a target takes nothing: its queue waits'
        ),
      resumed: (target) => this.#log.info({ target }, 'a target takes messages again')
    };
  }

  /** One wide line a block. */
  block(event: PipelineEvent): void {
    this.#metrics.pipeline(event);
    if (event.kind === 'failed') {
      const { lane, verdict, table, message } = event;
      const line = { lane, verdict, table, error: message };
      return this.#warn(`${lane} ${verdict} ${table} ${message}`, line, 'a block could not be stored');
    }
    const { lane, plan, ms } = event;
    const { first, last, records, counts, from, to } = plan;
    this.#log.info(
      { lane, block: first, last, records, counts, from, to, ms: Math.round(ms) },
      'block stored'
    );
  }

  /** A repeated cause is told once a minute; the metrics count each. */
  #warn(cause: string, line: object, sentence: string): void {
    const now = Date.now();
    if (now - (this.#said.get(cause) ?? 0) < repeatMs) return;
    if (this.#said.size > 1000) this.#said.clear();
    this.#said.set(cause, now);
    this.#log.warn(line, sentence);
  }
}
