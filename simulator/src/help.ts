/** Flags of each command. */
const flags = {
  live: `live

Plays the history that is missing (VIGIE_SIMULATOR_DAYS, or simulator.days of vigie.yaml, the first time), then lives in
real time until it is stopped. Answers for the simulated systems on VIGIE_SIMULATOR_HTTP_PORT (/systems/<id>/health,
/exporters/<id>/metrics) and VIGIE_SIMULATOR_DICOM_PORT (C-ECHO). This is what npm start runs.
`,
  history: `history [--days N]

Plays history at full speed through the receivers, and ends. What was played stands in simulator/state.json of the data
folder: the first time N days, later only what is missing since.

  --days N           days before today (as vigie.yaml says)
`,
  load: `load [--kind K] [--rate R] [--duration S] [--connections C] [--out FILE]

Sends messages of one kind at a rate, and ends with one line of JSON: what was reached, and latencies.

  --kind K           audit (syslog), fhir, hl7 (MLLP) or transfers (JSON); audit
  --rate R           messages a second, of all connections together; 0: as fast as they are taken; 500
  --duration S       seconds; 10
  --connections C    connections side by side, 1 to 256; 1
  --out FILE         writes R × S messages to a file instead: octet-counted frames, MLLP blocks or lines of JSON
`
} as const;

export type Command = keyof typeof flags;

export const isCommand = (name: string): name is Command => Object.hasOwn(flags, name);

/** What a command does, or all of them. */
export function help(command?: Command): string {
  if (command !== undefined) return `npm run simulate -- ${flags[command]}`;
  const all = Object.values(flags).map((text) => text.trimEnd().split('\n').join('\n  '));
  return `npm run simulate -- <command> [flags]

Plays a hospital group over the real protocols, into a Vigie that runs. Addresses, data folder and configuration are those of
npm start, by the same VIGIE_* variables; the key is keys/simulator.key of the data folder. The same seed (simulator.seed of
vigie.yaml), configuration and day give the same messages, byte for byte.

  ${all.join('\n\n  ')}

  <command> --help   only that command
`;
}
