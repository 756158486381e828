/** `boardcast send` */
import { parseUdpUrl } from '../address.js';
import type { Device } from '../devices.js';
import { listDevices } from '../devices.js';
import { VideoTrack } from '../media_track.js';
import type { MediaTrack, VideoFrame } from '../media_track.js';
import { openSource } from '../open_source.js';
import type { Sender } from '../sender.js';
import { kBitrateRange } from '../sender.js';
import { createSession } from '../session.js';
import type { Session } from '../session.js';
import { isAudioSource, kSourceForms, parseSource } from '../source.js';
import { UsageError } from './args.js';
import type { Options } from './args.js';
import { kCommonOptions, kKeyOptions, say } from './command.js';
import type { Command } from './command.js';
import { deviceWord } from './devices.js';
import { readKey } from './key_option.js';
import { describeSending, Progress } from './progress.js';
import { rtpTimestampAt, saveSnapshots } from './snapshots.js';
import { exitCode, Stop } from './stop.js';
import type { StopReason } from './stop.js';
import { TraceReader } from './trace_file.js';

const kDefaultBitrate = 600_000;
const kDefaultAudioBitrate = 48_000;

/** The inputs of a machine: its first camera and microphone, else pattern and tone; and why. */
export function defaultInputs(devices: Device[]): { inputs: string[]; text: string } {
  const camera = devices.find(({ kind }) => kind === 'camera');
  const microphone = devices.find(({ kind }) => kind === 'microphone');
  const inputs = [camera ? deviceWord(camera) : 'pattern:', microphone ? deviceWord(microphone) : 'tone:'];
  const missing = [...(camera ? [] : ['camera']), ...(microphone ? [] : ['microphone'])];
  const reason = missing.length > 0 ? ` (no ${missing.join(' and no ')} found)` : '';
  return { inputs, text: `Input: ${inputs.join(' and ')}${reason}` };
}

/** @throws UsageError unless there is at most one word of each kind. */
export function checkInputs(inputs: string[]): void {
  const audio = inputs.filter((word) => isAudioSource(parseSource(word))).length;
  if (audio > 1 || inputs.length - audio > 1) {
    throw new UsageError('--input is given once for video and once for sound at most');
  }
}

