#!/usr/bin/env node
/** The program `boardcast`. Exit codes: 0; 1 failure; 2 wrong use; 130 and 143 after signals. */
import { setFlagsFromString } from 'node:v8';
import { describeOptions, parseOptions, unknown, UsageError } from './args.js';
import type { Command } from './command.js';

// Media never runs in JavaScript, so compiled JavaScript would only cost memory (5 MB) and the time of
// its compilation.
for (const flag of ['--no-opt', '--no-sparkplug']) setFlagsFromString(flag);

const kCommands: Record<string, () => Promise<Command>> = {
  send: async () => (await import('./send.js')).sendCommand,
  receive: async () => (await import('./receive.js')).receiveCommand,
  devices: async () => (await import('./devices.js')).devicesCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
  version: async () => (await import('./version.js')).versionCommand,
};

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === 'help') {
    const text = await overview();
    if (name !== undefined) process.stdout.write(text);
    else process.stderr.write(text);
    return name === undefined ? 2 : 0;
  }
  const load = kCommands[name === '--version' ? 'version' : name];
  if (!load) return fail('boardcast', unknown('command', name, Object.keys(kCommands)), 2);
  const command = await load();
  if (rest.includes('--help')) {
    process.stdout.write(help(command));
    return 0;
  }
  try {
    return await command.run(parseOptions(rest, command.options));
  } catch (error) {
    const usage = error instanceof UsageError || error instanceof TypeError || error instanceof RangeError;
    const text = error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, ' ') : String(error);
    if (process.env['BOARDCAST_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return fail(`boardcast ${command.name}`, text, usage && isExpected(error) ? 2 : 1);
  }
}

/** Checked arguments carry a code; a TypeError without one is a bug of ours. */
function isExpected(error: unknown): boolean {
  return error instanceof UsageError || (error as NodeJS.ErrnoException).code === 'ERR_INVALID_ARGUMENT';
}

function fail(prefix: string, text: string, code: number): number {
  const hint = code === 2 ? ' (see --help)' : '';
  process.stderr.write(`${prefix}: ${text}${hint}\n`);
  return code;
}

function help(command: Command): string {
  return `${command.summary}\n\n${command.usage}\n\nOptions:\n${describeOptions(command.options)}\n`;
}

async function overview(): Promise<string> {
  const commands = await Promise.all(Object.values(kCommands).map((load) => load()));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(9)}${summary}`);
  return (
    'boardcast: real-time audio and video for ARM Linux boards\n\n' +
    `Usage: boardcast COMMAND [options]\n\n${lines.join('\n')}\n\n` +
    'boardcast COMMAND --help explains a command.\n'
  );
}

process.exitCode = await main(process.argv.slice(2));
