/**
 * The boundary: what the C++ addon offers, in types. TypeScript validates before it calls; the addon
 * trusts. A failing call throws (or an 'error' event carries) a {@link NativeFailure}.
 * Times are microseconds of CLOCK_MONOTONIC unless a name says otherwise; rates are bit/s.
 */

/** What a native error carries; src/errors.ts makes a MediaError of it. */
export interface NativeFailure {
  /** Stable code, "ERR_...". */
  code: string;
  message: string;
  /** Name such as "ENOSPC" is derived from this; 0 when no system call failed. */
  errno: number;
  syscall: string;
  path: string;
}

export type NativeVideoSource =
  | { kind: 'pattern'; width: number; height: number; frameRate: number; paced: boolean }
  | { kind: 'y4m'; path: string; loop: boolean; paced: boolean }
  | { kind: 'camera'; path: string; width: number; height: number; frameRate: number }
  /** H.264 access units (Annex B) come through {@link NativeVideoTrack.pushChunk}. */
  | { kind: 'clip'; width: number; height: number; frameRate: number; paced: boolean };

export type NativeAudioSource =
  | { kind: 'tone'; channels: number; paced: boolean }
  | { kind: 'wav'; path: string; loop: boolean; paced: boolean }
  | { kind: 'microphone'; device: string; channels: number };

/** 'drain': pushChunk() has room again. 'ended': the source gave its last frame. */
export type NativeTrackEvent =
  { type: 'drain' } | { type: 'ended' } | { type: 'error'; error: NativeFailure };

/** A picture handed to the application: planes packed without padding, Y then U then V (I420). */
export interface NativeFrame {
  width: number;
  height: number;
  /** Owned by the receiver of the callback. */
  data: Uint8Array;
  /** 90 kHz, as on the wire; 0 for a local track that no session sends. */
  rtpTimestamp: number;
  captureTime: number;
  mediaTime: number;
  /** Decoded with concealment, or from references that were. */
  damaged: boolean;
}

/** 10 ms of sound handed to the application: interleaved, 48 kHz. */
export interface NativeAudio {
  channels: number;
  data: Int16Array;
  captureTime: number;
  concealed: boolean;
}

export interface NativeVideoTrack {
  settings(): { width: number; height: number; frameRate: number };
  /** False: the queue (2 s) was full and the chunk was not taken; wait for 'drain'. */
  pushChunk(data: Uint8Array, key: boolean, timestamp: number, duration: number): boolean;
  /** No more chunks will come: the track ends after the last one. */
  endChunks(): void;
  /** Frames for the application through a queue of 4 that drops the oldest; null stops them. */
  setFrameCallback(callback: ((frame: NativeFrame) => void) | null): void;
  /** Stops the capture thread; no event afterwards. Safe to call twice. */
  close(): void;
}

export interface NativeAudioTrack {
  settings(): { channels: number; sampleRate: number };
  setAudioCallback(callback: ((audio: NativeAudio) => void) | null): void;
  close(): void;
}

/** A coded frame that arrived, for the recorder. */
export interface NativeChunk {
  kind: 'video' | 'audio';
  /** Annex B access unit, or Opus packet. */
  data: Uint8Array;
  key: boolean;
  /** RTP time unwrapped and made to start near 0 for each stream, common to audio and video through
   * sender reports where they have come. */
  timestamp: number;
  duration: number;
}

export type NativeSessionEvent =
  /** Packets of a new sender arrive (first start, or a restarted sender). */
  | { type: 'streamstart'; kind: 'video' | 'audio'; ssrc: number }
  /** The sender said goodbye, or nothing came for 2 s. */
  | { type: 'streamstop'; kind: 'video' | 'audio'; ssrc: number; reason: 'bye' | 'timeout' }
  /** A track that is being sent came to its end and everything of it was sent. */
  | { type: 'sent'; id: number }
  /** Something that goes on working but should be known, at most once a second for each code, with
   * the count since the session began:
   * ERR_AUTHENTICATION_FAILED (wrong key or forged), ERR_REPLAYED, ERR_OVERFLOW, ERR_UNREACHABLE. */
  | { type: 'warning'; code: string; message: string; count: number }
  | { type: 'error'; error: NativeFailure };

export interface NativeAddress {
  /** Host name or numeric address; resolved by the addon without blocking the loop. */
  host: string;
  port: number;
  /** 16 bytes of key and 12 of salt (AEAD_AES_128_GCM, RFC 7714). */
  key: Uint8Array;
}

