#!/usr/bin/env node
/** `npm run demo`: a sender and a receiver as two processes with a bad link between them. */
import { extname, resolve } from 'node:path';
import { statSync } from 'node:fs';
import { describeOptions, parseOptions, UsageError } from '../args.js';
import type { Options, OptionSpecs } from '../args.js';
import { defaultInputs } from '../send.js';
import { listDevices } from '../../devices.js';
import { checkMp4 } from '../../media_file.js';
import { RateMeter } from '../progress.js';
import { exitCode, Stop } from '../stop.js';
import { collectFigures, describeFigures } from './figures.js';
import type { Figures } from './figures.js';
import { drawPicture, findPairs } from './picture.js';
import { DemoRun } from './run.js';
import type { DemoOptions } from './run.js';

const kSpecs = {
  loss: { value: 'PERCENT', help: 'packets that the link loses at random (default 5)' },
  delay: { value: 'MS', help: 'milliseconds one way (default 40)' },
  jitter: { value: 'MS', help: 'milliseconds that the delay varies by (default 5)' },
  seconds: { value: 'N', help: 'length of the run (default 20)' },
  clip: { value: 'FILE', help: 'MP4 file with H.264 to play instead of the camera' },
  bitrate: { value: 'BITS', help: 'bit/s of the video (default 600000)' },
  output: {
    value: 'FILE',
    help: 'recording (default received.mp4); the picture gets the same name with .png',
  },
  seed: { value: 'N', help: 'the same seed loses the same packets (default 1)' },
  help: { help: 'show this help' },
} satisfies OptionSpecs;

function readOptions(options: Options): DemoOptions {
  const output = resolve(options.text('output') ?? 'received.mp4');
  if (extname(output) !== '.mp4') throw new UsageError('--output expects a file name that ends in ".mp4"');
  const clip = options.text('clip');
  return {
    loss: options.number('loss', 0, 100) ?? 5,
    delay: options.number('delay', 0, 10_000) ?? 40,
    jitter: options.number('jitter', 0, 10_000) ?? 5,
    seconds: options.number('seconds', 1, 86_400) ?? 20,
    seed: options.number('seed', 0, 2 ** 32 - 1) ?? 1,
    bitrate: options.number('bitrate', 30_000, 50_000_000) ?? 600_000,
    clip: clip === undefined ? undefined : resolve(clip),
    output,
  };
}

function describeLink({ loss, delay, jitter }: DemoOptions): string {
  return `${loss} % loss, ${delay} ms one way, ${jitter} ms jitter`;
}

/** Shows figures while the demo runs, on a terminal only; returns what ends it. */
function showProgress(run: DemoRun): () => void {
  if (!process.stdout.isTTY) return () => undefined;
  const begin = performance.now();
  const meter = new RateMeter();
  const timer = setInterval(() => {
    const now = performance.now();
    const rate = `${(meter.update(run.bytesReceived, now) / 1000).toFixed(0)} kbit/s`;
    const text = run.describe();
    const line = `${((now - begin) / 1000).toFixed(0)} s  ${text ? `${rate}, ${text}` : 'starting'}`;
    process.stdout.write(`\r\x1b[K${line.slice(0, (process.stdout.columns ?? 80) - 1)}`);
  }, 500);
  return () => {
    clearInterval(timer);
    process.stdout.write('\r\x1b[K');
  };
}

async function makePicture(
  run: DemoRun,
  options: DemoOptions,
  figures: Figures,
): Promise<string | undefined> {
  const pairs = await findPairs(run.sentFolder, run.receivedFolder);
  if (pairs.length === 0) return undefined;
  const path = options.output.replace(/\.mp4$/, '.png');
  const title = `boardcast: ${(options.bitrate / 1000).toFixed(0)} kbit/s over a link with ${describeLink(options)}`;
  await drawPicture(path, pairs, title, describeFigures(figures));
  return path;
}

function report(figures: Figures, options: DemoOptions, files: string[], picture: string | undefined): void {
  const rows = describeFigures(figures).map(([label, text]) => `  ${label.padEnd(9)}${text}`);
  const sizes = files.map((path) => `${path} (${(statSync(path).size / 1e6).toFixed(1)} MB)`);
  const seconds = figures.seconds.toFixed(1);
  process.stdout.write(
    `\n${seconds} s went over a link that lost ${figures.lossPercent.toFixed(1)} % of the packets ` +
      `(${options.delay} ms one way, ${options.jitter} ms jitter).\n\n${rows.join('\n')}\n\n` +
      `Recording: ${sizes.join(', ') || 'none'}\n` +
      `Picture:   ${picture ?? 'none; the run was too short for a frame to compare'}\n`,
  );
}

async function demo(options: DemoOptions, stop: Stop): Promise<number> {
  if (options.clip !== undefined) await checkMp4(options.clip);
  const input =
    options.clip === undefined ? defaultInputs(listDevices()).text : `Input: ${options.clip} and tone:`;
  process.stdout.write(`${input}\nLink:  ${describeLink(options)}, ${options.seconds} s\n`);
  const run = await DemoRun.create(options);
  const endProgress = showProgress(run);
  try {
    const { sent, received, link } = await run.run(stop);
    endProgress();
    const figures = collectFigures(sent, received, link);
    report(figures, options, received.files, await makePicture(run, options, figures));
  } finally {
    endProgress();
    await run.close();
  }
  return stop.signal.aborted ? exitCode(await stop.reason) : 0;
}

async function main(args: string[]): Promise<number> {
  const stop = new Stop();
  try {
    const options = parseOptions(args, kSpecs);
    if (options.has('help')) {
      process.stdout.write(`Usage: npm run demo -- [options]\n\nOptions:\n${describeOptions(kSpecs)}\n`);
      return 0;
    }
    return await demo(readOptions(options), stop);
  } catch (error) {
    const usage = error instanceof UsageError;
    if (stop.signal.aborted && !usage) return exitCode(await stop.reason);
    process.stderr.write(
      `demo: ${error instanceof Error ? error.message : String(error)}${usage ? ' (see --help)' : ''}\n`,
    );
    return usage ? 2 : 1;
  } finally {
    stop.release();
  }
}

process.exitCode = await main(process.argv.slice(2));
