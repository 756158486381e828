/**
 * Statistics with the names of W3C webrtc-stats (https://www.w3.org/TR/webrtc-stats/); fields that
 * the standard does not have say so. Times are seconds, sizes bytes, rates bit/s, counts since start.
 */
import type { NativeStats } from './native.js';

interface BaseStats {
  id: string;
  /** Milliseconds since 1970. */
  timestamp: number;
}

interface StreamStats extends BaseStats {
  kind: 'video' | 'audio';
  ssrc: number;
}

/** What is sent of one track. */
export interface OutboundRtpStats extends StreamStats {
  type: 'outbound-rtp';
  packetsSent: number;
  /** Payload without RTP headers, repair and retransmissions included. */
  bytesSent: number;
  /** Payload of the media alone (not in the standard). */
  mediaBytesSent: number;
  headerBytesSent: number;
  retransmittedPacketsSent: number;
  retransmittedBytesSent: number;
  nackCount: number;
  targetBitrate: number;
  // Video only.
  pliCount?: number;
  firCount?: number;
  framesEncoded?: number;
  keyFramesEncoded?: number;
  framesSent?: number;
  totalEncodeTime?: number;
  frameWidth?: number;
  frameHeight?: number;
  /** Repair packets for lost ones (not in the standard for the way out). */
  fecPacketsSent?: number;
  fecBytesSent?: number;
  /** Captured frames that were not encoded, since the encoder was busy (not in the standard). */
  framesDropped?: number;
  /** Repair packets for each media packet at present (not in the standard). */
  repairRatio?: number;
}

/** What the receiver reports of what is sent. */
export interface RemoteInboundRtpStats extends StreamStats {
  type: 'remote-inbound-rtp';
  packetsLost: number;
  /** 0 to 1, of the last report. */
  fractionLost: number;
  jitter: number;
  roundTripTime: number;
}

/** What is received of one stream. */
export interface InboundRtpStats extends StreamStats {
  type: 'inbound-rtp';
  packetsReceived: number;
  bytesReceived: number;
  /** Before repair and retransmission. */
  packetsLost: number;
  jitter: number;
  nackCount: number;
  jitterBufferDelay: number;
  jitterBufferTargetDelay: number;
  jitterBufferEmittedCount: number;
  // Video only.
  pliCount?: number;
  fecPacketsReceived?: number;
  fecPacketsDiscarded?: number;
  framesReceived?: number;
  framesAssembled?: number;
  framesDecoded?: number;
  framesDropped?: number;
  keyFramesDecoded?: number;
  freezeCount?: number;
  totalFreezesDuration?: number;
  totalDecodeTime?: number;
  frameWidth?: number;
  frameHeight?: number;
  /** Lost packets that repair packets brought back (not in the standard). */
  fecRecovered?: number;
  rtxPacketsReceived?: number;
  /** Lost packets that retransmission brought back (not in the standard). */
  rtxRecovered?: number;
  /** Frames decoded although something was missing (not in the standard). */
  framesDamaged?: number;
  /** From capture to the decoded frame, once sender reports came (not in the standard). */
  latencyP50?: number;
  latencyP95?: number;
  // Audio only.
  concealedSamples?: number;
  concealmentEvents?: number;
  insertedSamplesForDeceleration?: number;
  removedSamplesForAcceleration?: number;
  totalSamplesReceived?: number;
  audioLevel?: number;
}

/** The link. */
export interface TransportStats extends BaseStats {
  type: 'transport';
  bytesSent: number;
  bytesReceived: number;
  packetsSent: number;
  packetsReceived: number;
  /** Packets that did not authenticate: wrong key or forged (not in the standard). */
  srtpFailures: number;
  /** Packets that came twice or far too late (not in the standard). */
  replayedPackets: number;
  /** Packets that are no RTP or RTCP (not in the standard). */
  malformedPackets: number;
  /** 95th percentile of the time between picture and sound (not in the standard). */
  avSkewP95?: number;
}

export type Stats = OutboundRtpStats | RemoteInboundRtpStats | InboundRtpStats | TransportStats;

const kGroups = [
  { group: 'outboundVideo', id: 'outbound-video', type: 'outbound-rtp', kind: 'video' },
  { group: 'outboundAudio', id: 'outbound-audio', type: 'outbound-rtp', kind: 'audio' },
  { group: 'remoteInboundVideo', id: 'remote-inbound-video', type: 'remote-inbound-rtp', kind: 'video' },
  { group: 'remoteInboundAudio', id: 'remote-inbound-audio', type: 'remote-inbound-rtp', kind: 'audio' },
  { group: 'inboundVideo', id: 'inbound-video', type: 'inbound-rtp', kind: 'video' },
  { group: 'inboundAudio', id: 'inbound-audio', type: 'inbound-rtp', kind: 'audio' },
  { group: 'transport', id: 'transport', type: 'transport' },
] as const;

/** Statistics by id, such as "inbound-video". */
export class StatsReport extends Map<string, Stats> {
  /** The stats of one type, and of one kind if it is given. */
  find<Type extends Stats['type']>(
    type: Type,
    kind?: 'video' | 'audio',
  ): (Stats & { type: Type }) | undefined {
    for (const stats of this.values()) {
      const fits = kind === undefined || !('kind' in stats) || stats.kind === kind;
      if (stats.type === type && fits) return stats as Stats & { type: Type };
    }
    return undefined;
  }

  /** A plain object, for JSON. */
  toJSON(): Record<string, Stats> {
    return Object.fromEntries(this);
  }
}

/** @internal The report of what the addon counts; absent groups have no entry. */
export function makeReport(counters: NativeStats, timestamp: number): StatsReport {
  const report = new StatsReport();
  for (const { group, ...head } of kGroups) {
    const values = counters[group];
    if (values) report.set(head.id, { ...head, timestamp, ...values } as unknown as Stats);
  }
  return report;
}
