/** `boardcast devices` */
import { listDevices } from '../devices.js';
import type { Device } from '../devices.js';
import type { Command } from './command.js';
import { kCommonOptions } from './command.js';

const kScheme = { camera: 'camera:', microphone: 'mic:', speaker: '' } as const;

/** The word that options take for a device. */
export function deviceWord(device: Device): string {
  return `${kScheme[device.kind]}${device.path}`;
}

/** Columns as wide as their longest cell. */
export function formatTable(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export const devicesCommand: Command = {
  name: 'devices',
  summary: 'Lists cameras, microphones and speakers',
  usage: 'Usage: boardcast devices [--json]\n\nThe first column is what --input and --play take.',
  options: kCommonOptions,
  // eslint-disable-next-line @typescript-eslint/require-await
  async run(options) {
    const devices = listDevices();
    if (options.has('json')) {
      process.stdout.write(`${JSON.stringify({ devices })}\n`);
    } else if (devices.length === 0) {
      process.stdout.write('No camera and no sound card. Without one, use pattern: and tone: as input.\n');
    } else {
      const rows = devices.map((device) => [deviceWord(device), device.kind, device.name, device.driver]);
      process.stdout.write(`${formatTable([['WORD', 'KIND', 'NAME', 'DRIVER'], ...rows])}\n`);
    }
    return 0;
  },
};
