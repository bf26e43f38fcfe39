import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { install, node, root, stop } from './install.mjs';

/** Real software the tests run against: Debian package → the program that shows it is there. */
const packages = {
  'apache2-bin': 'apache2',
  chromium: 'chromium',
  curl: 'curl',
  dcmtk: 'storescu',
  'netcat-openbsd': 'nc',
  'nginx-light': 'nginx',
  openssl: 'openssl',
  orthanc: 'Orthanc',
  'orthanc-dicomweb': '/usr/share/orthanc/plugins/libOrthancDicomWeb.so',
  'poppler-utils': 'pdftotext',
  prometheus: 'prometheus',
  'prometheus-node-exporter': 'prometheus-node-exporter',
  'python3-hl7': 'mllp_send',
  qpdf: 'qpdf',
  rsyslog: 'rsyslogd',
  tcpdump: 'tcpdump',
  tshark: 'tshark',
  'rsyslog-gnutls': '/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so'
};

install();
installPackages();
const paths = [join(root, 'node_modules', '.bin'), '/usr/sbin', process.env.PATH].join(delimiter);
const child = spawnSync(node, [join(root, 'tools', 'src', 'test', 'main.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, PATH: paths }
});
process.exit(child.status ?? 1);

function present(program) {
  const candidates = program.startsWith('/')
    ? [program, program.replace('x86_64', 'aarch64')]
    : [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'].map((folder) =>
        join(folder, program)
      );
  return candidates.some((path) => {
    try {
      accessSync(path, constants.R_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Installs what is missing when this is root on Debian; says what to install otherwise. */
function installPackages() {
  const missing = Object.entries(packages)
    .filter(([, program]) => !present(program))
    .map(([name]) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !present('apt-get')) {
    stop(
      `The tests need ${missing.join(', ')} (names of Debian packages). Install them, or run npm test as root on Debian, where they are installed for you.`
    );
  }
  process.stderr.write(`Vigie: installing ${missing.join(', ')} for the tests (apt-get).\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  apt('update', '-qq');
  if (apt('install', '-y', '-qq', '--no-install-recommends', ...missing).status !== 0)
    stop('The packages could not be installed: see the lines above.');
}
