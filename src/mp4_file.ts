/** One fragmented MP4 file, written from coded frames. */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { EncodedAudioPacketSource, EncodedPacket, EncodedVideoPacketSource, Output } from 'mediabunny';
import { fromFileError } from './errors.js';
import type { SpsInfo } from './h264_sps.js';
import type { NativeChunk } from './native.js';

/** Media time in a fragment, in microseconds: what a kill may cost. */
const kFragmentTime = 1_000_000;

export interface Mp4Tracks {
  /** Of the first key frame. */
  video?: SpsInfo;
  audio: boolean;
}

/**
 * What is used of the muxer beyond mediabunny's published interface (its version is pinned for that):
 * by itself it ends a fragment at key frames only, and keeps a record of every frame until the end.
 */
interface FragmentMuxer {
  forceFragmentFinalization(): Promise<void>;
  processTimestamps(track: FragmentTrack): void;
  finalizedChunks: unknown[];
  trackDatas: FragmentTrack[];
}

interface FragmentTrack {
  timescale: number;
  lastSample: { duration: number; timescaleUnitsToNextSample: number } | null;
  finalizedChunks: { samples: { type: 'key' | 'delta' }[] }[];
}

interface Section {
  data: Uint8Array;
  position: number;
}

/**
 * Writes fragments of about 1 s, so that whatever cuts the recording off leaves a playable file.
 * Timestamps begin with the first chunk. When a write fails the file is cut back to its last whole
 * fragment.
 */
export class Mp4File {
  readonly path: string;
  readonly tracks: Mp4Tracks;
  readonly #file: FileHandle;
  readonly #output: Output;
  readonly #sections: Section[];
  readonly #video: EncodedVideoPacketSource | undefined;
  readonly #audio: EncodedAudioPacketSource | undefined;
  readonly #Packet: typeof EncodedPacket;
  #size = 0;
  #base: number | undefined;
  #fragmentStart = 0;
  readonly #lastTime = { video: -1, audio: -1 };
  frames = 0;
  audioPackets = 0;

  /** Creates the file, replacing what is there. @throws MediaError */
  static async create(path: string, tracks: Mp4Tracks): Promise<Mp4File> {
    const library = await import('./mediabunny.js');
    const sections: Section[] = [];
    const writable = new WritableStream<Section>({ write: (section) => void sections.push(section) });
    const output = new library.Output({
      format: new library.Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration: Infinity }),
      target: new library.StreamTarget(writable),
    });
    const video = tracks.video && new library.EncodedVideoPacketSource('avc');
    const audio = tracks.audio ? new library.EncodedAudioPacketSource('opus') : undefined;
    if (video) output.addVideoTrack(video);
    if (audio) output.addAudioTrack(audio);
    await output.start();
    let file: FileHandle;
    try {
      file = await open(path, 'w');
    } catch (error) {
      throw fromFileError(error, path);
    }
    return new Mp4File(path, tracks, { file, output, sections, video, audio, Packet: library.EncodedPacket });
  }

  private constructor(
    path: string,
    tracks: Mp4Tracks,
    parts: {
      file: FileHandle;
      output: Output;
      sections: Section[];
      video: EncodedVideoPacketSource | undefined;
      audio: EncodedAudioPacketSource | undefined;
      Packet: typeof EncodedPacket;
    },
  ) {
    this.path = path;
    this.tracks = tracks;
    this.#file = parts.file;
    this.#output = parts.output;
    this.#sections = parts.sections;
    this.#video = parts.video;
    this.#audio = parts.audio;
    this.#Packet = parts.Packet;
  }

  /** Bytes on disk. */
  get size(): number {
    return this.#size;
  }

  /** Length of what was added, in seconds. */
  get duration(): number {
    return Math.max(this.#lastTime.video, this.#lastTime.audio, 0) / 1e6;
  }

  /** Adds a chunk; writes the fragment before it if that is long enough. @throws MediaError */
  async add(chunk: NativeChunk): Promise<void> {
    this.#base ??= chunk.timestamp;
    const time = Math.max(chunk.timestamp - this.#base, this.#lastTime[chunk.kind] + 1, 0);
    if (time - this.#fragmentStart >= kFragmentTime) await this.#endFragment(time);
    this.#lastTime[chunk.kind] = time;
    const type = chunk.kind === 'audio' || chunk.key ? 'key' : 'delta';
    const packet = new this.#Packet(chunk.data, type, time / 1e6, chunk.duration / 1e6);
    if (chunk.kind === 'video') await this.#addVideo(packet);
    else await this.#addAudio(packet);
  }

  /** Writes what is left and closes the file. @throws MediaError */
  async finish(): Promise<void> {
    await this.#output.finalize();
    await this.#write();
    await this.#file.close();
  }

  async #addVideo(packet: EncodedPacket): Promise<void> {
    const { video } = this.tracks;
    if (!this.#video || !video) return;
    const { width: codedWidth, height: codedHeight, codec } = video;
    const meta = this.frames === 0 ? { decoderConfig: { codec, codedWidth, codedHeight } } : undefined;
    await this.#video.add(packet, meta);
    this.frames++;
  }

  async #addAudio(packet: EncodedPacket): Promise<void> {
    if (!this.#audio) return;
    const decoderConfig = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 2 };
    await this.#audio.add(packet, this.audioPackets === 0 ? { decoderConfig } : undefined);
    this.audioPackets++;
  }

  async #endFragment(nextStart: number): Promise<void> {
    const muxer = (this.#output as unknown as { _muxer: FragmentMuxer })._muxer;
    for (const track of muxer.trackDatas) {
      muxer.processTimestamps(track);
      // The next frame is not known to the muxer yet: without this the last one would last 0 s.
      const last = track.lastSample;
      if (last) last.timescaleUnitsToNextSample = Math.round(last.duration * track.timescale);
    }
    await muxer.forceFragmentFinalization();
    muxer.finalizedChunks.length = 0;
    for (const track of muxer.trackDatas) {
      // Only fragments that begin with a key frame belong in the index at the end of the file.
      track.finalizedChunks = track.finalizedChunks.filter(({ samples }) => samples[0]?.type === 'key');
      for (const { samples } of track.finalizedChunks) samples.length = 1;
    }
    this.#fragmentStart = nextStart;
    await this.#write();
  }

  /** Moves the sections that the muxer made to the disk. */
  async #write(): Promise<void> {
    const good = this.#size;
    try {
      for (const { data, position } of this.#sections.splice(0)) {
        await writeFully(this.#file, data, position);
        this.#size = Math.max(this.#size, position + data.length);
      }
    } catch (error) {
      this.#size = good;
      await this.#file.truncate(good).catch(() => undefined);
      await this.#file.close().catch(() => undefined);
      throw fromFileError(error, this.path);
    }
  }
}

/** A full disk shows as a short write first and as an error on the next one. */
async function writeFully(file: FileHandle, data: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}
