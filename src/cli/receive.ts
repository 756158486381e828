/** `boardcast receive` */
import { isLoopback, parseUdpUrl, udpUrl } from '../address.js';
import { generateKey } from '../key.js';
import type { VideoReceiver } from '../receiver.js';
import { Recorder } from '../recorder.js';
import { createSession } from '../session.js';
import type { Session, SubscribeOptions } from '../session.js';
import type { StatsReport } from '../stats.js';
import type { Options } from './args.js';
import { kCommonOptions, kKeyOptions, say } from './command.js';
import type { Command } from './command.js';
import { readKey } from './key_option.js';
import { describeReceiving, Progress } from './progress.js';
import { saveSnapshots } from './snapshots.js';
import { exitCode, Stop } from './stop.js';
import type { StopReason } from './stop.js';
import { TraceReader } from './trace_file.js';

const kDefaultListen = 'udp://127.0.0.1:5004';

/** One run of the command: what it opened is closed in every case, and files are completed. */
class ReceiveRun {
  readonly #options: Options;
  readonly #stop = new Stop();
  #session: Session | undefined;
  #recorder: Recorder | undefined;
  #recordingFailed = false;
  #progress: Progress | undefined;
  #trace: TraceReader | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  async run(url: string, key: Uint8Array | undefined): Promise<number> {
    try {
      const ready = this.#start(url, key).then(() => this.#stop.reason);
      return await this.#finish(await Promise.race([ready, this.#stop.reason]));
    } finally {
      await this.#close();
      this.#stop.release();
    }
  }

  async #start(url: string, given: Uint8Array | undefined): Promise<void> {
    const key = given ?? generateKey();
    const { signal } = this.#stop;
    const session = await createSession();
    this.#session = session;
    this.#watch(session);
    const record = this.#options.text('record');
    if (record !== undefined) this.#watchRecorder((this.#recorder = await Recorder.start(session, record)));
    if (this.#options.has('trace')) {
      this.#trace = new TraceReader(session, this.#options.text('trace'), (error) => this.#stop.fail(error));
    }
    await session.subscribe(url, { key, signal, ...this.#sinks() });
    this.#progress = new Progress(session, describeReceiving);
    const { host } = parseUdpUrl('--listen', url);
    const address = udpUrl({ host, port: session.localPort });
    this.#progress.note(`Listening on ${address}`);
    if (typeof key === 'string') this.#explain(address, host, key);
    this.#stop.after(this.#options.number('seconds', 0.001, 1e9));
  }

  #watch(session: Session): void {
    session.on('warning', ({ message, count }) => {
      this.#say(`Warning: ${message}${count > 1 ? ` (${count} times)` : ''}`);
    });
    session.on('error', (error) => this.#stop.fail(error));
    session.on('streamstart', ({ kind }) => this.#say(`The sender's ${kind} began`));
    session.on('streamstop', ({ kind, reason }) => {
      this.#say(
        `The sender's ${kind} ended (${reason === 'bye' ? 'it said goodbye' : 'nothing came for 2 s'})`,
      );
    });
    session.on('track', (receiver) => {
      if (receiver.kind === 'video') this.#startSnapshots(receiver);
    });
  }

  #watchRecorder(recorder: Recorder): void {
    recorder.on('start', (path) => this.#say(`Recording ${path}`));
    recorder.on('finish', ({ path, duration }) => this.#say(`Recorded ${path}: ${duration.toFixed(1)} s`));
    recorder.on('error', (error) => {
      this.#recordingFailed = true;
      this.#say(`Recording stopped: ${error.message}; what was written can be played`);
    });
  }

  #sinks(): Partial<SubscribeOptions> {
    const [video, audio, play] = ['video', 'audio', 'play'].map((name) => this.#options.text(name));
    return {
      ...(video !== undefined && { videoFile: video }),
      ...(audio !== undefined && { audioFile: audio }),
      ...(play !== undefined && { audioDevice: play === '' ? 'default' : play }),
    };
  }

  #startSnapshots(receiver: VideoReceiver): void {
    const folder = this.#options.text('snapshots');
    if (folder === undefined) return;
    const frames = receiver.frames({ signal: this.#stop.signal });
    saveSnapshots(frames, folder).catch((error: unknown) => this.#stop.fail(error));
  }

  #explain(address: string, host: string, key: string): void {
    this.#say(`Send to it with:\n  boardcast send --to ${address} --key ${key}`);
    if (isLoopback(host))
      this.#say('Only this machine can send to it; --listen udp://0.0.0.0:5004 lets others.');
  }

  async #finish(reason: StopReason): Promise<number> {
    const seconds = this.#progress?.seconds ?? 0;
    await this.#close();
    const stats = await this.#session?.getStats();
    const files = this.#recorder?.files ?? [];
    if (this.#options.has('json')) {
      const result = {
        command: 'receive',
        seconds,
        reason,
        files: files.map(({ path }) => path),
        stats: stats ?? {},
      };
      process.stdout.write(`${JSON.stringify(result)}\n`);
    }
    if (reason === 'seconds' && !hasReceived(stats)) {
      say('boardcast receive: nothing was received');
      return 1;
    }
    return this.#recordingFailed ? 1 : exitCode(reason);
  }

  async #close(): Promise<void> {
    const trace = this.#trace;
    this.#trace = undefined;
    try {
      trace?.close();
    } finally {
      await this.#session?.close();
      this.#progress?.stop();
    }
  }

  #say(text: string): void {
    if (this.#progress) this.#progress.note(text);
    else say(text);
  }
}

function hasReceived(stats: StatsReport | undefined): boolean {
  const received = (kind: 'video' | 'audio'): number =>
    stats?.find('inbound-rtp', kind)?.packetsReceived ?? 0;
  return received('video') + received('audio') > 0;
}

export const receiveCommand: Command = {
  name: 'receive',
  summary: 'Receives what a sender sends: records it, writes it to files, plays it',
  usage:
    'Usage: boardcast receive [--listen udp://HOST:PORT] [--key KEY | --key-file FILE] [options]\n\n' +
    'Without a key it makes one and shows the command that sends to it.\n' +
    'Runs until --seconds are over or Ctrl-C; a sender that starts again is taken up, and a recording\n' +
    'goes on in the next file: received.mp4, received-2.mp4, ...\n\n' +
    'Example: boardcast receive --listen udp://0.0.0.0:5004 --key-file key.txt --record received.mp4',
  options: {
    listen: { value: 'URL', help: `where to listen (default ${kDefaultListen}, this machine only)` },
    ...kKeyOptions,
    record: { value: 'FILE', help: 'record to an MP4 file, without encoding again' },
    video: { value: 'FILE', help: 'write decoded frames to a Y4M file' },
    audio: { value: 'FILE', help: 'write decoded sound to a WAV file' },
    play: { value: 'DEVICE', optional: true, help: 'play the sound (default device: default)' },
    seconds: { value: 'N', help: 'end N seconds after the start' },
    trace: { value: 'FILE', help: 'write a CSV line for each frame' },
    snapshots: { value: 'DIR', help: 'save a frame every 2 s (raw I420), at most 8' },
    ...kCommonOptions,
  },
  run(options) {
    const url = options.text('listen') ?? kDefaultListen;
    parseUdpUrl('--listen', url);
    return new ReceiveRun(options).run(url, readKey(options));
  },
};
