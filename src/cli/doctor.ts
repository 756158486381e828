/** `boardcast doctor` */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { native } from '../binding.js';
import { listDevices } from '../devices.js';
import type { Device } from '../devices.js';
import { MediaError } from '../errors.js';
import type { Command } from './command.js';
import { kCommonOptions } from './command.js';
import { deviceWord, formatTable } from './devices.js';

/** One finding: what was looked at, how it is, and the command that mends it. */
export interface Check {
  name: string;
  state: 'ok' | 'warn' | 'missing';
  found: string;
  mend?: string;
}

/** Bytes of socket buffer that a burst of a key frame needs. */
const kSocketBuffer = 1 << 20;

/** The checks on what a machine has; pure, so that it can be tested. */
export function checkDevices(devices: Device[]): Check[] {
  const kinds = [
    { kind: 'camera', mend: 'plug in a camera; on a Raspberry Pi enable it with: sudo raspi-config' },
    { kind: 'microphone', mend: 'plug in a microphone; sudo apt-get install alsa-utils && arecord -l' },
    { kind: 'speaker', mend: 'sudo apt-get install alsa-utils && aplay -l' },
  ] as const;
  return kinds.map(({ kind, mend }): Check => {
    const found = devices.filter((device) => device.kind === kind);
    if (found.length === 0)
      return { name: kind, state: 'missing', found: `none (${substitute(kind)})`, mend };
    return {
      name: kind,
      state: 'ok',
      found: found.map((device) => `${deviceWord(device)} ${device.name}`).join('; '),
    };
  });
}

function substitute(kind: Device['kind']): string {
  if (kind === 'speaker') return 'sound can be recorded all the same';
  return `${kind === 'camera' ? 'pattern:' : 'tone:'} is used instead`;
}

export function checkRealtime({ allowed, reason }: { allowed: boolean; reason: string }): Check {
  if (allowed) return { name: 'real time', state: 'ok', found: 'encoder and audio threads may use SCHED_RR' };
  const limit = '"$USER - rtprio 20"';
  const mend = `echo ${limit} | sudo tee /etc/security/limits.d/boardcast.conf, then log in again`;
  return { name: 'real time', state: 'warn', found: `refused: ${reason}; other load may delay frames`, mend };
}

export function checkSocketBuffer(name: 'rmem_max' | 'wmem_max', text: string | undefined): Check {
  const label = name === 'rmem_max' ? 'receive buffer' : 'send buffer';
  const bytes = Number(text?.trim() || NaN);
  if (bytes >= kSocketBuffer) return { name: label, state: 'ok', found: `up to ${bytes} bytes` };
  const found = Number.isNaN(bytes) ? 'unknown' : `up to ${bytes} bytes; a burst may overrun it`;
  return { name: label, state: 'warn', found, mend: `sudo sysctl -w net.core.${name}=${kSocketBuffer}` };
}

function checkNative(): Check[] {
  try {
    const { version } = native();
    return [{ name: 'native part', state: 'ok', found: `version ${version}` }];
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    const mend = error instanceof MediaError ? 'npm run build' : undefined;
    return [{ name: 'native part', state: 'missing', found, ...(mend && { mend }) }];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '');
  } catch {
    return undefined;
  }
}

function checkMachine(): Check[] {
  const model = readText('/proc/device-tree/model') ?? `unknown board, ${process.arch}`;
  const board: Check = { name: 'board', state: 'ok', found: `${model}, ${availableParallelism()} cores` };
  const checks = [board, ...checkNative()];
  if (checks.some((check) => check.state === 'missing')) return checks;
  return [
    ...checks,
    ...checkDevices(listDevices()),
    { name: 'encoder', state: 'ok', found: 'OpenH264 in software' },
    checkRealtime(native().realtime()),
    checkSocketBuffer('rmem_max', readText('/proc/sys/net/core/rmem_max')),
    checkSocketBuffer('wmem_max', readText('/proc/sys/net/core/wmem_max')),
  ];
}

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Says what this machine has, what is missing, and how to mend it',
  usage: 'Usage: boardcast doctor [--json]\n\nExits with 1 if the native part does not work.',
  options: kCommonOptions,
  // eslint-disable-next-line @typescript-eslint/require-await
  async run(options) {
    const checks = checkMachine();
    if (options.has('json')) {
      process.stdout.write(`${JSON.stringify({ checks })}\n`);
    } else {
      const rows = checks.map(({ name, state, found }) => [state, name, found]);
      const mends = checks.filter(({ mend }) => mend).map(({ name, mend }) => [`  ${name}:`, mend ?? '']);
      process.stdout.write(`${formatTable(rows)}\n`);
      if (mends.length > 0) process.stdout.write(`\nTo mend:\n${formatTable(mends)}\n`);
    }
    return checks.some(({ name, state }) => name === 'native part' && state === 'missing') ? 1 : 0;
  },
};
