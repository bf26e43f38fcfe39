import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './ports.ts';
import { eventually } from './eventually.ts';

const run = promisify(execFile);

/** A real Orthanc with a database of its own. */
export interface TestOrthanc {
  readonly url: string;
  readonly dicomPort: number;
  stop(): Promise<void>;
}

/**
 * Starts Debian's Orthanc below `folder`. It knows no user, and stores from any AE title; DICOMweb on demand.
 * @param options.settings more settings of Orthanc's configuration
 */
export async function startOrthanc(
  folder: string,
  aet: string,
  options: { readonly dicomWeb?: boolean; readonly settings?: Readonly<Record<string, unknown>> } = {}
): Promise<TestOrthanc> {
  const home = join(folder, 'orthanc');
  mkdirSync(home, { recursive: true });
  const [http, dicomPort] = [await freePort(), await freePort()];
  const settings = {
    Name: aet,
    StorageDirectory: home,
    IndexDirectory: home,
    Plugins: options.dicomWeb ? ['/usr/share/orthanc/plugins/libOrthancDicomWeb.so'] : [],
    HttpPort: http,
    DicomPort: dicomPort,
    DicomAet: aet,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    DicomAlwaysAllowStore: true,
    DicomCheckCalledAet: false,
    MetricsEnabled: true,
    ...options.settings
  };
  writeFileSync(join(folder, 'orthanc.json'), JSON.stringify(settings));
  const child = spawn('Orthanc', [join(folder, 'orthanc.json')], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${http}`;
  await eventually(async () => (await fetch(`${url}/system`)).ok);
  return {
    url,
    dicomPort,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
  };
}

export interface StudyFiles {
  readonly study: string;
  readonly files: readonly string[];
  readonly bytes: number;
}

/**
 * Makes one small study with dcmtk's dump2dcm.
 * @param date its Study Date, 20261124; without one it has none
 */
export async function makeStudy(
  folder: string,
  n: number,
  modality: string,
  sopClass: string,
  images: number,
  date?: string
): Promise<StudyFiles> {
  const study = `1.2.250.1.999.78.${n}`;
  const files: string[] = [];
  for (let i = 1; i <= images; i++) {
    const file = join(folder, `${n}-${i}.dcm`);
    const dump = [
      '(0002,0010) UI [1.2.840.10008.1.2.1]',
      `(0008,0016) UI [${sopClass}]`,
      `(0008,0018) UI [${study}.1.${i}]`,
      ...(date === undefined
        ? []
        : [`(0008,0020) DA [${date}]`, `(0008,0030) TM [${String(8 + (n % 10)).padStart(2, '0')}1500]`]),
      `(0008,0050) SH [E${n}]`,
      `(0008,0060) CS [${modality}]`,
      '(0008,0080) LO [CH Nord]',
      '(0010,0010) PN [TEST^Patient]',
      `(0010,0020) LO [T${n}]`,
      `(0020,000d) UI [${study}]`,
      `(0020,000e) UI [${study}.1]`,
      `(0020,0013) IS [${i}]`
    ];
    writeFileSync(`${file}.dump`, `${dump.join('\n')}\n`);
    await run('dump2dcm', ['-q', `${file}.dump`, file]);
    files.push(file);
  }
  return { study, files, bytes: files.reduce((sum, file) => sum + statSync(file).size, 0) };
}

/** Sends files as one association of `callingAe` (dcmtk's storescu). */
export async function storescu(
  orthanc: TestOrthanc,
  callingAe: string,
  calledAe: string,
  files: readonly string[]
): Promise<void> {
  await run(
    'storescu',
    ['-aet', callingAe, '-aec', calledAe, '127.0.0.1', String(orthanc.dicomPort), ...files],
    { env: { ...process.env, TCP_NODELAY: '1' } }
  );
}
