import { fileMarks, readTlsMaterial, type TlsFiles, type TlsMaterial } from './tls-files.ts';

/** How often the files are looked at, ms. They are asked rather than watched: network shares and switched links tell nothing. */
const lookMs = 1000;

export interface TlsRotation {
  stop(): void;
}

/**
 * Follows certificate, key and authorities. A change is taken up once the files rested for one look, since certificate and
 * key are rarely replaced in the same instant; files that do not fit are told once and the old ones stay in use.
 * @param marks what the files looked like when they were last read
 */
export function followTlsFiles(
  files: TlsFiles,
  marks: string,
  tell: { changed(material: TlsMaterial): void; kept(reason: string): void }
): TlsRotation {
  let [used, seen] = [marks, marks];
  let stopped = false;
  let timer: NodeJS.Timeout;
  const look = async () => {
    const now = await fileMarks(files);
    if (now !== used && now === seen) {
      used = now;
      try {
        const material = await readTlsMaterial(files, Date.now());
        if (!stopped) tell.changed(material);
      } catch (error) {
        tell.kept(error instanceof Error ? error.message : String(error));
      }
    }
    seen = now;
    if (!stopped) again();
  };
  const again = () => {
    timer = setTimeout(() => void look(), lookMs);
    timer.unref();
  };
  again();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    }
  };
}
