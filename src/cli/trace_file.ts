/** What is read of a session's trace: for --trace, one CSV line for each frame, and for --snapshots. */
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

/** Reads the trace once a second and at the end; records go to a file, if there is one. */
export class TraceReader {
  readonly #session: Session;
  readonly #path: string;
  readonly #file: number | undefined;
  readonly #timer: NodeJS.Timeout;
  /** The newest record. */
  last: NativeTraceRecord | undefined;

  /** Later failures go to `onError`. @throws MediaError */
  constructor(session: Session, path: string | undefined, onError: (error: unknown) => void) {
    this.#session = session;
    this.#path = path ?? '';
    try {
      this.#file = path === undefined ? undefined : openSync(path, 'w');
    } catch (error) {
      throw fromFileError(error, this.#path);
    }
    this.#write([kColumns.join(',')]);
    this.#read();
    this.#timer = setInterval(() => {
      try {
        this.#read();
      } catch (error) {
        onError(error);
      }
    }, 1000);
  }

  /** Reads the rest; before the session is closed. */
  close(): void {
    clearInterval(this.#timer);
    try {
      this.#read();
    } finally {
      if (this.#file !== undefined) closeSync(this.#file);
    }
  }

  #read(): void {
    const records = this.#session.readTrace();
    this.last = records.at(-1) ?? this.last;
    this.#write(records.map(formatRecord));
  }

  #write(lines: string[]): void {
    if (this.#file === undefined || lines.length === 0) return;
    try {
      writeSync(this.#file, `${lines.join('\n')}\n`);
    } catch (error) {
      throw fromFileError(error, this.#path);
    }
  }
}
