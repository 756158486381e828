/** GStreamer as a peer: the same clip at the same rate without loss, in two processes. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EmulatedLink } from '#src/index.js';
import { say } from '../benchmark.js';
import { MeasuredProcess } from '../process.js';
import { percentile, round } from '../statistics.js';
import { freePort } from '../stream_run.js';

const kRoot = fileURLToPath(new URL('../../../', import.meta.url));
const kSource = path.join(kRoot, 'bench/peers/gst_peer.c');
const kBinary = path.join(kRoot, 'build/peers/gst_peer');
const kTimeoutMs = 15_000;
/** Frames that may be under way when the sender stops. */
const kMaxUnderWay = 15;
/** It has no retransmission: where a socket overflows, frames are missing and the run says nothing. */
const kAttempts = 3;
/** Only the tuned run is compared with ours, so it has its length; the other one's latency is constant. */
const kDefaultSeconds = 5;

export interface PeerSetup {
  clip: string;
  bitrate: number;
  roundTripMs: number;
  seconds: number;
}

export interface PeerResult {
  /** With its defaults: a jitter buffer of 200 ms. */
  latencyMsP50: number | null;
  /** With a jitter buffer of 0 ms and a sink that does not wait. */
  tunedLatencyMsP50: number | null;
  /** Percent of one core for both processes together, of the tuned run. */
  cpuPercent: number;
}

class IncompleteError extends Error {}

/** Null, with the reason on standard error, where GStreamer is missing or cannot play the clip. */
export async function measureGStreamer(setup: PeerSetup): Promise<PeerResult | null> {
  try {
    build();
    const seconds = Math.min(setup.seconds, kDefaultSeconds);
    const common = await runUntilComplete({ ...setup, seconds }, 'default');
    const tuned = await runUntilComplete(setup, 'tuned');
    return {
      latencyMsP50: round(common.latencyMsP50, 2),
      tunedLatencyMsP50: round(tuned.latencyMsP50, 2),
      cpuPercent: round(tuned.cpuPercent, 2),
    };
  } catch (error) {
    say(`No figures of GStreamer: ${(error as Error).message.trim()}`);
    return null;
  }
}

/** @throws Error with the compiler's words. */
function build(): void {
  if (existsSync(kBinary) && statSync(kBinary).mtimeMs > statSync(kSource).mtimeMs) return;
  mkdirSync(path.dirname(kBinary), { recursive: true });
  const options = { encoding: 'utf8', stdio: 'pipe' } as const;
  const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'gstreamer-1.0'], options)
    .trim()
    .split(/\s+/);
  execFileSync('cc', ['-O2', '-Wall', '-Wextra', kSource, '-o', kBinary, ...flags], options);
}

async function runUntilComplete(setup: PeerSetup, mode: 'default' | 'tuned') {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(setup, mode);
    } catch (error) {
      if (attempt === kAttempts || !(error instanceof IncompleteError)) throw error;
    }
  }
}

async function runOnce(setup: PeerSetup, mode: 'default' | 'tuned') {
  const port = await freePort();
  const receiver = new MeasuredProcess('the receiver', kBinary, ['receive', String(port), mode]);
  let sender: MeasuredProcess | undefined;
  try {
    await receiver.waitForOutput('ready', kTimeoutMs);
    using link = EmulatedLink.open({ targetPort: port, delayMs: setup.roundTripMs / 2 });
    const { clip, bitrate, seconds } = setup;
    sender = new MeasuredProcess('the sender', kBinary, [
      ...['send', clip, String(link.port), String(bitrate), String(Math.ceil(seconds))],
    ]);
    await sender.waitForEnd(seconds * 1000 + kTimeoutMs);
    await new Promise((resolve) => setTimeout(resolve, setup.roundTripMs / 2 + 500));
    receiver.kill('SIGTERM');
    await receiver.waitForEnd(kTimeoutMs);
    const [sent, received] = [parseOutput(sender.stdout), parseOutput(receiver.stdout)];
    const cpuSeconds = sent.cpuSeconds + received.cpuSeconds;
    return {
      latencyMsP50: percentile(latencies(sent.times, received.times), 50),
      cpuPercent: ((cpuSeconds * 1e6) / (sender.endTime - sender.startTime)) * 100,
    };
  } finally {
    sender?.kill('SIGKILL');
    receiver.kill('SIGKILL');
  }
}

/** Milliseconds. Nothing is lost or skipped here, so the order tells which frame is which. */
function latencies(sent: readonly number[], received: readonly number[]): number[] {
  if (
    received.length === 0 ||
    received.length > sent.length ||
    sent.length - received.length > kMaxUnderWay
  ) {
    throw new IncompleteError(`it received ${received.length} of ${sent.length} frames`);
  }
  return received.map((time, index) => (time - (sent[index] ?? time)) / 1000);
}

function parseOutput(text: string): { times: number[]; cpuSeconds: number } {
  const times = [...text.matchAll(/^frame (\d+)$/gm)].map((match) => Number(match[1]));
  return { times, cpuSeconds: Number(/^cpu ([\d.]+)$/m.exec(text)?.[1] ?? 0) };
}