/** One run of the command: what it opened is closed in every case. */
class SendRun {
  readonly #options: Options;
  readonly #stop = new Stop();
  readonly #tracks: MediaTrack[] = [];
  #session: Session | undefined;
  #progress: Progress | undefined;
  #trace: TraceReader | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  async run(url: string, key: Uint8Array, inputs: string[]): Promise<number> {
    try {
      const ready = this.#start(url, key, inputs).then(() => this.#stop.reason);
      return await this.#finish(await Promise.race([ready, this.#stop.reason]));
    } finally {
      await this.#close();
      this.#stop.release();
    }
  }

  async #start(url: string, key: Uint8Array, inputs: string[]): Promise<void> {
    const { signal } = this.#stop;
    const session = await createSession();
    this.#session = session;
    session.on('warning', ({ message }) => this.#say(`Warning: ${message}`));
    session.on('error', (error) => this.#stop.fail(error));
    const senders: Sender[] = [];
    const loop = this.#options.has('loop');
    for (const input of inputs) {
      const track = await openSource(input, { loop, signal });
      if (signal.aborted) return track.stop();
      this.#tracks.push(track);
      track.on('error', (error) => this.#stop.fail(error));
      track.on('warning', (warning) => this.#say(`Warning: ${warning.message}`));
      senders.push(await session.addTrack(track, { maxBitrate: this.#bitrate(track.kind) }));
    }
    this.#watchEnd(senders);
    if (this.#options.has('trace') || this.#options.has('snapshots')) {
      this.#trace = new TraceReader(session, this.#options.text('trace'), (error) => this.#stop.fail(error));
    }
    await session.publish(url, { key, signal });
    this.#progress = new Progress(session, describeSending);
    this.#say(`Sending to ${url}`);
    this.#startSnapshots();
    this.#stop.after(this.#options.number('seconds', 0.001, 1e9));
  }

  /** The command ends with the files that it sends; what has no end does not keep it running. */
  #watchEnd(senders: Sender[]): void {
    const finite = new Set(senders.filter(({ track }) => track.label.startsWith('file:')));
    for (const sender of finite) {
      sender.on('ended', () => {
        finite.delete(sender);
        if (finite.size === 0) this.#stop.now('ended');
      });
    }
  }

  #startSnapshots(): void {
    const folder = this.#options.text('snapshots');
    for (const track of this.#tracks) {
      if (folder === undefined || !(track instanceof VideoTrack)) continue;
      const frames = track.frames({ signal: this.#stop.signal });
      const timestampOf = ({ captureTime }: VideoFrame): number | undefined => {
        const sent = this.#trace?.last;
        return sent && rtpTimestampAt(captureTime, sent);
      };
      saveSnapshots(frames, folder, timestampOf).catch((error: unknown) => this.#stop.fail(error));
    }
  }

  #bitrate(kind: 'video' | 'audio'): number {
    const { min, max } = kBitrateRange[kind];
    return kind === 'video'
      ? Math.round(this.#options.number('bitrate', min, max) ?? kDefaultBitrate)
      : Math.round(this.#options.number('audio-bitrate', min, max) ?? kDefaultAudioBitrate);
  }

  async #finish(reason: StopReason): Promise<number> {
    const seconds = this.#progress?.seconds ?? 0;
    await this.#close();
    const stats = (await this.#session?.getStats())?.toJSON() ?? {};
    if (this.#options.has('json')) {
      process.stdout.write(`${JSON.stringify({ command: 'send', seconds, reason, files: [], stats })}\n`);
    }
    return exitCode(reason);
  }

  async #close(): Promise<void> {
    this.#progress?.stop();
    const trace = this.#trace;
    this.#trace = undefined;
    try {
      await this.#session?.drain();
      trace?.close();
    } finally {
      await this.#session?.close();
      for (const track of this.#tracks) track.stop();
    }
  }

  #say(text: string): void {
    if (this.#progress) this.#progress.note(text);
    else say(text);
  }
}

export const sendCommand: Command = {
  name: 'send',
  summary: 'Sends a camera, a file or a test pattern to a receiver',
  usage:
    'Usage: boardcast send --to udp://HOST:PORT [--key KEY | --key-file FILE] [--input WORD]... [options]\n\n' +
    `Inputs: ${kSourceForms.join(', ')}.\n` +
    'Without --input: the first camera and microphone, else pattern: and tone:.\n' +
    'Ends with the files that are sent, after --seconds, or with Ctrl-C.\n\n' +
    'Example: boardcast send --input file:clip.mp4 --input tone: --to udp://192.168.1.20:5004 --key-file key.txt',
  options: {
    to: { value: 'URL', help: 'where to send, such as udp://192.168.1.20:5004' },
    ...kKeyOptions,
    input: { value: 'WORD', multiple: true, help: 'what to send; once for video, once for sound' },
    bitrate: {
      value: 'BITS',
      help: `video, in bit/s, without repair and headers (default ${kDefaultBitrate})`,
    },
    'audio-bitrate': { value: 'BITS', help: `sound, in bit/s (default ${kDefaultAudioBitrate})` },
    loop: { help: 'start files again at their end' },
    seconds: { value: 'N', help: 'end after N seconds' },
    trace: { value: 'FILE', help: 'write a CSV line for each frame' },
    snapshots: { value: 'DIR', help: 'save a frame every 2 s (raw I420), at most 8' },
    ...kCommonOptions,
  },
  async run(options) {
    const url = options.text('to');
    if (url === undefined) throw new UsageError('--to is needed, such as --to udp://192.168.1.20:5004');
    parseUdpUrl('--to', url);
    const key = readKey(options);
    if (!key)
      throw new UsageError('a key is needed: --key, --key-file or $BOARDCAST_KEY (`receive` makes one)');
    let inputs = options.all('input');
    checkInputs(inputs);
    if (inputs.length === 0) {
      const chosen = defaultInputs(listDevices());
      say(chosen.text);
      inputs = chosen.inputs;
    }
    return new SendRun(options).run(url, key, inputs);
  },
};
