/** Runs for a long time and watches memory and open descriptors of both processes. */
import type { Options } from '#src/cli/args.js';
import { say } from './benchmark.js';
import type { Benchmark } from './benchmark.js';
import type { MeasuredProcess } from './process.js';
import { round, slope } from './statistics.js';
import { runStream } from './stream_run.js';

const kSampleSeconds = 10;
/** Pools, caches and the JavaScript heap fill in the first minute (half of a shorter run). */
const kWarmUpMinutes = 1;
const kMaxSlopeMbPerMinute = 1;

interface Sample {
  minutes: number;
  rssMb: number;
  descriptors: number;
}

async function run(options: Options): Promise<{ result: object; failure?: string }> {
  const minutes = options.number('minutes', 0.1, 1e5) ?? 10;
  const samples: Sample[] = [];
  let ticks = 0;
  const sample = (sender: MeasuredProcess, receiver: MeasuredProcess): void => {
    ticks += 1;
    if (ticks % kSampleSeconds !== 0 || !sender.running) return;
    samples.push({
      minutes: ticks / 60,
      rssMb: (sender.residentBytes + receiver.residentBytes) / 1e6,
      descriptors: sender.openDescriptors + receiver.openDescriptors,
    });
    const { rssMb, descriptors } = samples.at(-1) as Sample;
    if (ticks % 60 === 0) say(`${ticks / 60} min: ${rssMb.toFixed(1)} MB, ${descriptors} descriptors`);
  };
  const setup = {
    video: 'pattern:',
    bitrate: 600_000,
    lossPercent: 5,
    roundTripMs: 80,
    jitterMs: 5,
    seed: 1,
  };
  const { received } = await runStream({ ...setup, seconds: minutes * 60 }, sample);
  return judge(minutes, samples, received['inbound-video'] ?? {});
}

function judge(minutes: number, samples: readonly Sample[], video: Record<string, number>) {
  const warmUp = Math.min(kWarmUpMinutes, minutes / 2);
  const settled = samples.filter((sample) => sample.minutes >= warmUp);
  const [first, last] = [settled[0], settled.at(-1)];
  const growth = slope(settled.map(({ minutes: x, rssMb: y }) => ({ x, y })));
  const result = {
    minutes,
    rssStartMb: round(first?.rssMb ?? 0, 1),
    rssEndMb: round(last?.rssMb ?? 0, 1),
    rssSlopeMbPerMinute: round(growth, 3),
    fdStart: first?.descriptors ?? 0,
    fdEnd: last?.descriptors ?? 0,
    framesDecoded: video['framesDecoded'] ?? 0,
    freezeCount: video['freezeCount'] ?? 0,
  };
  const failures = [
    ...(growth > kMaxSlopeMbPerMinute ? [`memory grows by ${growth.toFixed(2)} MB a minute`] : []),
    ...(result.fdEnd > result.fdStart ? [`descriptors grow from ${result.fdStart} to ${result.fdEnd}`] : []),
  ];
  return failures.length > 0 ? { result, failure: failures.join('; ') } : { result };
}

export const soakBenchmark: Benchmark = {
  summary: 'a long run over a bad link: growth of memory and descriptors',
  options: {
    minutes: { value: 'N', help: 'length (default 10)' },
    json: { help: 'print one JSON object' },
  },
  run,
};
