/** The arithmetic of the benchmarks: no input, no output. */

/** The value below which `percent` of `values` lie (nearest rank); null without values. */
export function percentile(values: readonly number[], percent: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? null;
}

/** Rounds for printing; null stays null. */
export function round<Value extends number | null>(value: Value, digits: number): Value {
  return (value === null ? null : Number(value.toFixed(digits))) as Value;
}

/** PSNR in dB of 8-bit samples with this mean squared error; 100 for equal pictures. */
export function psnr(meanSquaredError: number): number {
  if (meanSquaredError <= 0) return 100;
  return Math.min(100, 10 * Math.log10((255 * 255) / meanSquaredError));
}

/** One frame in a trace of `boardcast send` or `receive`; times are microseconds, -1 where absent. */
export interface TraceRecord {
  rtpTimestamp: number;
  captureTime: number;
  mediaTime: number;
  doneTime: number;
}

/** Reads the CSV that --trace writes. */
export function parseTrace(csv: string): TraceRecord[] {
  const [head = '', ...lines] = csv.trim().split('\n');
  const names = head.split(',');
  const column = (name: keyof TraceRecord): number => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`The trace has no column ${name}: ${head}`);
    return index;
  };
  const columns = {
    rtpTimestamp: column('rtpTimestamp'),
    captureTime: column('captureTime'),
    mediaTime: column('mediaTime'),
    doneTime: column('doneTime'),
  };
  return lines.map((line) => {
    const cells = line.split(',');
    const cell = (index: number): number => Number(cells[index] ?? -1);
    return {
      rtpTimestamp: cell(columns.rtpTimestamp),
      captureTime: cell(columns.captureTime),
      mediaTime: cell(columns.mediaTime),
      doneTime: cell(columns.doneTime),
    };
  });
}

/** A frame that was sent and decoded. */
export interface MatchedFrame {
  /** Position in the source, microseconds. */
  mediaTime: number;
  /** From capture to the decoded frame, milliseconds. */
  latencyMs: number;
}

/**
 * The decoded frames in the order of decoding, each with what the sender knows of it; undefined for
 * one that is not in the sender's trace. Both traces must have been written by the same clock.
 */
export function matchFrames(
  sent: readonly TraceRecord[],
  received: readonly TraceRecord[],
): (MatchedFrame | undefined)[] {
  const byTimestamp = new Map(sent.map((record) => [record.rtpTimestamp, record]));
  const decoded = received.filter((record) => record.doneTime >= 0);
  decoded.sort((a, b) => a.doneTime - b.doneTime);
  return decoded.map((record) => {
    const source = byTimestamp.get(record.rtpTimestamp);
    if (!source) return undefined;
    return { mediaTime: source.mediaTime, latencyMs: (record.doneTime - source.captureTime) / 1000 };
  });
}

/** Least-squares slope of `y` over `x`; 0 with fewer than two points. */
export function slope(points: readonly { x: number; y: number }[]): number {
  if (points.length < 2) return 0;
  const meanX = points.reduce((sum, point) => sum + point.x, 0) / points.length;
  const meanY = points.reduce((sum, point) => sum + point.y, 0) / points.length;
  let above = 0;
  let below = 0;
  for (const { x, y } of points) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
