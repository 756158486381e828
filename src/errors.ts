/**
 * Errors: arguments are checked at once and throw TypeError or RangeError; what fails later is a
 * {@link MediaError} with a stable `code`.
 */
import { inspect } from 'node:util';
import type { NativeFailure } from './native.js';

/** Where a {@link MediaError} comes from; every field is optional. */
export interface MediaErrorDetail {
  /** Failed system call, such as "bind". */
  syscall?: string;
  /** Positive system error number, such as 28. */
  errno?: number;
  /** File or device concerned. */
  path?: string;
  cause?: unknown;
}

/** Something that failed while media was opened, sent, received or recorded. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
  /** Stable code, "ERR_...": programs decide by this, never by the message. */
  readonly code: string;
  readonly syscall?: string;
  readonly errno?: number;
  readonly path?: string;

  constructor(code: string, message: string, detail: MediaErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    if (detail.syscall) this.syscall = detail.syscall;
    if (detail.errno) this.errno = detail.errno;
    if (detail.path) this.path = detail.path;
  }
}

/** The MediaError of what the addon reports or throws; anything that is not a failure stays as it is. */
export function fromNative(error: unknown): unknown {
  if (!isNativeFailure(error)) return error;
  const { code, message, syscall, errno, path } = error;
  return new MediaError(code, message, { syscall, errno: Math.abs(errno), path, cause: error });
}

/** Calls the addon and rethrows its failures as MediaError. */
export function callNative<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromNative(error);
  }
}

function isNativeFailure(error: unknown): error is NativeFailure {
  if (typeof error !== 'object' || error === null || error instanceof MediaError) return false;
  const { code, message, errno } = error as Partial<NativeFailure>;
  return typeof code === 'string' && typeof message === 'string' && typeof errno === 'number';
}

const kFileCodes: Record<string, { code: string; what: string }> = {
  ENOENT: { code: 'ERR_FILE_NOT_FOUND', what: 'does not exist' },
  EACCES: { code: 'ERR_FILE_UNREADABLE', what: 'may not be opened by this user' },
  EISDIR: { code: 'ERR_FILE_UNREADABLE', what: 'is a folder' },
  ENOSPC: { code: 'ERR_DISK_FULL', what: 'could not be written: the disk is full' },
};

/** The MediaError of a failed file operation of Node. */
export function fromFileError(error: unknown, path: string): MediaError {
  if (error instanceof MediaError) return error;
  const { code = '', errno = 0, syscall, message } = error as NodeJS.ErrnoException;
  const known = kFileCodes[code] ?? { code: 'ERR_FILE_IO', what: `failed: ${message}` };
  const detail: MediaErrorDetail = { errno: Math.abs(errno), path, cause: error };
  if (syscall) detail.syscall = syscall;
  return new MediaError(known.code, `${path} ${known.what}`, detail);
}

/** The error of a wrong argument: a TypeError for a wrong type, a RangeError for a wrong value. */
export function invalidArgument(expected: string, name: string, actual: unknown, range = false): Error {
  const Kind = range ? RangeError : TypeError;
  const text = `Expected ${expected} for \`${name}\` but received ${describe(actual)}`;
  return Object.assign(new Kind(text), { code: 'ERR_INVALID_ARGUMENT' });
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return `an object of ${value.constructor?.name ?? 'no class'}`;
  return `${inspect(value, { maxStringLength: 80 })} (${typeof value})`;
}

export interface NumberRange {
  min?: number;
  max?: number;
  integer?: boolean;
}

/** Checks a number; `expected` is said in the error, such as "a positive number". */
export function checkNumber(name: string, value: unknown, expected: string, range: NumberRange = {}): number {
  if (typeof value !== 'number') throw invalidArgument(expected, name, value);
  const { min = -Infinity, max = Infinity, integer = false } = range;
  const fits = Number.isFinite(value) && value >= min && value <= max;
  if (!fits || (integer && !Number.isInteger(value))) throw invalidArgument(expected, name, value, true);
  return value;
}

export function checkPositive(name: string, value: unknown): number {
  return checkNumber(name, value, 'a positive number', { min: Number.MIN_VALUE });
}

export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  return checkNumber(name, value, `a whole number from ${min} to ${max}`, { min, max, integer: true });
}

export function checkString(name: string, value: unknown, expected = 'a non-empty string'): string {
  if (typeof value !== 'string') throw invalidArgument(expected, name, value);
  if (value === '') throw invalidArgument(expected, name, value, true);
  return value;
}

/** Throws the reason of an aborted signal, as platform functions do. */
export function checkAborted(signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
}
