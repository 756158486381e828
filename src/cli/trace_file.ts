/** --trace: one CSV line for each frame. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { fromFileError } from '../errors.js';
import type { NativeTraceRecord } from '../native.js';
import type { Session } from '../session.js';

const kColumns = [
  'rtpTimestamp',
  'captureTime',
  'mediaTime',
  'codedTime',
  'doneTime',
  'bytes',
  'key',
  'damaged',
] as const;

/** A CSV line; switches are 0 or 1, times microseconds of CLOCK_MONOTONIC. */
export function formatRecord(record: NativeTraceRecord): string {
  return kColumns.map((column) => Number(record[column])).join(',');
}

/** Writes what the session traced, once a second and at the end. */
export class TraceFile {
  readonly #path: string;
  readonly #session: Session;
  readonly #file: number;
  readonly #timer: NodeJS.Timeout;

  /** Later failures go to `onError`. @throws MediaError */
  constructor(path: string, session: Session, onError: (error: unknown) => void) {
    this.#path = path;
    this.#session = session;
    try {
      this.#file = openSync(path, 'w');
    } catch (error) {
      throw fromFileError(error, path);
    }
    this.#write([kColumns.join(',')]);
    this.#drain();
    this.#timer = setInterval(() => {
      try {
        this.#drain();
      } catch (error) {
        onError(error);
      }
    }, 1000);
  }

  /** Writes the rest; before the session is closed. */
  close(): void {
    clearInterval(this.#timer);
    try {
      this.#drain();
    } finally {
      closeSync(this.#file);
    }
  }

  #drain(): void {
    this.#write(this.#session.readTrace().map(formatRecord));
  }

  #write(lines: string[]): void {
    if (lines.length === 0) return;
    try {
      writeSync(this.#file, `${lines.join('\n')}\n`);
    } catch (error) {
      throw fromFileError(error, this.#path);
    }
  }
}
