/**
 * A clip streams from one process to another over a bad link. What is measured:
 * - psnrY, ssimY: each decoded picture against the source picture of the same media time;
 * - rssMb: the largest sum of both processes' resident memory, sampled each second;
 * - firstPacketMs, firstFrameMs: from the start of the sender's process to its first packet and to the
 *   first decoded frame; the receiver runs already;
 * - overheadPercent: repair and retransmission over media, RTP headers included;
 * - latencyMs*: from the source's capture time to the decoded frame, both by CLOCK_MONOTONIC, and
 *   cpuPercent: user and system time of both processes, start-up included, in percent of one core.
 *   These are what is compared with the peer, so they come from a second run under the same
 *   conditions that does what the peer does: no sound, no Y4M file (FEC, SRTP and the traces stay);
 * - peer: GStreamer with the same clip, rate and round trip, without loss, in turn with ours.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UsageError } from '#src/cli/args.js';
import type { Options } from '#src/cli/args.js';
import { say } from './benchmark.js';
import type { Benchmark } from './benchmark.js';
import { measureGStreamer } from './peers/gstreamer.js';
import { measureQuality } from './picture_quality.js';
import { matchFrames, parseTrace, percentile, round } from './statistics.js';
import { runStream } from './stream_run.js';
import type { StreamResult, StreamSetup } from './stream_run.js';

const kRtpHeaderBytes = 12;

function readSetup(options: Options): StreamSetup {
  const clip = options.text('clip');
  if (clip !== undefined && !existsSync(clip)) throw new UsageError(`there is no clip ${clip}`);
  return {
    video: clip === undefined ? 'pattern:' : `file:${path.resolve(clip)}`,
    bitrate: options.number('bitrate', 30_000, 50_000_000) ?? 600_000,
    lossPercent: options.number('loss', 0, 100) ?? 5,
    roundTripMs: options.number('rtt', 0, 10_000) ?? 80,
    jitterMs: options.number('jitter', 0, 1000) ?? 0,
    seconds: options.number('seconds', 1, 36_000) ?? 20,
    seed: options.number('seed', 0, 2 ** 32 - 1) ?? 1,
  };
}

async function run(options: Options): Promise<{ result: object }> {
  const setup = readSetup(options);
  const folder = mkdtempSync(path.join(tmpdir(), 'boardcast-bench-'));
  try {
    const ours = { ...(await measureStream(setup, folder)), ...(await measureCost(setup, folder)) };
    const clip = options.text('clip');
    if (options.has('no-peer') || clip === undefined) return { result: { ...ours, peer: null } };
    say('Measuring GStreamer');
    const peer = await measureGStreamer({ ...setup, clip: path.resolve(clip) });
    return { result: { ...ours, peer } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureStream(setup: StreamSetup, folder: string): Promise<object> {
  const file = (name: string): string => path.join(folder, name);
  say(`Streaming for ${setup.seconds} s`);
  let residentBytes = 0;
  const traced = traceInto(setup, file);
  traced.receiveArgs.push('--video', file('received.y4m'));
  const stream = await runStream(traced, (sending, receiving) => {
    residentBytes = Math.max(residentBytes, sending.residentBytes + receiving.residentBytes);
  });
  say('Comparing pictures');
  const sent = parseTrace(readFileSync(file('sent.csv'), 'utf8'));
  const received = parseTrace(readFileSync(file('received.csv'), 'utf8'));
  const frames = matchFrames(sent, received);
  const quality = await measureQuality(setup.video, file('received.y4m'), frames);
  const since = (times: number[]): number | null => {
    const done = times.filter((time) => time >= 0);
    return done.length === 0 ? null : round((Math.min(...done) - stream.sender.startTime) / 1000, 1);
  };
  return {
    ...countFrames(stream),
    psnrY: round(quality.psnrY, 3),
    ssimY: round(quality.ssimY, 5),
    ...describeStream(stream),
    firstPacketMs: since(sent.map((record) => record.doneTime)),
    firstFrameMs: since(received.map((record) => record.doneTime)),
    avSyncMsP95: avSyncMs(stream),
    rssMb: round(residentBytes / 1e6, 1),
  };
}

function countFrames({ sent, received }: StreamResult): object {
  return {
    framesSent: sent['outbound-video']?.['framesSent'] ?? 0,
    framesDecoded: received['inbound-video']?.['framesDecoded'] ?? 0,
  };
}

function describeStream({ sent, received, link }: StreamResult): object {
  const video = received['inbound-video'] ?? {};
  return {
    freezeCount: video['freezeCount'] ?? 0,
    freezeSeconds: round(video['totalFreezesDuration'] ?? 0, 3),
    lossPercent: round(link.sent > 0 ? (link.lost / link.sent) * 100 : 0, 2),
    fecRecovered: video['fecRecovered'] ?? 0,
    rtxRecovered: video['rtxRecovered'] ?? 0,
    overheadPercent: round(overheadPercent(sent['outbound-video'] ?? {}), 2),
  };
}

/** Bytes of repair for each byte of media, RTP headers included, in percent. */
export function overheadPercent(video: Record<string, number>): number {
  const size = (bytes: string, packets: string): number =>
    (video[bytes] ?? 0) + kRtpHeaderBytes * (video[packets] ?? 0);
  const media = size('mediaBytesSent', 'mediaPacketsSent');
  const repair =
    size('fecBytesSent', 'fecPacketsSent') + size('retransmittedBytesSent', 'retransmittedPacketsSent');
  return media > 0 ? (repair / media) * 100 : 0;
}

