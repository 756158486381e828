/** The two processes of the demo. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { MediaError } from '../../errors.js';
import type { Stats } from '../../stats.js';

const kProgram = fileURLToPath(new URL('../main.js', import.meta.url));

export type StatsObject = Record<string, Stats | undefined>;

/** The last line of `--json`. */
export interface Result {
  seconds: number;
  files: string[];
  stats: StatsObject;
}

/** A `boardcast` command in a process of its own. */
export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #exit: Promise<number>;
  readonly #watchers = new Set<(line: string) => void>();
  #stopped = false;
  #lastError = '';
  #output = '';
  /** The newest statistics. */
  stats: StatsObject = {};

  constructor(args: string[], key: string) {
    this.#name = args[0] ?? '';
    // A process group of its own: Ctrl-C reaches the demo alone, which then ends both in order.
    this.#process = spawn(process.execPath, [kProgram, ...args, '--json'], {
      detached: true,
      env: { ...process.env, BOARDCAST_KEY: key },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#process.on('message', (message: { stats: StatsObject }) => (this.stats = message.stats));
    this.#process.stdout?.on('data', (data: Buffer) => (this.#output += data.toString()));
    if (this.#process.stderr)
      createInterface(this.#process.stderr).on('line', (line) => this.#takeLine(line));
    this.#exit = new Promise((resolve) => this.#process.on('close', (code) => resolve(code ?? 1)));
  }

  /** Waits for a line that the process says; its first group is returned. @throws MediaError */
  async waitFor(pattern: RegExp, timeout: number): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    let watcher: ((line: string) => void) | undefined;
    const line = new Promise<string>((resolve, reject) => {
      watcher = (text) => {
        const match = pattern.exec(text);
        if (match) resolve(match[1] ?? text);
      };
      this.#watchers.add(watcher);
      timer = setTimeout(() => reject(this.#failure('did not answer')), timeout);
    });
    const ended = this.#exit.then(() => {
      throw this.#failure('ended early');
    });
    try {
      return await Promise.race([line, ended]);
    } finally {
      clearTimeout(timer);
      if (watcher) this.#watchers.delete(watcher);
    }
  }

  /** Waits for the end. @throws MediaError unless it ended in order */
  async result(): Promise<Result> {
    const code = await this.#exit;
    if (code !== 0 && code !== 130) throw this.#failure(`failed with exit code ${code}`);
    const last = this.#output.trim().split('\n').at(-1) ?? '';
    return JSON.parse(last) as Result;
  }

  /** Resolves when the process is gone, however it ended. */
  get ended(): Promise<number> {
    return this.#exit;
  }

  /** Asks the process to end in order; only once, since a second signal would not wait. */
  stop(): void {
    if (this.#stopped || this.#process.exitCode !== null) return;
    this.#stopped = true;
    this.#process.kill('SIGINT');
  }

  #takeLine(line: string): void {
    this.#lastError = line;
    for (const watcher of [...this.#watchers]) watcher(line);
  }

  #failure(text: string): MediaError {
    const detail = this.#lastError ? `: ${this.#lastError.replace(/^boardcast \w+: /, '')}` : '';
    return new MediaError('ERR_DEMO_FAILED', `the ${this.#name} process ${text}${detail}`);
  }
}
