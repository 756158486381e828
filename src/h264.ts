/** H.264 as MP4 stores it (ISO/IEC 14496-15), turned into a byte stream (ITU-T H.264 Annex B). */

/** What a decoder must have before the first key frame. */
export interface AvcConfig {
  /** Bytes of the length before each NAL unit. */
  lengthSize: number;
  /** SPS and PPS with start codes. */
  parameterSets: Uint8Array;
  /** profile_idc of ITU-T H.264 annex A, such as 66 for Baseline. */
  profile: number;
  /** chroma_format_idc: 1 is 4:2:0. */
  chromaFormat: number;
  /** Bits of a sample, the larger of luma and chroma. */
  bitDepth: number;
}

const kStartCode = [0, 0, 0, 1];
const kSps = 7;

/** Parses an AVCDecoderConfigurationRecord (section 5.3.3.1); undefined if it is damaged. */
export function parseAvcConfig(record: Uint8Array): AvcConfig | undefined {
  const [version, profile, , , lengthByte, spsByte] = record;
  if (version !== 1 || profile === undefined) return undefined;
  if (lengthByte === undefined || spsByte === undefined) return undefined;
  const units: Uint8Array[] = [];
  let position = 6;
  const readUnits = (count: number): boolean => {
    for (let i = 0; i < count; i++) {
      const high = record[position];
      const low = record[position + 1];
      if (high === undefined || low === undefined) return false;
      const end = position + 2 + high * 256 + low;
      if (end > record.length) return false;
      units.push(record.subarray(position + 2, end));
      position = end;
    }
    return true;
  };
  if (!readUnits(spsByte & 0x1f)) return undefined;
  const ppsCount = record[position++];
  if (ppsCount === undefined || !readUnits(ppsCount)) return undefined;
  const lengthSize = (lengthByte & 3) + 1;
  const parameterSets = joinWithStartCodes(units);
  return { lengthSize, parameterSets, profile, ...readSampleFormat(profile, record.subarray(position)) };
}

/** What follows the parameter sets in high profiles only; some writers leave it out. */
function readSampleFormat(profile: number, rest: Uint8Array): { chromaFormat: number; bitDepth: number } {
  const [chroma, luma, chromaDepth] = rest;
  const plain = [66, 77, 88].includes(profile) || chroma === undefined;
  if (plain || luma === undefined || chromaDepth === undefined) return { chromaFormat: 1, bitDepth: 8 };
  return { chromaFormat: chroma & 3, bitDepth: 8 + Math.max(luma & 7, chromaDepth & 7) };
}

const kProfiles: Record<number, string> = {
  44: 'CAVLC 4:4:4',
  66: 'Baseline',
  77: 'Main',
  88: 'Extended',
  100: 'High',
  110: 'High 10',
  122: 'High 4:2:2',
  244: 'High 4:4:4 Predictive',
};
const kChroma = ['4:0:0', '4:2:0', '4:2:2', '4:4:4'];

/** True if the built-in decoder knows the profile and sample format. */
export function isDecodable({ profile, chromaFormat, bitDepth }: AvcConfig): boolean {
  return [66, 77, 88, 100].includes(profile) && chromaFormat === 1 && bitDepth === 8;
}

/** For messages, such as "H.264 High 10 (10-bit 4:2:0)". */
export function describeAvc({ profile, chromaFormat, bitDepth }: AvcConfig): string {
  const name = kProfiles[profile] ?? `profile ${profile}`;
  return `H.264 ${name} (${bitDepth}-bit ${kChroma[chromaFormat]})`;
}

/**
 * An access unit with start codes; key frames get the parameter sets in front unless they bring
 * their own. Undefined if a length is wrong.
 */
export function toAnnexB(packet: Uint8Array, config: AvcConfig, key: boolean): Uint8Array | undefined {
  const units: Uint8Array[] = [];
  let hasSps = false;
  for (let position = 0; position < packet.length;) {
    let length = 0;
    const start = position + config.lengthSize;
    for (; position < start; position++) length = length * 256 + (packet[position] ?? 0);
    position += length;
    if (start > packet.length || position > packet.length) return undefined;
    if (length === 0) continue;
    hasSps ||= ((packet[start] ?? 0) & 0x1f) === kSps;
    units.push(packet.subarray(start, position));
  }
  if (units.length === 0) return undefined;
  return joinWithStartCodes(units, key && !hasSps ? config.parameterSets : undefined);
}

function joinWithStartCodes(units: Uint8Array[], head?: Uint8Array): Uint8Array {
  let size = head?.length ?? 0;
  for (const unit of units) size += kStartCode.length + unit.length;
  const joined = new Uint8Array(size);
  let position = head?.length ?? 0;
  if (head) joined.set(head);
  for (const unit of units) {
    joined.set(kStartCode, position);
    joined.set(unit, position + kStartCode.length);
    position += kStartCode.length + unit.length;
  }
  return joined;
}
