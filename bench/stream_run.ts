/** One stream from `boardcast send` to `boardcast receive` through an emulated link. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { EmulatedLink, generateKey } from '#src/index.js';
import type { LinkCounters } from '#src/emulated_link.js';
import { MeasuredProcess } from './process.js';

const kProgram = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const kStartTimeoutMs = 10_000;
const kEndTimeoutMs = 20_000;
/** SIGTERM to a program that ends in an orderly way. */
const kTerminated = 143;

export interface StreamSetup {
  /** Source word of the picture. */
  video: string;
  bitrate: number;
  lossPercent: number;
  /** Both ways together. */
  roundTripMs: number;
  jitterMs: number;
  seconds: number;
  seed: number;
  /** With a tone beside the picture; default true. */
  sound?: boolean;
  sendArgs?: readonly string[];
  receiveArgs?: readonly string[];
}

/** The last line of `send --json` and `receive --json`. */
interface Summary {
  stats: Record<string, Record<string, number> | undefined>;
}

export interface StreamResult {
  sender: MeasuredProcess;
  receiver: MeasuredProcess;
  sent: Summary['stats'];
  received: Summary['stats'];
  link: LinkCounters;
}

/** A UDP port that nobody uses now. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** `onSample` is called each second with both processes. */
export async function runStream(
  setup: StreamSetup,
  onSample: (sender: MeasuredProcess, receiver: MeasuredProcess) => void = () => undefined,
): Promise<StreamResult> {
  const key = generateKey();
  const port = await freePort();
  const receiver = start('receive', [
    ...['--listen', `udp://127.0.0.1:${port}`, '--key', key, '--json'],
    ...(setup.receiveArgs ?? []),
  ]);
  let sender: MeasuredProcess | undefined;
  let sampler: NodeJS.Timeout | undefined;
  try {
    await receiver.waitForPort(port, kStartTimeoutMs);
    using link = EmulatedLink.open({
      targetPort: port,
      lossPercent: setup.lossPercent,
      delayMs: setup.roundTripMs / 2,
      jitterMs: setup.jitterMs,
      seed: setup.seed,
    });
    const started = start('send', [
      ...['--to', `udp://127.0.0.1:${link.port}`, '--key', key, '--json', '--loop'],
      ...['--input', setup.video, ...(setup.sound === false ? [] : ['--input', 'tone:'])],
      ...['--bitrate', String(setup.bitrate), '--seconds', String(setup.seconds)],
      ...(setup.sendArgs ?? []),
    ]);
    sender = started;
    sampler = setInterval(() => onSample(started, receiver), 1000);
    await started.waitForEnd(setup.seconds * 1000 + kEndTimeoutMs);
    clearInterval(sampler);
    // The goodbye takes half a round trip; the receiver's last frames leave its jitter buffer.
    await new Promise((resolve) => setTimeout(resolve, setup.roundTripMs / 2 + 500));
    const counters = link.counters();
    receiver.kill('SIGTERM');
    await receiver.waitForEnd(kEndTimeoutMs, [0, kTerminated]);
    const [sent, received] = [readSummary(started), readSummary(receiver)];
    return { sender: started, receiver, sent, received, link: counters };
  } finally {
    clearInterval(sampler);
    sender?.kill('SIGKILL');
    receiver.kill('SIGKILL');
  }
}

function start(command: string, args: readonly string[]): MeasuredProcess {
  return new MeasuredProcess(`boardcast ${command}`, process.execPath, [kProgram, command, ...args]);
}

function readSummary(child: MeasuredProcess): Summary['stats'] {
  const line = child.stdout.trim().split('\n').at(-1) ?? '';
  return (JSON.parse(line) as Summary).stats;
}
