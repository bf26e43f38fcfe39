import type { SensorCounts } from '../counts.ts';
import { readAssociateAccept, readAssociateRequest, type AssociateRequest } from './associate.ts';
import { readCommandSet, type CommandSet } from './command-set.ts';
import type { AssociationReport, Ending } from './report.ts';
import { Tally } from './tally.ts';
import { pduTypes, UpperLayer } from './upper-layer.ts';
import { services, type Service } from './vocabulary.ts';

type Side = 'calling' | 'called';
type Ends = Pick<AssociationReport, 'client' | 'server'>;

const mostOutstanding = 256;

/**
 * One association as both directions tell it. Its memory is bounded whatever its length: tallies by service, presentation
 * contexts, requests without an answer yet. It may be told in slices while it goes on.
 */
export class Association {
  readonly calling: UpperLayer;
  readonly called: UpperLayer;
  /** Called before an end is told: what the other direction holds back was sent before it. */
  settle: (other: Side, at: number) => void = () => undefined;
  readonly #ends: Ends;
  readonly #counts: SensorCounts;
  readonly #tell: (report: AssociationReport) => void;
  readonly #tallies = new Map<Service, Tally>();
  /** Requests without a final response, by who asked and message id. */
  readonly #outstanding = new Map<number, { readonly service: Service; readonly at: number }>();
  /** Whose object bytes each direction is sending now. */
  readonly #sending: Record<Side, Tally | undefined> = { calling: undefined, called: undefined };
  readonly #hole = { calling: false, called: false };
  #request: AssociateRequest | undefined;
  #accepted: number | undefined;
  #calledImplementation = '';
  #lastService: Service | undefined;
  #startedAt: number;
  #lastAt: number;
  #slice = 0;
  #ended = false;

