import { exchange } from './dicom-exchange.ts';
import {
  commandSet,
  dataPdus,
  element,
  statusOf,
  textElement,
  unsigned,
  type DicomPeer
} from './dicom-pdu.ts';

export type EchoOutcome = 'ok' | 'rejected' | 'aborted' | 'error' | 'timeout';

const verification = '1.2.840.10008.1.1';

/**
 * Asks for an association, sends one C-ECHO-RQ, releases (PS3.8 §9.3, PS3.7 §9.3.5).
 * @returns `ok` for status 0000H; `rejected` for A-ASSOCIATE-RJ or a refused presentation context; `aborted` for A-ABORT
 *   or a connection closed early; `error` for another status or anything that is not DICOM; `timeout`
 * @throws the socket's error when there is no connection
 */
export async function echo(target: DicomPeer, signal: AbortSignal): Promise<EchoOutcome> {
  let status: number | undefined;
  const end = await exchange(
    target,
    verification,
    dataPdus('command', echoRequest()),
    (command) => {
      status = statusOf(command);
      return true;
    },
    signal
  );
  if (end === 'done') return status === 0 ? 'ok' : 'error';
  return end === 'not-dicom' ? 'error' : end;
}

const echoRequest = () =>
  commandSet(
    textElement(0x0000_0002, verification, '\0'),
    element(0x0000_0100, unsigned(0x0030)),
    element(0x0000_0110, unsigned(1)),
    element(0x0000_0800, unsigned(0x0101))
  );
