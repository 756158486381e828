/** Runs sender, link and receiver of the demo. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmulatedLink } from '../../emulated_link.js';
import type { LinkCounters } from '../../emulated_link.js';
import { generateKey } from '../../key.js';
import type { InboundRtpStats } from '../../stats.js';
import type { Stop } from '../stop.js';
import { Child } from './children.js';
import type { Result } from './children.js';

export interface DemoOptions {
  loss: number;
  delay: number;
  jitter: number;
  seconds: number;
  seed: number;
  bitrate: number;
  clip: string | undefined;
  output: string;
}

export interface DemoResult {
  sent: Result;
  received: Result;
  link: LinkCounters;
}

const kStartTimeout = 15_000;
const kGoodbyeTimeout = 4_000;

/** The demo while it runs; remove() takes its temporary files away. */
export class DemoRun {
  readonly #options: DemoOptions;
  readonly #folder: string;
  #link: EmulatedLink | undefined;
  #receiver: Child | undefined;
  #sender: Child | undefined;

  static async create(options: DemoOptions): Promise<DemoRun> {
    return new DemoRun(options, await mkdtemp(join(tmpdir(), 'boardcast-demo-')));
  }

  private constructor(options: DemoOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
  }

  get sentFolder(): string {
    return join(this.#folder, 'sent');
  }

  get receivedFolder(): string {
    return join(this.#folder, 'received');
  }

  /** Runs until the sender ended by itself or `stop` says so. @throws MediaError */
  async run(stop: Stop): Promise<DemoResult> {
    const { loss, delay, jitter, seed, output } = this.#options;
    const key = generateKey();
    const listen = 'udp://127.0.0.1:0';
    this.#receiver = new Child(
      ['receive', '--listen', listen, '--record', output, '--snapshots', this.receivedFolder],
      key,
    );
    const targetPort = Number(await this.#receiver.waitFor(/^Listening on udp:.*:(\d+)$/, kStartTimeout));
    this.#link = EmulatedLink.open({ targetPort, lossPercent: loss, delayMs: delay, jitterMs: jitter, seed });
    this.#sender = new Child(this.#sendArguments(this.#link.port), key);
    const goodbye = this.#receiver.waitFor(
      /^The sender's video ended/,
      this.#options.seconds * 1000 + 60_000,
    );
    goodbye.catch(() => undefined);
    stop.signal.addEventListener('abort', () => this.#sender?.stop());
    if (stop.signal.aborted) this.#sender.stop();
    const sent = await this.#sender.result();
    await waitAtMost(goodbye, kGoodbyeTimeout);
    this.#receiver.stop();
    return { sent, received: await this.#receiver.result(), link: this.#link.counters() };
  }

  /** A line of figures; empty while nothing has arrived. */
  describe(): string {
    const video = this.#receiver?.stats['inbound-video'] as InboundRtpStats | undefined;
    if (!video || !this.#link) return '';
    const { sent, lost } = this.#link.counters();
    const latency = video.latencyP50 ? `, latency ${(video.latencyP50 * 1000).toFixed(0)} ms` : '';
    return (
      `${video.framesDecoded ?? 0} frames, link lost ${((lost / Math.max(sent, 1)) * 100).toFixed(1)} %, ` +
      `back by FEC ${video.fecRecovered ?? 0}, by retransmission ${video.rtxRecovered ?? 0}, ` +
      `${video.freezeCount ?? 0} freezes${latency}`
    );
  }

  /** Bytes that the receiver got so far. */
  get bytesReceived(): number {
    return (this.#receiver?.stats['inbound-video'] as InboundRtpStats | undefined)?.bytesReceived ?? 0;
  }

  /** Ends what still runs and removes temporary files. */
  async close(): Promise<void> {
    for (const child of [this.#sender, this.#receiver]) {
      child?.stop();
      await child?.ended;
    }
    this.#link?.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #sendArguments(port: number): string[] {
    const { clip, bitrate, seconds } = this.#options;
    const inputs = clip === undefined ? [] : ['--input', `file:${clip}`, '--input', 'tone:', '--loop'];
    const to = [
      '--to',
      `udp://127.0.0.1:${port}`,
      '--bitrate',
      String(bitrate),
      '--seconds',
      String(seconds),
    ];
    return ['send', ...to, ...inputs, '--snapshots', this.sentFolder];
  }
}

async function waitAtMost(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([promise.catch(() => undefined), limit]);
  clearTimeout(timer);
}