function avSyncMs({ received }: StreamResult): number | null {
  const skew = received['transport']?.['avSkewP95'];
  return skew === undefined ? null : round(skew * 1000, 2);
}

/** `setup` with the frames' ways written to files. */
function traceInto(setup: StreamSetup, file: (name: string) => string) {
  return {
    ...setup,
    sendArgs: ['--trace', file('sent.csv')],
    receiveArgs: ['--trace', file('received.csv')],
  };
}

async function measureCost(setup: StreamSetup, folder: string): Promise<object> {
  say(`Streaming for ${setup.seconds} s to measure latency and cost`);
  const file = (name: string): string => path.join(folder, `cost-${name}`);
  const { sender, receiver } = await runStream({ ...traceInto(setup, file), sound: false });
  const frames = matchFrames(
    parseTrace(readFileSync(file('sent.csv'), 'utf8')),
    parseTrace(readFileSync(file('received.csv'), 'utf8')),
  );
  const latencies = frames.flatMap((frame) => (frame ? [frame.latencyMs] : []));
  const wallSeconds = (sender.endTime - sender.startTime) / 1e6;
  return {
    latencyMsP50: round(percentile(latencies, 50), 2),
    latencyMsP95: round(percentile(latencies, 95), 2),
    cpuPercent: round(((sender.cpuSeconds + receiver.cpuSeconds) / wallSeconds) * 100, 2),
  };
}

export const streamBenchmark: Benchmark = {
  summary: 'a clip from one process to another over a bad link: quality, latency, cost',
  options: {
    clip: {
      value: 'FILE',
      help: 'MP4 or Y4M; starts again if it is too short (default: the test pattern)',
    },
    bitrate: { value: 'BITS', help: 'video, in bit/s (default 600000)' },
    loss: { value: 'PERCENT', help: 'packets lost at random, each way (default 5)' },
    rtt: { value: 'MS', help: 'round trip, in milliseconds (default 80)' },
    jitter: { value: 'MS', help: 'variation of the delay, in milliseconds (default 0)' },
    seconds: { value: 'N', help: 'length (default 20)' },
    seed: { value: 'N', help: 'the same seed loses the same packets (default 1)' },
    'no-peer': { help: 'leave GStreamer out' },
    json: { help: 'print one JSON object' },
  },
  run,
};
