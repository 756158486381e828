/** `boardcast version` */
import { createRequire } from 'node:module';
import { native } from '../binding.js';
import type { Command } from './command.js';
import { kCommonOptions } from './command.js';

/** The version in package.json. */
export function packageVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('boardcast/package.json') as { version: string }).version;
}

export const versionCommand: Command = {
  name: 'version',
  summary: 'Shows the version of boardcast and of its native part',
  usage: 'Usage: boardcast version [--json]',
  options: kCommonOptions,
  // eslint-disable-next-line @typescript-eslint/require-await
  async run(options) {
    const versions = { boardcast: packageVersion(), native: native().version, node: process.versions.node };
    const text = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    process.stdout.write(`${options.has('json') ? JSON.stringify(versions) : text.join('\n')}\n`);
    return 0;
  },
};