export interface NativeSinks {
  /** Y4M file of every decoded frame. */
  videoFile?: string;
  /** WAV file of everything that was played. */
  audioFile?: string;
  /** ALSA device to play on. */
  audioDevice?: string;
}

/** One line for each frame; -1 where a stage did not happen. */
export interface NativeTraceRecord {
  rtpTimestamp: number;
  /** Sending: when the source gave it. Receiving: estimated from sender reports, else -1. */
  captureTime: number;
  /** Sending: position in the source. Receiving: -1. */
  mediaTime: number;
  /** Sending: after the encoder. Receiving: when the last packet was there. */
  codedTime: number;
  /** Sending: when its first packet left. Receiving: when it was decoded and handed to the sinks. */
  doneTime: number;
  bytes: number;
  key: boolean;
  damaged: boolean;
}

export interface NativeSession {
  addVideo(track: NativeVideoTrack, options: { maxBitrate: number; keyFrameInterval: number }): number;
  addAudio(track: NativeAudioTrack, options: { maxBitrate: number }): number;
  setBitrate(id: number, maxBitrate: number): void;
  requestKeyFrame(id: number): void;
  /** Opens the link and starts sending the tracks. Throws if the address cannot be resolved. */
  publish(to: NativeAddress): void;
  /** Opens the port and starts receiving. Throws ERR_ADDRESS_IN_USE. */
  subscribe(on: NativeAddress, sinks: NativeSinks): void;
  /** Port that the link uses. */
  localPort(): number;
  /** Coded frames for the recorder, through a queue of 128; null stops them. */
  setChunkCallback(callback: ((chunks: NativeChunk[]) => void) | null): void;
  setFrameCallback(callback: ((frame: NativeFrame) => void) | null): void;
  setAudioCallback(callback: ((audio: NativeAudio) => void) | null): void;
  /** Flat counters, named as in src/stats.ts. */
  getStats(): NativeStats;
  /** Trace records since the last call; kept from the first call on, up to 4096 between calls. */
  readTrace(): NativeTraceRecord[];
  /** Takes no more from the tracks; `done` is called once everything taken before has been sent and,
   * if asked for, sent again (at most about half a second of waiting for such requests). */
  drain(done: () => void): void;
  /** Says goodbye on the wire, stops every thread, closes files. No event afterwards. Twice is once. */
  close(): void;
}

/** Absent groups: that kind is not sent or received. Seconds, bytes, counts. */
export interface NativeStats {
  /** CLOCK_MONOTONIC, microseconds. */
  timestamp: number;
  outboundVideo?: Record<string, number>;
  outboundAudio?: Record<string, number>;
  remoteInboundVideo?: Record<string, number>;
  remoteInboundAudio?: Record<string, number>;
  inboundVideo?: Record<string, number>;
  inboundAudio?: Record<string, number>;
  transport?: Record<string, number>;
}

export interface NativeLink {
  readonly port: number;
  setConditions(conditions: NativeLinkConditions): void;
  counters(): { sent: number; lost: number; delivered: number };
  close(): void;
}

export interface NativeLinkConditions {
  lossPercent: number;
  delayMs: number;
  jitterMs: number;
}

export interface NativeDevice {
  kind: 'camera' | 'microphone' | 'speaker';
  /** What a source word takes: /dev/video0, hw:1,0 */
  path: string;
  name: string;
  driver: string;
}

export interface Native {
  readonly version: string;
  openVideoTrack(source: NativeVideoSource, onEvent: (event: NativeTrackEvent) => void): NativeVideoTrack;
  openAudioTrack(source: NativeAudioSource, onEvent: (event: NativeTrackEvent) => void): NativeAudioTrack;
  createSession(onEvent: (event: NativeSessionEvent) => void): NativeSession;
  /** A UDP relay on the loopback address with loss, delay and jitter in both directions. */
  openLink(options: NativeLinkConditions & { port: number; targetPort: number; seed: number }): NativeLink;
  listDevices(): NativeDevice[];
  /** Whether this process may use SCHED_RR, and if not, why. */
  realtime(): { allowed: boolean; reason: string };
  /** Luma quality of two packed I420 pictures of the same size. */
  imageQuality(a: Uint8Array, b: Uint8Array, width: number, height: number): { mse: number; ssim: number };
}
