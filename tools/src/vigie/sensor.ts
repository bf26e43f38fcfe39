import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { exitCodes, type Command } from './command.ts';

const program = fileURLToPath(new URL('../../../collector/src/sensor/main.ts', import.meta.url));

/** vigie sensor: a process of its own, which reads a mirrored port and knows nothing of this machine's installation. */
const command: Command = {
  help: `npx vigie sensor --interface IF --key-file FILE [flags]
npx vigie sensor --read FILE|- …

Reads DICOM from a mirrored port, and tells the collector who sent what to whom, what was refused and what was cut.
Of a message it reads the association and the command set; data sets are counted, never read.

  --interface IF      capture here with tcpdump, which alone needs CAP_NET_RAW
  --read FILE         read a capture (pcap or pcapng) instead; - for standard input
  --ports LIST        ports that are DICOM (104,11112); "any" knows DICOM by how a connection begins
  --url URL           the collector (VIGIE_COLLECTOR_URL; http://127.0.0.1:8480)
  --key-file FILE     API key of the sensor, a system of vigie.yaml with feeds: [transfers, usage]
  --spool FOLDER      where records wait for the collector (VIGIE_DATA/sensor; ./data/sensor), one for each sensor
  --spool-mb N        most it may hold (256)
  --print             write records to standard output, one JSON object a line, instead of sending them
  --idle-minutes N    a connection silent for as long is over (60)
  --slice-minutes N   an association that lasts is told in slices of this length (15)
  --connections N     connections followed at the same time (20000)
  --tcpdump PROGRAM   tcpdump

Every minute and at the end, what was seen and what could not be seen goes to standard error as one JSON object; every five
minutes the collector is told too, for the sensor's page.`,
  async run(args, terminal) {
    const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
    terminal.cancelled.addEventListener('abort', () => child.kill('SIGTERM'));
    const [code] = (await once(child, 'exit')) as [number | null];
    return Object.values(exitCodes).find((one) => one === code) ?? exitCodes.failed;
  }
};
export default command;
