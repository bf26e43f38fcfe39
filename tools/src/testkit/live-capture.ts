import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);

/** tcpdump on the loopback interface, into a file. */
export async function startLiveCapture(
  file: string,
  ports: readonly number[]
): Promise<{ stop(): Promise<void> }> {
  const filter = `tcp and (${ports.map((port) => `port ${port}`).join(' or ')})`;
  const child = spawn('tcpdump', [
    '-i',
    'lo',
    '-n',
    '-U',
    '--immediate-mode',
    '-s',
    '0',
    '-B',
    '16384',
    '-Z',
    'root',
    '-w',
    file,
    filter
  ]);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(
    () => Promise.resolve(said),
    (text) => text.includes('listening on')
  );
  return {
    async stop() {
      // The last packets lie in the kernel's buffer a moment.
      await new Promise((resolve) => setTimeout(resolve, 300));
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      if (!said.includes('0 packets dropped by kernel')) throw new Error(`tcpdump lost packets: ${said}`);
    }
  };
}

/** What tshark reads of one association. */
export interface TsharkAssociation {
  calling: string;
  called: string;
  /** Command field in hexadecimal → how often. */
  readonly commands: Record<string, number>;
  /** Status in hexadecimal → how often. */
  readonly statuses: Record<string, number>;
  /** Bytes of data sets, both ways. */
  datasetBytes: number;
  readonly pdus: Record<string, number>;
  reject?: string;
}

const fields = [
  'tcp.stream',
  'dicom.pdu.type',
  'dicom.assoc.ae.calling',
  'dicom.assoc.ae.called',
  'dicom.assoc.reject.result',
  'dicom.assoc.reject.source',
  'dicom.assoc.reject.reason',
  'dicom.pdv.len',
  'dicom.pdv.flags',
  'dicom.tag',
  'dicom.tag.vr',
  'dicom.tag.value.16u'
];

/** Arguments of tshark that make it read DICOM on the ports, and tell what `tsharkAssociations` reads. */
export function tsharkArguments(file: string, ports: readonly number[]): string[] {
  const options = ['tcp.reassemble_out_of_order:TRUE', 'dicom.tag_tree:TRUE', 'dicom.pdv_reassemble:FALSE'];
  const form = 'separator=/t occurrence=a aggregator=|'.split(' ');
  return [
    ['-r', file, '-n', '-Y', 'dicom', '-T', 'fields'],
    options.flatMap((option) => ['-o', option]),
    ports.flatMap((port) => ['-d', `tcp.port==${port},dicom`]),
    form.flatMap((one) => ['-E', one]),
    fields.flatMap((field) => ['-e', field])
  ].flat();
}

/** The associations of a capture as tshark reads them, by TCP stream. */
export async function tsharkAssociations(
  file: string,
  ports: readonly number[]
): Promise<ReadonlyMap<string, TsharkAssociation>> {
  const { stdout } = await run('tshark', tsharkArguments(file, ports), { maxBuffer: 1 << 30 });
  const found = new Map<string, TsharkAssociation>();
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    const columns = line.split('\t');
    const list = (index: number) => (columns[index] ? columns[index].split('|') : []);
    const stream = columns[0] ?? '';
    let one = found.get(stream);
    if (one === undefined) {
      one = { calling: '', called: '', commands: {}, statuses: {}, datasetBytes: 0, pdus: {} };
      found.set(stream, one);
    }
    for (const type of list(1)) add(one.pdus, String(Number(type)));
    one.calling ||= list(2)[0]?.trim() ?? '';
    one.called ||= list(3)[0]?.trim() ?? '';
    if (list(4).length > 0) one.reject = [4, 5, 6].map((index) => Number(list(index)[0])).join('/');
    const flags = list(8);
    list(7).forEach((length, i) => {
      if ((Number(flags[i]) & 1) === 0) one.datasetBytes += Number(length) - 2;
    });
    // Values come as one list of every 16-bit number; tags and representations say whose they are.
    const [vrs, values] = [list(10), list(11)];
    let next = 0;
    list(9).forEach((tag, i) => {
      if (vrs[i] !== 'US') return;
      const value = Number(values[next++]).toString(16);
      if (Number(tag) === 0x0100) add(one.commands, value);
      if (Number(tag) === 0x0900) add(one.statuses, value);
    });
  }
  return found;
}

const add = (counts: Record<string, number>, key: string) => (counts[key] = (counts[key] ?? 0) + 1);
