/** Records what a session receives, as it came: nothing is encoded again. */
import { access, constants } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { Emitter } from './emitter.js';
import { checkString, fromFileError, invalidArgument, MediaError } from './errors.js';
import { findSps, parseSps } from './h264_sps.js';
import type { SpsInfo } from './h264_sps.js';
import { Mp4File } from './mp4_file.js';
import type { NativeChunk } from './native.js';
import type { ChunkSink, Session } from './session.js';

/** Chunks that wait for the disk, about 8 s, before whole frames are dropped up to a key frame. */
const kQueueLimit = 640;
/** Media time that a file waits for the other kind of stream before it is begun without it. */
const kWaitTime = 1_000_000;
/** Milliseconds for what was still in the jitter buffer when the sender stopped. */
const kLateTime = 500;

export interface RecordedFile {
  path: string;
  /** Coded video frames. */
  frames: number;
  /** Opus packets. */
  audioPackets: number;
  /** Seconds. */
  duration: number;
  bytes: number;
}

export type RecorderEvents = {
  /** A file was begun. */
  start: [path: string];
  /** A file is complete. */
  finish: [RecordedFile];
  /**
   * Recording stopped for good, such as `ERR_DISK_FULL`; what was written plays, and the session
   * goes on.
   */
  error: [MediaError];
};

type StreamChange = { stream: 'start' | 'stop' | 'over'; kind: 'video' | 'audio' };
type Item = NativeChunk | StreamChange;

/**
 * Writes fragmented MP4. A file begins at the first key frame; when the sender stops it is completed,
 * and a sender that starts again gets the next file: received.mp4, received-2.mp4, ...
 */
export class Recorder extends Emitter<RecorderEvents> implements ChunkSink {
  readonly #session: Session;
  readonly #path: string;
  readonly #active = new Set<'video' | 'audio'>();
  readonly #queue: Item[] = [];
  #pump: Promise<void> | undefined;
  #file: Mp4File | undefined;
  /** Chunks of the file that is about to begin. */
  #held: NativeChunk[] = [];
  #lateTimer: NodeJS.Timeout | undefined;
  #failed = false;
  #needsKey = false;
  #closing: Promise<void> | undefined;
  /** Completed files, oldest first. */
  readonly files: RecordedFile[] = [];
  /** Chunks that came before the first key frame, and that the disk was too slow for. */
  readonly dropped = { beforeKeyFrame: 0, overflow: 0 };

  /**
   * Starts to record; stop it with stop() or by closing the session.
   * @param path of the first file, ending in ".mp4"; what is there is replaced.
   * @throws TypeError, RangeError, MediaError if the folder cannot be written
   */
  static async start(session: Session, path: string): Promise<Recorder> {
    checkString('path', path, 'a file name that ends in ".mp4"');
    if (extname(path) !== '.mp4')
      throw invalidArgument('a file name that ends in ".mp4"', 'path', path, true);
    const folder = dirname(path);
    await access(folder, constants.W_OK).catch((error: unknown) => {
      throw fromFileError(error, folder);
    });
    const recorder = new Recorder(session, path);
    session.attachSink(recorder);
    return recorder;
  }

  private constructor(session: Session, path: string) {
    super();
    this.#session = session;
    this.#path = path;
  }

  /** Completes the file and stops. Twice is once. */
  stop(): Promise<void> {
    this.#session.detachSink(this);
    return this.close();
  }

