import { findStudies, type Holdings } from './archive.ts';
import { commandSet, dataPdu, element, elementsOf, us } from './pdu.ts';

/*
 * A C-FIND SCP at study level (PS3.4 §C.4.1, Study Root) and the answer to C-ECHO: one response PDU a study, a final status.
 */
const studyRootFind = '1.2.840.10008.5.1.4.1.2.2.1';
const verification = '1.2.840.10008.1.1';
const echoRequest = 0x0030;
const findRequest = 0x0020;

/** What has come of a message on one association. */
export interface Incoming {
  command?: Map<number, Buffer>;
}

/**
 * Takes the first presentation data value of a P-DATA-TF.
 * @returns what to send; undefined while the data set is to come; null for what is not understood
 */
export function answerData(body: Buffer, incoming: Incoming, holdings: Holdings): Buffer | undefined | null {
  if (body.length < 6) return null;
  const context = body.readUInt8(4);
  const isCommand = (body.readUInt8(5) & 1) !== 0;
  const elements = elementsOf(body.subarray(6, 4 + body.readUInt32BE(0)));
  if (elements === undefined) return null;
  if (!isCommand) {
    const { command } = incoming;
    delete incoming.command;
    return command ? found(context, command, elements, holdings) : null;
  }
  const number = word(elements, 0x0000_0100);
  if (number === echoRequest)
    return dataPdu(context, 'command', response(0x8030, verification, messageId(elements), 0, false));
  if (number !== findRequest) return null;
  incoming.command = elements;
  return undefined;
}

const word = (elements: Map<number, Buffer>, tag: number) => {
  const value = elements.get(tag);
  return value !== undefined && value.length >= 2 ? value.readUInt16LE(0) : undefined;
};
const messageId = (elements: Map<number, Buffer>) => word(elements, 0x0000_0110) ?? 1;

function response(field: number, sopClass: string, id: number, status: number, hasData: boolean): Buffer {
  return commandSet(
    element(0x0000_0002, Buffer.from(sopClass.length % 2 === 0 ? sopClass : `${sopClass}\0`)),
    element(0x0000_0100, us(field)),
    element(0x0000_0120, us(id)),
    element(0x0000_0800, us(hasData ? 0x0001 : 0x0101)),
    element(0x0000_0900, us(status))
  );
}

function found(
  context: number,
  command: Map<number, Buffer>,
  keys: Map<number, Buffer>,
  holdings: Holdings
): Buffer {
  const key = (tag: number) =>
    keys
      .get(tag)
      ?.toString('latin1')
      .replace(/[\0 ]+$/, '') ?? '';
  const id = messageId(command);
  const studies = findStudies(holdings, {
    date: key(0x0008_0020),
    time: key(0x0008_0030),
    modality: key(0x0008_0061),
    study: key(0x0020_000d)
  });
  const pending = response(0x8020, studyRootFind, id, 0xff00, true);
  return Buffer.concat([
    ...studies.flatMap((one) => [
      dataPdu(context, 'command', pending),
      dataPdu(
        context,
        'data',
        Buffer.concat([
          element(0x0008_0005, 'ISO_IR 192'),
          element(0x0008_0020, one.date),
          element(0x0008_0030, one.time),
          element(0x0008_0050, one.accession),
          element(0x0008_0052, 'STUDY'),
          element(0x0008_0061, one.modality),
          element(0x0008_0080, one.institution),
          element(0x0020_000d, Buffer.from(one.study.length % 2 === 0 ? one.study : `${one.study}\0`)),
          element(0x0020_1208, String(one.instances))
        ])
      )
    ]),
    dataPdu(context, 'command', response(0x8020, studyRootFind, id, 0, false))
  ]);
}
