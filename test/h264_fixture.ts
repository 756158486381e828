/** Small H.264 access units for containers: right headers, no picture. */
import type { NativeChunk } from '#src/native.js';

class BitWriter {
  readonly #bits: number[] = [];

  bits(value: number, count: number): this {
    for (let i = count - 1; i >= 0; i--) this.#bits.push((value >> i) & 1);
    return this;
  }
  unsigned(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.bits(0, length).bits(value + 1, length + 1);
  }
  /** With the stop bit of a NAL unit. */
  finish(): number[] {
    const bits = [...this.#bits, 1];
    while (bits.length % 8 !== 0) bits.push(0);
    return Array.from({ length: bits.length / 8 }, (_, i) =>
      parseInt(bits.slice(i * 8, i * 8 + 8).join(''), 2),
    );
  }
}

const kStart = [0, 0, 0, 1];

/** A baseline SPS; sizes that are no multiple of 16 are cropped. */
export function makeSps(width: number, height: number): Uint8Array {
  const columns = Math.ceil(width / 16);
  const rows = Math.ceil(height / 16);
  const writer = new BitWriter();
  writer.unsigned(0).unsigned(0).unsigned(2).unsigned(1).bits(0, 1);
  writer
    .unsigned(columns - 1)
    .unsigned(rows - 1)
    .bits(1, 1)
    .bits(1, 1);
  const right = (columns * 16 - width) / 2;
  const bottom = (rows * 16 - height) / 2;
  if (right === 0 && bottom === 0) writer.bits(0, 1);
  else writer.bits(1, 1).unsigned(0).unsigned(right).unsigned(0).unsigned(bottom);
  writer.bits(0, 1);
  return Uint8Array.from([0x67, 66, 0xc0, 31, ...writer.finish()]);
}

export const kPps = Uint8Array.from([0x68, 0xce, 0x3c, 0x80]);

/** A key frame (with SPS and PPS) or a frame that refers to others, as Annex B. */
export function makeVideo(index: number, key: boolean, width = 64, height = 48): NativeChunk {
  const slice = [...kStart, key ? 0x65 : 0x41, 0x88, index & 0x7f, 0xaa, 0xbb];
  const head = key ? [...kStart, ...makeSps(width, height), ...kStart, ...kPps] : [];
  const timestamp = index * 40_000;
  return { kind: 'video', data: Uint8Array.from([...head, ...slice]), key, timestamp, duration: 40_000 };
}

/** 20 ms of Opus silence. */
export function makeAudio(index: number): NativeChunk {
  const data = Uint8Array.from([0xfc, 0xff, 0xfe]);
  return { kind: 'audio', data, key: true, timestamp: index * 20_000, duration: 20_000 };
}

/** `seconds` of both kinds in the order of time, with a key frame every `keyEvery` frames. */
export function makeStreams(seconds: number, keyEvery: number): NativeChunk[] {
  const chunks: NativeChunk[] = [];
  for (let i = 0; i < seconds * 25; i++) {
    chunks.push(makeVideo(i, i % keyEvery === 0), makeAudio(2 * i), makeAudio(2 * i + 1));
  }
  return chunks;
}
