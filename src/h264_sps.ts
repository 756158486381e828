/** The sequence parameter set of H.264: picture size and profile, for the container. */

export interface SpsInfo {
  width: number;
  height: number;
  /** RFC 6381 name, such as "avc1.42c01f". */
  codec: string;
}

const kSps = 7;
/** profile_idc values whose SPS carries chroma_format_idc (ITU-T H.264 section 7.3.2.1.1). */
const kHighProfiles = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/** The first SPS of an Annex B access unit, without start code; undefined if it has none. */
export function findSps(accessUnit: Uint8Array): Uint8Array | undefined {
  for (let i = 0; i + 3 < accessUnit.length; i++) {
    if (accessUnit[i] !== 0 || accessUnit[i + 1] !== 0 || accessUnit[i + 2] !== 1) continue;
    if (((accessUnit[i + 3] ?? 0) & 0x1f) === kSps)
      return accessUnit.subarray(i + 3, endOfUnit(accessUnit, i + 3));
  }
  return undefined;
}

function endOfUnit(data: Uint8Array, start: number): number {
  for (let i = start; i + 2 < data.length; i++) {
    if (data[i] === 0 && data[i + 1] === 0 && (data[i + 2] ?? 2) < 2) return i;
  }
  return data.length;
}

/** Reads bits and Exp-Golomb codes (section 9.1) of a NAL unit; past the end it reads zeros. */
class BitReader {
  #position = 0;
  readonly #bytes: number[] = [];

  constructor(unit: Uint8Array) {
    unit.forEach((byte, i) => {
      const escape = byte === 3 && i >= 2 && unit[i - 1] === 0 && unit[i - 2] === 0;
      if (!escape) this.#bytes.push(byte);
    });
  }

  get overrun(): boolean {
    return this.#position > this.#bytes.length * 8;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#position++) {
      value = value * 2 + (((this.#bytes[this.#position >> 3] ?? 0) >> (7 - (this.#position & 7))) & 1);
    }
    return value;
  }

  unsigned(): number {
    let zeros = 0;
    while (zeros < 32 && !this.overrun && this.bits(1) === 0) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** Parses an SPS (section 7.3.2.1.1); undefined if it is damaged. */
export function parseSps(unit: Uint8Array): SpsInfo | undefined {
  const [, profile, constraints, level] = unit;
  if (profile === undefined || constraints === undefined || level === undefined) return undefined;
  const reader = new BitReader(unit.subarray(4));
  reader.unsigned(); // seq_parameter_set_id
  const chroma = kHighProfiles.includes(profile) ? readHighProfile(reader) : 1;
  reader.unsigned(); // log2_max_frame_num_minus4
  skipPictureOrder(reader);
  reader.unsigned(); // max_num_ref_frames
  reader.bits(1);
  const columns = reader.unsigned() + 1;
  const mapUnits = reader.unsigned() + 1;
  const framesOnly = reader.bits(1);
  if (!framesOnly) reader.bits(1);
  reader.bits(1);
  const crop = reader.bits(1) ? [0, 0, 0, 0].map(() => reader.unsigned()) : [0, 0, 0, 0];
  if (reader.overrun) return undefined;
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = (chroma === 1 ? 2 : 1) * (2 - framesOnly);
  const codec = `avc1.${Buffer.from([profile, constraints, level]).toString('hex')}`;
  const width = columns * 16 - unitX * (left + right);
  const height = mapUnits * 16 * (2 - framesOnly) - unitY * (top + bottom);
  return width > 0 && height > 0 ? { width, height, codec } : undefined;
}

/** Reads the fields that only high profiles have; returns chroma_format_idc. */
function readHighProfile(reader: BitReader): number {
  const chroma = reader.unsigned();
  if (chroma === 3) reader.bits(1);
  reader.unsigned();
  reader.unsigned();
  reader.bits(1);
  if (reader.bits(1)) {
    for (let i = 0; i < (chroma === 3 ? 12 : 8); i++)
      if (reader.bits(1)) skipScalingList(reader, i < 6 ? 16 : 64);
  }
  return chroma;
}

function skipScalingList(reader: BitReader, size: number): void {
  let next = 8;
  for (let i = 0, last = 8; i < size && next !== 0; i++) {
    next = (last + reader.signed() + 256) % 256;
    if (next !== 0) last = next;
  }
}

function skipPictureOrder(reader: BitReader): void {
  const type = reader.unsigned();
  if (type === 0) reader.unsigned();
  if (type !== 1) return;
  reader.bits(1);
  reader.signed();
  reader.signed();
  const count = reader.unsigned();
  for (let i = 0; i < count && !reader.overrun; i++) reader.signed();
}
