/** The figures of a demo run, and how they are said. */
import type { LinkCounters } from '../../emulated_link.js';
import type { InboundRtpStats, OutboundRtpStats, TransportStats } from '../../stats.js';
import type { Result } from './children.js';

export interface Figures {
  seconds: number;
  /** What the link really lost, of the packets in both directions. */
  lossPercent: number;
  framesSent: number;
  framesDecoded: number;
  packetsLost: number;
  fecRecovered: number;
  rtxRecovered: number;
  freezeCount: number;
  freezeSeconds: number;
  /** Repair and retransmission, in percent of the media itself. */
  overheadPercent: number;
  latencyMsP50: number | undefined;
  latencyMsP95: number | undefined;
  avSkewMsP95: number | undefined;
  /** Sound that was made up, in percent. */
  concealedPercent: number;
  hasAudio: boolean;
}

export function collectFigures(sent: Result, received: Result, link: LinkCounters): Figures {
  const out = (sent.stats['outbound-video'] ?? {}) as Partial<OutboundRtpStats>;
  const outAudio = (sent.stats['outbound-audio'] ?? {}) as Partial<OutboundRtpStats>;
  const video = (received.stats['inbound-video'] ?? {}) as Partial<InboundRtpStats>;
  const audio = (received.stats['inbound-audio'] ?? {}) as Partial<InboundRtpStats>;
  const transport = (received.stats['transport'] ?? {}) as Partial<TransportStats>;
  const again = (out.retransmittedBytesSent ?? 0) + (outAudio.retransmittedBytesSent ?? 0);
  const media = (out.mediaBytesSent ?? 0) + (outAudio.mediaBytesSent ?? 0);
  return {
    seconds: sent.seconds,
    lossPercent: percent(link.lost, link.sent),
    framesSent: out.framesSent ?? 0,
    framesDecoded: video.framesDecoded ?? 0,
    packetsLost: video.packetsLost ?? 0,
    fecRecovered: video.fecRecovered ?? 0,
    rtxRecovered: video.rtxRecovered ?? 0,
    freezeCount: video.freezeCount ?? 0,
    freezeSeconds: video.totalFreezesDuration ?? 0,
    overheadPercent: percent((out.fecBytesSent ?? 0) + again, media),
    latencyMsP50: milliseconds(video.latencyP50),
    latencyMsP95: milliseconds(video.latencyP95),
    avSkewMsP95: milliseconds(transport.avSkewP95),
    concealedPercent: percent(audio.concealedSamples ?? 0, audio.totalSamplesReceived ?? 0),
    hasAudio: (audio.packetsReceived ?? 0) > 0,
  };
}

function percent(part: number, whole: number): number {
  return whole > 0 ? (part / whole) * 100 : 0;
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Lines of label and text, for the report and the picture. */
export function describeFigures(figures: Figures): [label: string, text: string][] {
  const { framesSent, framesDecoded, packetsLost, fecRecovered, rtxRecovered } = figures;
  const missing = Math.max(packetsLost - fecRecovered - rtxRecovered, 0);
  const rows: [string, string][] = [
    [
      'Frames',
      `${framesDecoded} of ${framesSent} decoded (${percent(framesDecoded, framesSent).toFixed(1)} %)`,
    ],
    ['Freezes', describeFreezes(figures)],
    [
      'Packets',
      `${packetsLost} lost: FEC brought back ${fecRecovered}, retransmission ${rtxRecovered}, ${missing} missing`,
    ],
    ['Cost', `${figures.overheadPercent.toFixed(0)} % more data than picture and sound need by themselves`],
  ];
  const { latencyMsP50, latencyMsP95, avSkewMsP95 } = figures;
  if (latencyMsP50 !== undefined && latencyMsP95 !== undefined) {
    const text = `${latencyMsP50.toFixed(0)} ms from camera to decoded frame (95 %: within ${latencyMsP95.toFixed(0)} ms)`;
    rows.push(['Latency', text]);
  }
  if (figures.hasAudio) rows.push(['Sound', describeSound(figures.concealedPercent, avSkewMsP95)]);
  return rows;
}

function describeFreezes({ freezeCount, freezeSeconds }: Figures): string {
  return freezeCount === 0 ? 'none' : `${freezeCount}, together ${freezeSeconds.toFixed(1)} s`;
}

function describeSound(concealed: number, skew: number | undefined): string {
  const step = skew === undefined ? '' : `, in step with the picture within ${skew.toFixed(0)} ms`;
  return `${concealed.toFixed(1)} % concealed${step}`;
}