  constructor(ends: Ends, at: number, counts: SensorCounts, tell: (report: AssociationReport) => void) {
    this.#ends = ends;
    this.#counts = counts;
    this.#tell = tell;
    this.#startedAt = at;
    this.#lastAt = at;
    this.calling = this.#direction('calling');
    this.called = this.#direction('called');
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it has shown itself to be DICOM. */
  get begun(): boolean {
    return this.#request !== undefined;
  }

  /** When what is told next began. */
  get sliceSince(): number {
    return this.#startedAt;
  }

  /** Tells what has come about since the last telling, when there is anything. */
  tellSlice(at: number): void {
    if (this.#ended || this.#tallies.size === 0) return;
    this.#report({ kind: 'open' }, at);
    this.#slice += 1;
    this.#startedAt = at;
    this.#tallies.clear();
    // What a hole hid is told once; a direction that was found again is whole from here on.
    this.#hole.calling = this.calling.lost;
    this.#hole.called = this.called.lost;
    for (const side of ['calling', 'called'] as const) {
      const sending = this.#sending[side];
      this.#sending[side] = sending && this.#tallyOf(sending.service, at);
    }
  }

  /** The connection is over, was idle too long, or the capture ended. */
  end(kind: 'cut' | 'idle' | 'open', at: number): void {
    if (this.#ended || this.#request === undefined) return;
    if (kind === 'open') this.#counts.associations_open_at_end += 1;
    // Release and abort may lie in a hole: an end without them is then not known to be a cut.
    const hidden = kind === 'cut' && (this.#hole.calling || this.#hole.called);
    this.#end({ kind: hidden ? 'hidden' : kind }, at);
  }

  #direction(side: Side): UpperLayer {
    return new UpperLayer(
      side === 'calling',
      {
        pdu: (type, body, at) => this.#pdu(side, type, body, at),
        command: (bytes, at) => this.#command(side, bytes, at),
        data: (length, at) => this.#data(side, length, at),
        hole: () => (this.#hole[side] = true)
      },
      this.#counts
    );
  }

  #pdu(side: Side, type: number, body: Uint8Array, at: number): void {
    this.#lastAt = Math.max(this.#lastAt, at);
    const byte = (index: number) => body[index] ?? 0;
    switch (type) {
      case pduTypes.associateRequest:
        if (side === 'calling' && this.#request === undefined) {
          this.#request = readAssociateRequest(body);
          if (this.#request !== undefined) this.#counts.associations += 1;
        }
        return;
      case pduTypes.associateAccept: {
        const accept = side === 'called' ? readAssociateAccept(body) : undefined;
        this.#accepted = accept?.accepted.size ?? this.#accepted;
        this.#calledImplementation = accept?.implementation ?? this.#calledImplementation;
        return;
      }
      case pduTypes.associateReject:
        return this.#endBy(side, { kind: 'rejected', result: byte(1), source: byte(2), reason: byte(3) }, at);
      case pduTypes.releaseReply:
        return this.#endBy(side, { kind: 'released' }, at);
      case pduTypes.abort:
        return this.#endBy(side, { kind: 'aborted', by: side, source: byte(2), reason: byte(3) }, at);
      default:
        // A release that is asked for is none before its reply.
        return;
    }
  }

  #command(side: Side, bytes: Uint8Array, at: number): void {
    const command = readCommandSet(bytes);
    const service = command && services[command.command];
    this.#sending[side] = undefined;
    if (this.#ended || command === undefined || service === undefined) return;
    this.#counts.commands += 1;
    this.#lastAt = Math.max(this.#lastAt, at);
    // Objects sent by the called side are what a C-GET gave back (PS3.4 C.4.3).
    const returned = service === 'C-STORE' && (side === 'called') !== command.response && this.#gets();
    const tally = this.#tallyOf(returned ? 'C-GET' : service, at);
    this.#lastService = tally.service;
    if (returned) {
      if (command.response) return tally.subOperationEnded(command.status ?? 0xffff, at);
      this.#sending[side] = tally;
      return tally.subOperation(command.sopClass, at);
    }
    if (command.response) return this.#response(side, command, tally, at);
    tally.request(command.sopClass, at);
    if (service === 'C-STORE') this.#sending[side] = tally;
    if (this.#outstanding.size < mostOutstanding)
      this.#outstanding.set(keyOf(side, command.message), { service, at });
    else this.#counts.table_overflows += 1;
  }

  #response(side: Side, command: CommandSet, tally: Tally, at: number): void {
    const key = keyOf(side === 'calling' ? 'called' : 'calling', command.message);
    const asked = this.#outstanding.get(key);
    const final = tally.response(command, asked && at - asked.at, at);
    if (final) this.#outstanding.delete(key);
  }

  #gets(): boolean {
    for (const { service } of this.#outstanding.values()) if (service === 'C-GET') return true;
    return false;
  }

  #tallyOf(service: Service, at: number): Tally {
    let tally = this.#tallies.get(service);
    if (tally === undefined) {
      tally = new Tally(service, at, this.#counts);
      this.#tallies.set(service, tally);
    }
    return tally;
  }

  #data(side: Side, length: number, at: number): void {
    this.#counts.dataset_bytes += length;
    this.#lastAt = Math.max(this.#lastAt, at);
    const tally = this.#sending[side];
    if (tally === undefined) return;
    tally.objectBytes += length;
    tally.seen(at);
  }

  #endBy(side: Side, ending: Ending, at: number): void {
    this.settle(side === 'calling' ? 'called' : 'calling', at);
    this.#end(ending, at);
  }

  #end(ending: Ending, at: number): void {
    if (this.#ended || this.#request === undefined) return;
    this.#report(ending, at);
    this.#ended = true;
  }

  #report(ending: Ending, at: number): void {
    if (this.#hole.calling || this.#hole.called) this.#counts.associations_incomplete += 1;
    const { called = '', calling = '', contexts = new Map(), implementation = '' } = this.#request ?? {};
    const unanswered = new Map<Service, number>();
    for (const { service } of this.#outstanding.values())
      unanswered.set(service, (unanswered.get(service) ?? 0) + 1);
    this.#tell({
      ...this.#ends,
      startedAt: this.#startedAt,
      endedAt: ending.kind === 'idle' ? this.#lastAt : Math.max(this.#lastAt, at),
      calling,
      called,
      implementations: { calling: implementation, called: this.#calledImplementation },
      proposed: [...contexts.values()],
      ...(this.#accepted !== undefined && { contextsAccepted: this.#accepted }),
      ending,
      slice: this.#slice,
      services: [...this.#tallies.values()].map((tally) => tally.report(unanswered.get(tally.service) ?? 0)),
      lastService: this.#lastService,
      hole: { ...this.#hole }
    });
  }
}

const keyOf = (asker: Side, message: number) => (asker === 'calling' ? 0 : 65_536) + message;
