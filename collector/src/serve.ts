import { collectorConfig, type CollectorConfig } from './config.ts';
import { createCollector } from './main.ts';
import { outliveCommitFailures } from './spool/commit-failure.ts';

const giveUp = (code: number, sentence: string): never => {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
};

function read(): CollectorConfig {
  try {
    return collectorConfig();
  } catch (error) {
    return giveUp(1, error instanceof Error ? error.message : String(error));
  }
}

const config = read();
outliveCommitFailures();
try {
  const collector = await createCollector(config, (error) =>
    giveUp(1, `The collector can store nothing more and stops; what it holds is safe: ${error.message}`)
  );
  const { ports } = collector;
  process.stdout.write(
    `${JSON.stringify({ ready: true, process: 'collector', url: `http://${config.host}:${ports.http}`, ports })}\n`
  );
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    collector.stop().then(
      () => process.exit(0),
      (error: unknown) => giveUp(1, `The collector did not stop in order: ${String(error)}`)
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} catch (error) {
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE')
    giveUp(2, `Port ${String(port)} is in use: choose another with a flag or a VIGIE_*_PORT variable.`);
  giveUp(1, `The collector cannot start: ${message}`);
}
