/** Child processes whose time and memory are measured. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** USER_HZ of Linux: the unit of times in /proc/PID/stat. */
const kTicksPerSecond = 100;
const kSampleMs = 100;

/** Microseconds of CLOCK_MONOTONIC. */
export function monotonicTime(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** A child process; its standard output is kept, its standard error kept for error messages. */
export class MeasuredProcess {
  readonly startTime = monotonicTime();
  /** Microseconds; 0 while it runs. */
  endTime = 0;
  stdout = '';
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #exited: Promise<unknown>;
  readonly #sampler: NodeJS.Timeout;
  #stderr = '';
  #cpuSeconds = 0;

  constructor(name: string, command: string, args: readonly string[]) {
    this.#name = name;
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exited = once(this.#child, 'close');
    this.#exited.catch(() => undefined);
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.stdout += data.toString();
      // Results come last: what is counted now is all but the very end.
      this.#sampleCpu();
    });
    this.#child.stderr?.on(
      'data',
      (data: Buffer) => (this.#stderr = (this.#stderr + data.toString()).slice(-4000)),
    );
    this.#child.once('exit', () => (this.endTime = monotonicTime()));
    this.#sampler = setInterval(() => this.#sampleCpu(), kSampleMs);
    this.#sampler.unref();
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** User and system time so far; after the end that of the last 100 ms may be missing. */
  get cpuSeconds(): number {
    return this.#cpuSeconds;
  }

  /** Resident memory now, in bytes; 0 when the process has ended. */
  get residentBytes(): number {
    const kilobytes = /VmRSS:\s*(\d+) kB/.exec(this.#proc('status'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  }

  /** Open descriptors now. */
  get openDescriptors(): number {
    try {
      return readdirSync(`/proc/${this.#child.pid}/fd`).length;
    } catch {
      return 0;
    }
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  /** Waits until the process has printed a line that begins with `text`. */
  async waitForOutput(text: string, timeoutMs: number): Promise<void> {
    const deadline = monotonicTime() + timeoutMs * 1000;
    while (!this.stdout.split('\n').some((line) => line.startsWith(text))) {
      if (!this.running || monotonicTime() > deadline) throw this.#failure(`did not print "${text}"`);
      await sleep(10);
    }
  }

  /** Waits until the process has a UDP socket on `port` of the loopback address. */
  async waitForPort(port: number, timeoutMs: number): Promise<void> {
    const deadline = monotonicTime() + timeoutMs * 1000;
    const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} `;
    while (!readFileSync('/proc/net/udp', 'utf8').includes(` ${local}`)) {
      if (!this.running || monotonicTime() > deadline) throw this.#failure(`did not open port ${port}`);
      await sleep(10);
    }
  }

  /** Waits for the end. @throws Error if that takes too long or the exit code is none of `codes`. */
  async waitForEnd(timeoutMs: number, codes: readonly number[] = [0]): Promise<void> {
    const timer = setTimeout(() => this.kill('SIGKILL'), timeoutMs);
    await this.#exited;
    clearTimeout(timer);
    clearInterval(this.#sampler);
    if (this.#child.exitCode === null) throw this.#failure('did not end in time');
    if (!codes.includes(this.#child.exitCode)) throw this.#failure(`ended with code ${this.#child.exitCode}`);
  }

  #failure(what: string): Error {
    return new Error(`${this.#name} ${what}\n${this.#stderr.trim()}`.trim());
  }

  #sampleCpu(): void {
    // Fields 14 and 15; the name in field 2 may hold spaces, so counting starts after its bracket.
    const fields = this.#proc('stat').split(') ')[1]?.split(' ');
    if (!fields) return;
    this.#cpuSeconds = (Number(fields[11]) + Number(fields[12])) / kTicksPerSecond;
  }

  #proc(file: string): string {
    try {
      return readFileSync(`/proc/${this.#child.pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  }
}
