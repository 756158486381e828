/** Pre-shared keys of the `udp` link. */
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { fromFileError, invalidArgument, MediaError } from './errors.js';

/** 16 bytes of AES key and 12 bytes of salt (AEAD_AES_128_GCM, RFC 7714 section 12). */
export const kKeyBytes = 28;
const kExpected = 'a key of 28 bytes (56 hexadecimal digits or 40 base64 characters)';

/** A new random key as 56 hexadecimal digits. */
export function generateKey(): string {
  return randomBytes(kKeyBytes).toString('hex');
}

/**
 * The bytes of a key. Error messages never show what was given.
 * @throws TypeError, RangeError
 */
export function parseKey(key: string | Uint8Array, name = 'key'): Uint8Array {
  if (key instanceof Uint8Array) {
    if (key.length === kKeyBytes) return key;
    throw invalidKey(name, `${key.length} bytes`);
  }
  if (typeof key !== 'string') throw invalidArgument(kExpected, name, key);
  const text = key.trim();
  if (/^[0-9a-f]{56}$/i.test(text)) return new Uint8Array(Buffer.from(text, 'hex'));
  if (/^[A-Za-z0-9+/_-]{38}(==)?$/.test(text)) return new Uint8Array(Buffer.from(text, 'base64'));
  throw invalidKey(name, `${text.length} characters`);
}

function invalidKey(name: string, received: string): RangeError {
  const error = new RangeError(`Expected ${kExpected} for \`${name}\` but received ${received}`);
  return Object.assign(error, { code: 'ERR_INVALID_ARGUMENT' });
}

/**
 * Reads a key file; `warning` says so if others may read the file too.
 * @throws MediaError with the file's name.
 */
export function readKeyFile(path: string): { key: Uint8Array; warning?: string } {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(path, 'latin1');
    mode = statSync(path).mode;
  } catch (error) {
    throw fromFileError(error, path);
  }
  let key: Uint8Array;
  try {
    key = parseKey(text);
  } catch {
    throw new MediaError('ERR_INVALID_KEY', `${path} does not hold ${kExpected}`, { path });
  }
  if ((mode & 0o077) === 0) return { key };
  return { key, warning: `${path} can be read by other users; mend it with: chmod 600 ${path}` };
}