  /** @internal Called by the session when it closes. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  /** @internal */
  handleChunks(chunks: NativeChunk[]): void {
    if (this.#failed || this.#closing) return;
    for (const chunk of chunks) this.#enqueue(chunk);
    this.#pump ??= this.#run();
  }

  /** @internal */
  handleStream(stream: StreamChange['stream'], kind: 'video' | 'audio'): void {
    if (this.#failed || this.#closing) return;
    this.#queue.push({ stream, kind });
    this.#pump ??= this.#run();
  }

  #enqueue(chunk: NativeChunk): void {
    if (this.#queue.length >= kQueueLimit) this.#needsKey = true;
    else if (chunk.kind === 'video' && chunk.key) this.#needsKey = false;
    const drop = this.#queue.length >= kQueueLimit || (this.#needsKey && chunk.kind === 'video');
    if (drop) this.dropped.overflow++;
    else this.#queue.push(chunk);
  }

  async #finish(): Promise<void> {
    await this.#pump;
    clearTimeout(this.#lateTimer);
    if (!this.#failed) await this.#guard(() => this.#endAll());
    this.silence();
  }

  async #endAll(): Promise<void> {
    if (!this.#file && this.#active.size > 0) await this.#beginFile();
    await this.#endFile();
  }

  async #run(): Promise<void> {
    for (let item = this.#queue.shift(); item && !this.#failed; item = this.#queue.shift()) {
      const current = item;
      await this.#guard(() => ('stream' in current ? this.#takeStream(current) : this.#takeChunk(current)));
    }
    this.#pump = undefined;
  }

  /** The first failure ends the recording. */
  async #guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#failed = true;
      this.#queue.length = 0;
      this.#held = [];
      if (this.#file) this.#note(this.#file);
      this.#file = undefined;
      this.emit('error', error instanceof MediaError ? error : fromFileError(error, this.#path));
    }
  }

  async #takeStream({ stream, kind }: StreamChange): Promise<void> {
    clearTimeout(this.#lateTimer);
    if (stream === 'start') {
      // The clock of a new stream begins afresh, so it cannot go on in the same file.
      const again = this.#active.size === 0 || (this.#file && this.#holds(this.#file, kind));
      if (again) await this.#endFile();
      if (this.#active.has(kind)) this.#held = this.#held.filter((chunk) => chunk.kind !== kind);
      this.#active.add(kind);
      return;
    }
    if (stream === 'stop') this.#active.delete(kind);
    if (this.#active.size > 0) return;
    if (stream === 'over') return this.#endFile();
    // A stream that ended before its file was begun is recorded all the same.
    if (!this.#file) await this.#beginFile();
    this.#lateTimer = setTimeout(() => this.handleStream('over', kind), kLateTime);
  }

  #holds(file: Mp4File, kind: 'video' | 'audio'): boolean {
    return kind === 'video' ? file.tracks.video !== undefined : file.tracks.audio;
  }

  async #takeChunk(chunk: NativeChunk): Promise<void> {
    if (this.#file && this.#mustRotate(this.#file, chunk)) await this.#endFile();
    if (!this.#file) return this.#hold(chunk);
    if (this.#holds(this.#file, chunk.kind)) await this.#file.add(chunk);
    else this.dropped.beforeKeyFrame++;
  }

  /** A key frame begins a new file if the picture changed or the file lacks a stream that is there. */
  #mustRotate(file: Mp4File, chunk: NativeChunk): boolean {
    if (chunk.kind !== 'video' || !chunk.key) return false;
    const sps = readSps(chunk);
    if (!sps) return false;
    const { video, audio } = file.tracks;
    const changed =
      !video || video.width !== sps.width || video.height !== sps.height || video.codec !== sps.codec;
    return changed || (!audio && this.#active.has('audio'));
  }

  /** Collects the begin of a file until it is known which streams there are. */
  async #hold(chunk: NativeChunk): Promise<void> {
    const earlier = this.#held.find(({ kind }) => kind === chunk.kind);
    const stray = earlier && chunk.timestamp < earlier.timestamp - kWaitTime;
    // What waits is from a clock before this one, or of a stream that never started.
    if (stray || this.#held.length > kQueueLimit) this.#held = [];
    const hasKey = this.#held[0]?.kind === 'video';
    if (chunk.kind === 'video' && !hasKey) {
      if (!chunk.key || !readSps(chunk)) {
        this.dropped.beforeKeyFrame++;
        return;
      }
      this.dropped.beforeKeyFrame += this.#held.length;
      this.#held = [];
    } else if (chunk.kind === 'audio' && !hasKey && this.#active.has('video')) {
      this.dropped.beforeKeyFrame++;
      return;
    }
    this.#held.push(chunk);
    const first = this.#held[0] ?? chunk;
    const both = this.#held.some((held) => held.kind !== first.kind);
    const waited = chunk.kind === first.kind && chunk.timestamp - first.timestamp >= kWaitTime;
    // Frames may overtake the event of their start; before it, it is not known to which file they belong.
    if ((both || waited) && this.#active.has(first.kind)) await this.#beginFile();
  }

  async #beginFile(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    const [first] = held;
    if (!first) return;
    const audio = held.some((chunk) => chunk.kind === 'audio');
    const video = first.kind === 'video' ? readSps(first) : undefined;
    this.#file = await Mp4File.create(this.#nextPath(), video ? { video, audio } : { audio });
    this.emit('start', this.#file.path);
    for (const chunk of held) await this.#file.add(chunk);
  }

  #nextPath(): string {
    const number = this.files.length + 1;
    return number === 1 ? this.#path : `${this.#path.slice(0, -'.mp4'.length)}-${number}.mp4`;
  }

  async #endFile(): Promise<void> {
    const file = this.#file;
    if (!file) return;
    await file.finish();
    this.#file = undefined;
    this.emit('finish', this.#note(file));
  }

  #note(file: Mp4File): RecordedFile {
    const { path, frames, audioPackets, duration, size } = file;
    const recorded = { path, frames, audioPackets, duration, bytes: size };
    this.files.push(recorded);
    return recorded;
  }
}

function readSps(chunk: NativeChunk): SpsInfo | undefined {
  const unit = findSps(chunk.data);
  return unit && parseSps(unit);
}
