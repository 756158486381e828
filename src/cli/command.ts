/** What every command offers to the main program. */
import type { Options, OptionSpecs } from './args.js';

export interface Command {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** The rest of the help, before the options. */
  usage: string;
  options: OptionSpecs;
  /** Returns the exit code. */
  run(options: Options): Promise<number>;
}

/** Options that several commands have. */
export const kCommonOptions = {
  json: { help: 'print one JSON object as the last line of standard output' },
  help: { help: 'show this help' },
} satisfies OptionSpecs;

export const kKeyOptions = {
  key: { value: 'KEY', help: 'pre-shared key: 56 hexadecimal digits or 40 base64 characters' },
  'key-file': {
    value: 'FILE',
    help: 'read the key from a file (or from $BOARDCAST_KEY); ps shows --key to others',
  },
} satisfies OptionSpecs;

/** A line for people; standard output stays free for results. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
