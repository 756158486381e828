/** An addon without threads, devices or network: tests make the events themselves. */
import type {
  Native,
  NativeAddress,
  NativeAudio,
  NativeAudioSource,
  NativeAudioTrack,
  NativeChunk,
  NativeDevice,
  NativeFrame,
  NativeLink,
  NativeLinkConditions,
  NativeSession,
  NativeSessionEvent,
  NativeSinks,
  NativeStats,
  NativeTraceRecord,
  NativeTrackEvent,
  NativeVideoSource,
  NativeVideoTrack,
} from '#src/native.js';

export interface PushedChunk {
  data: Uint8Array;
  key: boolean;
  timestamp: number;
  duration: number;
}

export class FakeVideoTrack implements NativeVideoTrack {
  readonly chunks: PushedChunk[] = [];
  /** Chunks that fit before pushChunk() says no. */
  room = Infinity;
  ended = false;
  closed = 0;
  callback: ((frame: NativeFrame) => void) | null = null;
  onPush: (() => void) | undefined;

  constructor(
    readonly source: NativeVideoSource,
    readonly event: (event: NativeTrackEvent) => void,
  ) {}

  settings(): { width: number; height: number; frameRate: number } {
    return { width: 640, height: 360, frameRate: 30 };
  }
  pushChunk(data: Uint8Array, key: boolean, timestamp: number, duration: number): boolean {
    if (this.room <= 0) return false;
    this.room--;
    this.chunks.push({ data, key, timestamp, duration });
    this.onPush?.();
    return true;
  }
  endChunks(): void {
    this.ended = true;
    this.event({ type: 'ended' });
  }
  setFrameCallback(callback: ((frame: NativeFrame) => void) | null): void {
    this.callback = callback;
  }
  close(): void {
    this.closed++;
  }
}

export class FakeAudioTrack implements NativeAudioTrack {
  closed = 0;
  callback: ((audio: NativeAudio) => void) | null = null;
  constructor(
    readonly source: NativeAudioSource,
    readonly event: (event: NativeTrackEvent) => void,
  ) {}
  settings(): { channels: number; sampleRate: number } {
    return { channels: 2, sampleRate: 48_000 };
  }
  setAudioCallback(callback: ((audio: NativeAudio) => void) | null): void {
    this.callback = callback;
  }
  close(): void {
    this.closed++;
  }
}

export class FakeSession implements NativeSession {
  readonly calls: unknown[][] = [];
  stats: NativeStats = { timestamp: 0 };
  trace: NativeTraceRecord[] = [];
  chunkCallback: ((chunks: NativeChunk[]) => void) | null = null;
  frameCallback: ((frame: NativeFrame) => void) | null = null;
  audioCallback: ((audio: NativeAudio) => void) | null = null;
  closed = 0;
  drained = 0;
  /** Thrown by publish() and subscribe(). */
  failure: unknown;
  #nextId = 1;

  constructor(readonly event: (event: NativeSessionEvent) => void) {}

  addVideo(_track: NativeVideoTrack, options: { maxBitrate: number; keyFrameInterval: number }): number {
    this.calls.push(['addVideo', options]);
    return this.#nextId++;
  }
  addAudio(_track: NativeAudioTrack, options: { maxBitrate: number }): number {
    this.calls.push(['addAudio', options]);
    return this.#nextId++;
  }
  setBitrate(id: number, maxBitrate: number): void {
    this.calls.push(['setBitrate', id, maxBitrate]);
  }
  requestKeyFrame(id: number): void {
    this.calls.push(['requestKeyFrame', id]);
  }
  publish(to: NativeAddress): void {
    if (this.failure !== undefined) throw this.failure as Error;
    this.calls.push(['publish', to]);
  }
  subscribe(on: NativeAddress, sinks: NativeSinks): void {
    if (this.failure !== undefined) throw this.failure as Error;
    this.calls.push(['subscribe', on, sinks]);
  }
  localPort(): number {
    return 5004;
  }
  setChunkCallback(callback: ((chunks: NativeChunk[]) => void) | null): void {
    this.chunkCallback = callback;
  }
  setFrameCallback(callback: ((frame: NativeFrame) => void) | null): void {
    this.frameCallback = callback;
  }
  setAudioCallback(callback: ((audio: NativeAudio) => void) | null): void {
    this.audioCallback = callback;
  }
  getStats(): NativeStats {
    return this.stats;
  }
  readTrace(): NativeTraceRecord[] {
    return this.trace.splice(0);
  }
  drain(done: () => void): void {
    this.drained++;
    setImmediate(done);
  }
  close(): void {
    this.closed++;
  }
}

export class FakeLink implements NativeLink {
  readonly port = 40_000;
  closed = 0;
  constructor(public conditions: NativeLinkConditions) {}
  setConditions(conditions: NativeLinkConditions): void {
    this.conditions = conditions;
  }
  counters(): { sent: number; lost: number; delivered: number } {
    return { sent: 100, lost: 5, delivered: 95 };
  }
  close(): void {
    this.closed++;
  }
}

/** Remembers what it made. */
export class FakeNative implements Native {
  readonly version = '0.0.0-fake';
  readonly videoTracks: FakeVideoTrack[] = [];
  readonly audioTracks: FakeAudioTrack[] = [];
  readonly sessions: FakeSession[] = [];
  readonly links: FakeLink[] = [];
  devices: NativeDevice[] = [];
  /** Room of the next video track. */
  room = Infinity;

  openVideoTrack(source: NativeVideoSource, onEvent: (event: NativeTrackEvent) => void): NativeVideoTrack {
    const track = new FakeVideoTrack(source, onEvent);
    track.room = this.room;
    this.videoTracks.push(track);
    return track;
  }
  openAudioTrack(source: NativeAudioSource, onEvent: (event: NativeTrackEvent) => void): NativeAudioTrack {
    const track = new FakeAudioTrack(source, onEvent);
    this.audioTracks.push(track);
    return track;
  }
  createSession(onEvent: (event: NativeSessionEvent) => void): NativeSession {
    const session = new FakeSession(onEvent);
    this.sessions.push(session);
    return session;
  }
  openLink(options: NativeLinkConditions & { port: number; targetPort: number; seed: number }): NativeLink {
    const link = new FakeLink(options);
    this.links.push(link);
    return link;
  }
  listDevices(): NativeDevice[] {
    return this.devices;
  }
  realtime(): { allowed: boolean; reason: string } {
    return { allowed: false, reason: 'test' };
  }
  imageQuality(): { mse: number; ssim: number } {
    return { mse: 0, ssim: 1 };
  }
}

/** What the addon throws. */
export function nativeFailure(code: string, errno = 0, syscall = '', path = ''): Error {
  return Object.assign(new Error(`${code} happened`), { code, errno, syscall, path });
}

export function fakeFrame(rtpTimestamp: number): NativeFrame {
  return {
    width: 2,
    height: 2,
    data: new Uint8Array(6),
    rtpTimestamp,
    captureTime: 0,
    mediaTime: 0,
    damaged: false,
  };
}
