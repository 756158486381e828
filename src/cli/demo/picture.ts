/** The picture of a demo run: sent frames beside the same received frames. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageQuality } from '../../devices.js';

/** A packed I420 picture. */
export interface Snapshot {
  width: number;
  height: number;
  data: Uint8Array;
}

export interface SnapshotPair {
  rtpTimestamp: number;
  sent: Snapshot;
  received: Snapshot;
}

const kRows = 3;
const kTileWidth = 560;
const kMargin = 24;
const kHeader = 92;
const kCaption = 30;
const kFigureLine = 27;

/** The sender knows its timestamps up to one tick of 90 kHz. */
const kTolerance = 9;

/** Snapshots that both ends saved, at most `count`, spread over the run. */
export async function findPairs(
  sentFolder: string,
  receivedFolder: string,
  count = kRows,
): Promise<SnapshotPair[]> {
  const received = await listTimestamps(receivedFolder);
  const common = (await listTimestamps(sentFolder)).flatMap((sent) => {
    const match = received.find((timestamp) => Math.abs(timestamp - sent) <= kTolerance);
    return match === undefined ? [] : [{ sent, match }];
  });
  return Promise.all(
    chooseSpread(common, count).map(async ({ sent, match }) => ({
      rtpTimestamp: match,
      sent: await readSnapshot(sentFolder, sent),
      received: await readSnapshot(receivedFolder, match),
    })),
  );
}

async function listTimestamps(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  const timestamps = names.filter((name) => name.endsWith('.json')).map((name) => parseInt(name, 10));
  return timestamps.sort((a, b) => a - b);
}

/** Up to `count` items, evenly spread from the first to the last. */
export function chooseSpread<T>(items: T[], count: number): T[] {
  if (items.length <= count) return items;
  const step = count > 1 ? (items.length - 1) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => items[Math.round(i * step)] as T);
}

async function readSnapshot(folder: string, rtpTimestamp: number): Promise<Snapshot> {
  const size = JSON.parse(await readFile(join(folder, `${rtpTimestamp}.json`), 'utf8')) as Snapshot;
  return {
    width: size.width,
    height: size.height,
    data: await readFile(join(folder, `${rtpTimestamp}.i420`)),
  };
}

/** RGB, 8 bits each, of an I420 picture (ITU-R BT.601, limited range). */
export function toRgb({ width, height, data }: Snapshot): Uint8ClampedArray {
  const rgb = new Uint8ClampedArray(width * height * 3);
  const halfWidth = (width + 1) >> 1;
  const u = width * height;
  const v = u + halfWidth * ((height + 1) >> 1);
  for (let y = 0, out = 0; y < height; y++) {
    for (let x = 0; x < width; x++, out += 3) {
      const chroma = (y >> 1) * halfWidth + (x >> 1);
      const luma = 1.164 * ((data[y * width + x] ?? 16) - 16);
      const blue = (data[u + chroma] ?? 128) - 128;
      const red = (data[v + chroma] ?? 128) - 128;
      rgb[out] = luma + 1.596 * red;
      rgb[out + 1] = luma - 0.392 * blue - 0.813 * red;
      rgb[out + 2] = luma + 2.017 * blue;
    }
  }
  return rgb;
}

/** Draws the picture into the PNG file `path`. */
export async function drawPicture(
  path: string,
  pairs: SnapshotPair[],
  title: string,
  figures: [label: string, text: string][],
): Promise<void> {
  const { default: sharp } = await import('sharp');
  const layers: { input: Buffer; left: number; top: number }[] = [];
  const labels: string[] = [];
  let top = kHeader;
  for (const { sent, received } of pairs) {
    const tileHeight = Math.round((kTileWidth * sent.height) / sent.width);
    for (const [column, snapshot] of [sent, received].entries()) {
      const { width, height } = snapshot;
      const raw = { width, height, channels: 3 as const };
      const input = await sharp(toRgb(snapshot), { raw }).resize(kTileWidth, tileHeight).png().toBuffer();
      layers.push({ input, left: columnLeft(column), top });
    }
    top += tileHeight;
    labels.push(text(columnLeft(1), top + 20, describePair(sent, received), 'small'));
    top += kCaption;
  }
  const width = kMargin * 3 + kTileWidth * 2;
  const height = top + 12 + figures.length * kFigureLine + kMargin;
  const heads = ['sent', 'received'].map((head, column) =>
    text(columnLeft(column), kHeader - 12, head, 'head'),
  );
  const rows = figures.flatMap(([label, value], i) => [
    text(kMargin, top + 30 + i * kFigureLine, label, 'label'),
    text(kMargin + 110, top + 30 + i * kFigureLine, value, 'value'),
  ]);
  const body = [text(kMargin, 40, title, 'title'), ...heads, ...labels, ...rows].join('');
  const background = { r: 24, g: 26, b: 31 };
  await sharp({ create: { width, height, channels: 3, background } })
    .composite([...layers, { input: Buffer.from(svg(width, height, body)), left: 0, top: 0 }])
    .png()
    .toFile(path);
}

function columnLeft(column: number): number {
  return kMargin + column * (kTileWidth + kMargin);
}

/** How alike the two are; nothing if their sizes differ. */
function describePair(sent: Snapshot, received: Snapshot): string {
  const { width, height } = sent;
  if (received.width !== width || received.height !== height) return '';
  const { mse, ssim } = imageQuality(sent.data, received.data, width, height);
  const psnr = mse > 0 ? `${(10 * Math.log10(255 ** 2 / mse)).toFixed(1)} dB` : 'equal';
  return `PSNR ${psnr}, SSIM ${ssim.toFixed(3)}`;
}

function text(x: number, y: number, content: string, style: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" class="${style}">${escaped}</text>`;
}

function svg(width: number, height: number, body: string): string {
  const style =
    'text{font-family:"DejaVu Sans",sans-serif;font-size:16px;fill:#c9ced6}' +
    '.title{font-size:21px;font-weight:bold;fill:#ffffff}.head{font-size:15px;fill:#8ab4f8}' +
    '.small{font-size:13px;fill:#8d95a1}.label{fill:#8d95a1}.value{fill:#ffffff}';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><style>${style}</style>${body}</svg>`;
}
