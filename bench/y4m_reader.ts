/** Reads frames one after another from a Y4M file that boardcast wrote. */
import { closeSync, openSync, readSync } from 'node:fs';

const kMaxHeader = 256;

export class Y4mReader {
  readonly width: number;
  readonly height: number;
  readonly #file: number;
  readonly #frame: Uint8Array;
  #position: number;

  /** @throws Error if the file is missing or no 4:2:0 Y4M file. */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
    const header = this.#readLine(0);
    const size = /^YUV4MPEG2 .*?W(\d+) H(\d+)/.exec(header);
    if (!size) throw new Error(`${path} is no Y4M file: it begins with "${header}"`);
    this.width = Number(size[1]);
    this.height = Number(size[2]);
    const chroma = Math.ceil(this.width / 2) * Math.ceil(this.height / 2);
    this.#frame = new Uint8Array(this.width * this.height + 2 * chroma);
    this.#position = header.length + 1;
  }

  /** The next frame as packed I420, in memory that the call after this overwrites; null at the end. */
  next(): Uint8Array | null {
    const header = this.#readLine(this.#position);
    if (!header.startsWith('FRAME')) return null;
    const start = this.#position + header.length + 1;
    const length = readSync(this.#file, this.#frame, 0, this.#frame.length, start);
    if (length < this.#frame.length) return null;
    this.#position = start + length;
    return this.#frame;
  }

  close(): void {
    closeSync(this.#file);
  }

  #readLine(position: number): string {
    const bytes = Buffer.alloc(kMaxHeader);
    const length = readSync(this.#file, bytes, 0, kMaxHeader, position);
    return bytes.subarray(0, length).toString('latin1').split('\n', 1)[0] ?? '';
  }
}
