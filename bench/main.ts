/**
 * `npm run --silent bench -- NAME [options] [--json]`: runs one benchmark. With --json the last line
 * of standard output is one JSON object and nothing else goes there; without, a table.
 */
import { describeOptions, parseOptions, unknown, UsageError } from '#src/cli/args.js';
import type { Benchmark } from './benchmark.js';

const kBenchmarks: Record<string, () => Promise<Benchmark>> = {
  stream: async () => (await import('./stream.js')).streamBenchmark,
  soak: async () => (await import('./soak.js')).soakBenchmark,
};

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help') {
    process.stderr.write(await overview());
    return name === undefined ? 2 : 0;
  }
  const load = kBenchmarks[name];
  if (!load) return fail(unknown('benchmark', name, Object.keys(kBenchmarks)), 2);
  const benchmark = await load();
  if (rest.includes('--help')) {
    process.stderr.write(`${benchmark.summary}\n\n${describeOptions(benchmark.options)}\n`);
    return 0;
  }
  try {
    const options = parseOptions(rest, benchmark.options);
    const { result, failure } = await benchmark.run(options);
    process.stdout.write(options.has('json') ? `${JSON.stringify(result)}\n` : table(result));
    return failure === undefined ? 0 : fail(failure, 1);
  } catch (error) {
    return fail((error as Error).message, error instanceof UsageError ? 2 : 1);
  }
}

function table(result: object, indent = ''): string {
  return Object.entries(result)
    .map(([name, value]) => {
      if (typeof value === 'object' && value !== null)
        return `${indent}${name}\n${table(value as object, '  ')}`;
      return `${(indent + name).padEnd(24)} ${String(value)}\n`;
    })
    .join('');
}

async function overview(): Promise<string> {
  const loaded = await Promise.all(
    Object.entries(kBenchmarks).map(async ([name, load]) => `  ${name.padEnd(9)}${(await load()).summary}`),
  );
  return `Usage: npm run --silent bench -- NAME [options] [--json]\n\n${loaded.join('\n')}\n\nNAME --help explains a benchmark.\n`;
}

function fail(message: string, code: number): number {
  process.stderr.write(`bench: ${message}\n`);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
