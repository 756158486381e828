/** What a command says while it runs: a line on a terminal, and statistics to its parent process. */
import type { Session } from '../session.js';
import type { StatsReport } from '../stats.js';

const kInterval = 500;

/** Bit/s from a counter of bytes, over the time between two calls. */
export class RateMeter {
  #bytes = 0;
  #time: number | undefined;

  /** @param time in milliseconds */
  update(bytes: number, time: number): number {
    const elapsed = this.#time === undefined ? 0 : time - this.#time;
    const rate = elapsed > 0 ? ((bytes - this.#bytes) * 8000) / elapsed : 0;
    this.#bytes = bytes;
    this.#time = time;
    return rate;
  }
}

/** The progress line of a sender. */
export function describeSending(stats: StatsReport, seconds: number, rate: number): string {
  const video = stats.find('outbound-rtp', 'video');
  const audio = stats.find('outbound-rtp', 'audio');
  const remote = stats.find('remote-inbound-rtp', video ? 'video' : 'audio');
  const parts = [`${seconds.toFixed(1)} s`, `${(rate / 1000).toFixed(0)} kbit/s`];
  if (video) parts.push(`${video.framesSent ?? 0} frames`, `${video.fecPacketsSent ?? 0} FEC packets`);
  parts.push(`${(video ?? audio)?.retransmittedPacketsSent ?? 0} sent again`);
  if (remote) {
    parts.push(
      `loss ${(remote.fractionLost * 100).toFixed(1)} %`,
      `rtt ${(remote.roundTripTime * 1000).toFixed(0)} ms`,
    );
  } else {
    parts.push('no answer yet');
  }
  return parts.join('  ');
}

/** The progress line of a receiver. */
export function describeReceiving(stats: StatsReport, seconds: number, rate: number): string {
  const video = stats.find('inbound-rtp', 'video');
  const audio = stats.find('inbound-rtp', 'audio');
  const parts = [`${seconds.toFixed(1)} s`];
  if (!video?.packetsReceived && !audio?.packetsReceived)
    return [...parts, 'waiting for a sender'].join('  ');
  parts.push(`${(rate / 1000).toFixed(0)} kbit/s`);
  if (video) {
    parts.push(`${video.framesDecoded ?? 0} frames`, `loss ${lossPercent(video).toFixed(1)} %`);
    parts.push(`back by FEC ${video.fecRecovered ?? 0}, by retransmission ${video.rtxRecovered ?? 0}`);
    parts.push(`${video.freezeCount ?? 0} freezes`);
    if (video.latencyP50) parts.push(`latency ${(video.latencyP50 * 1000).toFixed(0)} ms`);
  } else if (audio) {
    parts.push(`${audio.packetsReceived} packets of sound`, `${audio.packetsLost} lost`);
  }
  return parts.join('  ');
}

/** Lost packets of all that were sent, in percent. */
export function lossPercent(stats: { packetsReceived: number; packetsLost: number }): number {
  const sent = stats.packetsReceived + stats.packetsLost;
  return sent > 0 ? (Math.max(stats.packetsLost, 0) / sent) * 100 : 0;
}

type Describe = (stats: StatsReport, seconds: number, rate: number) => string;

/** Reads the statistics twice a second while anybody wants them. */
export class Progress {
  readonly #session: Session;
  readonly #describe: Describe;
  readonly #begin = performance.now();
  readonly #rate = new RateMeter();
  #timer: NodeJS.Timeout | undefined;
  #shown = false;

  constructor(session: Session, describe: Describe) {
    this.#session = session;
    this.#describe = describe;
    if (process.stderr.isTTY || process.send) this.#timer = setInterval(() => void this.#update(), kInterval);
  }

  /** Seconds since the beginning. */
  get seconds(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  /** Prints a line for good, above the progress line. */
  note(text: string): void {
    this.#clear();
    process.stderr.write(`${text}\n`);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  async #update(): Promise<void> {
    const stats = await this.#session.getStats();
    if (process.connected) process.send?.({ type: 'stats', stats: stats.toJSON() });
    if (!process.stderr.isTTY) return;
    const transport = stats.find('transport');
    const bytes = (transport?.bytesSent ?? 0) + (transport?.bytesReceived ?? 0);
    const line = this.#describe(stats, this.seconds, this.#rate.update(bytes, performance.now()));
    process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    this.#shown = true;
  }

  #clear(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K');
    this.#shown = false;
  }
}
