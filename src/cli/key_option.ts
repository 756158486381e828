/** The key of a link, from --key, --key-file or $BOARDCAST_KEY. */
import { parseKey, readKeyFile } from '../key.js';
import { UsageError } from './args.js';
import type { Options } from './args.js';
import { say } from './command.js';

/** Undefined if none is given. @throws UsageError, MediaError */
export function readKey(options: Options): Uint8Array | undefined {
  const given = options.text('key');
  const file = options.text('key-file');
  const environment = process.env['BOARDCAST_KEY'];
  if (given !== undefined && file !== undefined)
    throw new UsageError('--key and --key-file exclude each other');
  if (given !== undefined) return parseKey(given, '--key');
  if (file !== undefined) {
    const { key, warning } = readKeyFile(file);
    if (warning) say(`Warning: ${warning}`);
    return key;
  }
  return environment === undefined || environment === '' ? undefined : parseKey(environment, 'BOARDCAST_KEY');
}
