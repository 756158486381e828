/** The program `boardcast` in a process of its own, for tests. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import type { Stats } from '#src/stats.js';

const kMain = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
const kTimeout = 15_000;
export const kKey = '00112233445566778899aabbccddeeff00112233445566778899aabb';

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Lines of standard error. */
  lines: string[];
  /** The last line of standard output, if it is JSON. */
  result: {
    seconds: number;
    reason: string;
    files: string[];
    stats: Record<string, Stats & Record<string, number>>;
  };
}

/** One running command; kill what is left with killAll(). */
export class Program {
  static readonly #running = new Set<Program>();
  readonly process: ChildProcess;
  readonly lines: string[] = [];
  readonly ended: Promise<Ending>;
  #output = '';
  readonly #watchers = new Set<() => void>();

  static killAll(): void {
    for (const program of Program.#running) program.process.kill('SIGKILL');
  }

  constructor(args: string[], options: { key?: string; script?: boolean } = {}) {
    const command = options.script ? args : [kMain, ...args];
    this.process = spawn(process.execPath, command, {
      env: { ...process.env, BOARDCAST_KEY: options.key ?? kKey },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    Program.#running.add(this);
    this.process.stdout?.on('data', (data: Buffer) => (this.#output += data.toString()));
    if (this.process.stderr) {
      createInterface(this.process.stderr).on('line', (line) => {
        this.lines.push(line);
        for (const watch of this.#watchers) watch();
      });
    }
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        Program.#running.delete(this);
        for (const watch of this.#watchers) watch();
        resolve({ code, signal, lines: this.lines, result: parseLast(this.#output) });
      });
    });
  }

  /** Waits for a line of standard error, also one that came before; returns its first group. */
  async line(pattern: RegExp, timeout = kTimeout): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    let watch = (): void => undefined;
    try {
      return await new Promise<string>((resolve, reject) => {
        const fail = (why: string): void =>
          reject(new Error(`${why} ${pattern}; it said: ${this.lines.join(' | ')}`));
        timer = setTimeout(() => fail('no line'), timeout);
        watch = () => {
          const match = this.lines.map((line) => pattern.exec(line)).find((found) => found);
          if (match) resolve(match[1] ?? match[0]);
          else if (this.process.exitCode !== null) fail('ended without');
        };
        this.#watchers.add(watch);
        watch();
      });
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(watch);
    }
  }

  signal(signal: NodeJS.Signals): Promise<Ending> {
    this.process.kill(signal);
    return this.ended;
  }
}

function parseLast(output: string): Ending['result'] {
  try {
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Ending['result'];
  } catch {
    return { seconds: 0, reason: '', files: [], stats: {} };
  }
}

/** A receiver on a free port; waits until it listens. */
export async function startReceiver(
  args: string[] = [],
  key?: string,
): Promise<{ program: Program; url: string }> {
  const options = key === undefined ? {} : { key };
  const program = new Program(['receive', '--listen', 'udp://127.0.0.1:0', '--json', ...args], options);
  return { program, url: await program.line(/^Listening on (udp:\S+)$/) };
}

/** Small pictures, so that tests do not load the machine. */
export const kInputs = ['--input', 'pattern:?width=320&height=180&frameRate=15', '--input', 'tone:'];

export function startSender(url: string, args: string[] = [], key?: string): Program {
  return new Program(['send', '--to', url, '--json', ...kInputs, ...args], key === undefined ? {} : { key });
}

/** Frames and packets of sound that a player finds in a file. */
export async function countPackets(path: string): Promise<{ video: number; audio: number }> {
  const input = new Input({ source: new FilePathSource(path), formats: ALL_FORMATS });
  const counts = { video: 0, audio: 0 };
  for (const track of await input.getTracks()) {
    for await (const packet of new EncodedPacketSink(track).packets()) {
      if (packet.byteLength > 0) counts[track.type === 'video' ? 'video' : 'audio']++;
    }
  }
  input.dispose();
  return counts;
}

/** What ffmpeg has against a file; empty if nothing, or if there is no ffmpeg. */
export function decodeErrors(path: string): string {
  const ffmpeg = spawnSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 'null', '-'], { encoding: 'utf8' });
  return ffmpeg.error ? '' : ffmpeg.stderr;
}
