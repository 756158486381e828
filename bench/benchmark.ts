/** What every benchmark offers to bench/main.ts. */
import type { Options, OptionSpecs } from '#src/cli/args.js';

export interface Benchmark {
  /** One line for the list. */
  summary: string;
  options: OptionSpecs;
  /** Measures; `failure` says which promise the figures break. */
  run(options: Options): Promise<{ result: object; failure?: string }>;
}

/** Progress for people; standard output is for the result. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
