/** Plays clips that the built-in decoder cannot decode: the program ffmpeg decodes them for it. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdtemp, open, rm, watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClipOptions } from './clip_options.js';
import { MediaError } from './errors.js';
import { VideoTrack } from './media_track.js';
import type { NativeTrackEvent } from './native.js';

/** The end of what ffmpeg says is kept, in characters. */
const kMaxMessages = 4000;
/** Milliseconds without a sign of pictures after which the addon waits for them. */
const kFirstWriteTimeout = 5000;
const kDecoders = new Set<FfmpegDecoder>();
let cleansUp = false;

/**
 * Opens a clip of `format` (for messages, such as "VP9"). The pictures go from ffmpeg to the addon
 * through a FIFO and never through JavaScript.
 * @throws MediaError `ERR_UNSUPPORTED` without ffmpeg, `ERR_FFMPEG_FAILED` with its last words.
 */
export async function openFfmpegClip(
  path: string,
  format: string,
  options: ClipOptions,
): Promise<VideoTrack> {
  const folder = await mkdtemp(join(tmpdir(), 'boardcast-'));
  try {
    const fifo = join(folder, 'clip.y4m');
    await promisify(execFile)('mkfifo', ['-m', '600', fifo]);
    return await openThrough(fifo, path, format, options);
  } finally {
    // Both sides have opened the FIFO, or never will.
    await rm(folder, { recursive: true, force: true });
  }
}

async function openThrough(
  fifo: string,
  path: string,
  format: string,
  options: ClipOptions,
): Promise<VideoTrack> {
  // Keeps the pictures in the FIFO until the addon has opened it; nobody waits in open() for that.
  const holder = await open(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  let decoder: FfmpegDecoder | undefined;
  try {
    const written = waitForWrite(fifo);
    const output = await open(fifo, constants.O_WRONLY);
    decoder = new FfmpegDecoder(path, format, output.fd, options.loop);
    await output.close();
    await Promise.race([written, decoder.closed]);
    if (decoder.failure) throw decoder.failure;
    return openTrack(fifo, path, decoder, options);
  } catch (error) {
    decoder?.stop();
    throw error;
  } finally {
    await holder.close();
  }
}

/** Where files cannot be watched it ends at once: then the addon waits for ffmpeg to start. */
async function waitForWrite(fifo: string): Promise<void> {
  try {
    for await (const change of watch(fifo, { signal: AbortSignal.timeout(kFirstWriteTimeout) })) {
      if (change.eventType === 'change') return;
    }
  } catch {
    return;
  }
}

function openTrack(fifo: string, path: string, decoder: FfmpegDecoder, options: ClipOptions): VideoTrack {
  const onEvent = (event: NativeTrackEvent): void => {
    // Why ffmpeg ended comes before what followed from it. A clip that loops has no end.
    const early = event.type === 'ended' && options.loop;
    const failure = early ? decoder.describeFailure() : decoder.failure;
    if (failure) track.fail(failure);
    if (event.type === 'error') {
      event.error.message = event.error.message.replaceAll(fifo, path);
      event.error.path = path;
    }
    decoder.stop();
  };
  let track: VideoTrack;
  try {
    const source = { kind: 'y4m', path: fifo, loop: false, paced: options.paced } as const;
    track = VideoTrack.open(source, options.label, options.paced, onEvent);
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    throw new MediaError(error.code, error.message.replaceAll(fifo, path), { path, cause: error });
  }
  track.onStop = () => decoder.stop();
  return track;
}

/** One ffmpeg that writes a clip as Y4M. It ends with this process: when that is killed, by SIGPIPE. */
class FfmpegDecoder {
  /** Resolves when ffmpeg has ended and all that it said is there, or when there is no ffmpeg. */
  readonly closed: Promise<void>;
  readonly #path: string;
  readonly #format: string;
  readonly #process: ChildProcess;
  #messages = '';
  #failure: MediaError | undefined;
  #stopped = false;

  constructor(path: string, format: string, output: number, loop: boolean) {
    this.#path = path;
    this.#format = format;
    const args = ['-nostdin', '-v', 'error', '-threads', '1', ...(loop ? ['-stream_loop', '-1'] : [])];
    args.push('-f', 'mov', '-i', `file:${path}`, '-an');
    // The addon takes pictures of even size only.
    args.push('-vf', 'crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0', '-pix_fmt', 'yuv420p');
    args.push('-flush_packets', '1', '-f', 'yuv4mpegpipe', 'pipe:1');
    this.#process = spawn('ffmpeg', args, { stdio: ['ignore', output, 'pipe'] });
    this.#process.stderr?.on('data', (data: Buffer) => {
      this.#messages = (this.#messages + data.toString()).slice(-kMaxMessages);
    });
    this.closed = this.#watchEnd();
    stopAtExit(this);
  }

  /** Why ffmpeg has ended; undefined while it runs, after a good end and after stop(). */
  get failure(): MediaError | undefined {
    return this.#failure;
  }

  /** The failure of an ffmpeg that has ended too early. */
  describeFailure(): MediaError {
    const reason = this.#messages.trim().split('\n').at(-1) || 'it ended';
    const text = `${this.#path} holds ${this.#format}, which ffmpeg failed to decode: ${reason}`;
    return this.#failure ?? new MediaError('ERR_FFMPEG_FAILED', text, { path: this.#path });
  }

  /** Ends ffmpeg. Twice is once. */
  stop(): void {
    this.#stopped = true;
    this.#process.kill('SIGKILL');
  }

  #watchEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.#process.on('error', (cause) => {
        this.#failure = unplayable(this.#path, this.#format, cause);
        kDecoders.delete(this);
        resolve();
      });
      this.#process.on('close', (code) => {
        if (code !== 0 && !this.#stopped) this.#failure = this.describeFailure();
        kDecoders.delete(this);
        resolve();
      });
    });
  }
}

function stopAtExit(decoder: FfmpegDecoder): void {
  kDecoders.add(decoder);
  if (cleansUp) return;
  cleansUp = true;
  process.on('exit', () => kDecoders.forEach((running) => running.stop()));
}

function unplayable(path: string, format: string, cause: Error): MediaError {
  const problem = `${path} holds ${format}, which only the program ffmpeg can decode, and it does not start`;
  const remedy = `install ffmpeg, or convert the file with ffmpeg -i IN -c:v libx264 -pix_fmt yuv420p OUT.mp4`;
  return new MediaError('ERR_UNSUPPORTED', `${problem}: ${remedy}`, { path, cause });
}
