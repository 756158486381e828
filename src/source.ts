/** Source words: URL-like names of where media comes from. */
import { checkString, MediaError } from './errors.js';

/** A parsed source word. Sizes in pixels, frame rates in frames per second. */
export type SourceWord =
  | { kind: 'camera'; path: string; width?: number; height?: number; frameRate?: number }
  | { kind: 'mic'; device: string }
  | { kind: 'clip' | 'y4m' | 'wav'; path: string }
  | { kind: 'pattern'; width: number; height: number; frameRate: number }
  | { kind: 'tone'; channels: number };

/** The words that {@link parseSource} knows, for messages and help. */
export const kSourceForms = [
  'camera:/dev/video0',
  'mic:hw:1,0',
  'file:clip.mp4 (or .y4m, .wav)',
  'pattern:?width=640&height=360&frameRate=30',
  'tone:',
] as const;

const kContainers: Record<string, 'clip' | 'y4m' | 'wav'> = {
  mp4: 'clip',
  m4v: 'clip',
  mov: 'clip',
  y4m: 'y4m',
  wav: 'wav',
};

/**
 * Parses a source word.
 * @throws MediaError `ERR_UNKNOWN_SOURCE` listing the words that are known.
 */
export function parseSource(word: string): SourceWord {
  checkString('source', word, 'a source word such as "camera:/dev/video0"');
  const colon = word.indexOf(':');
  const scheme = word.slice(0, Math.max(colon, 0));
  const rest = word.slice(colon + 1);
  switch (scheme) {
    case 'camera':
      return parseCamera(word, rest);
    case 'mic':
      return { kind: 'mic', device: rest || 'default' };
    case 'file':
      return parseFile(word, rest);
    case 'pattern':
      return { kind: 'pattern', width: 640, height: 360, frameRate: 30, ...parsePicture(word, rest) };
    case 'tone':
      return { kind: 'tone', channels: parseChannels(word, rest) };
    default:
      throw unknownSource(word, `Unknown source "${word}"`);
  }
}

/** True for words that give sound. */
export function isAudioSource(source: SourceWord): boolean {
  return source.kind === 'mic' || source.kind === 'wav' || source.kind === 'tone';
}

function parseCamera(word: string, rest: string): SourceWord {
  const query = rest.indexOf('?');
  const path = query < 0 ? rest : rest.slice(0, query);
  return {
    kind: 'camera',
    path: path || '/dev/video0',
    ...parsePicture(word, query < 0 ? '' : rest.slice(query)),
  };
}

function parseFile(word: string, path: string): SourceWord {
  if (path === '') throw unknownSource(word, `"${word}" names no file`);
  const kind = kContainers[/\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];
  if (!kind) throw unknownSource(word, `"${path}" is no kind of file that can be read`);
  return { kind, path };
}

interface Picture {
  width?: number;
  height?: number;
  frameRate?: number;
}

function parsePicture(word: string, text: string): Picture {
  const picture: Picture = {};
  for (const [name, value] of parseQuery(word, text)) {
    if (name === 'width' || name === 'height') picture[name] = parseNumber(word, name, value, 16, 3840, 2);
    else if (name === 'frameRate') picture.frameRate = parseNumber(word, name, value, 1, 60, 0);
    else
      throw unknownSource(
        word,
        `"${word}" has the unknown setting "${name}" (known: width, height, frameRate)`,
      );
  }
  return picture;
}

function parseChannels(word: string, text: string): number {
  let channels = 2;
  for (const [name, value] of parseQuery(word, text)) {
    if (name !== 'channels')
      throw unknownSource(word, `"${word}" has the unknown setting "${name}" (known: channels)`);
    channels = parseNumber(word, name, value, 1, 2, 1);
  }
  return channels;
}

function parseQuery(word: string, text: string): URLSearchParams {
  if (text !== '' && !text.startsWith('?')) {
    throw unknownSource(word, `"${word}" has "${text}" where settings such as "?width=640" belong`);
  }
  return new URLSearchParams(text);
}

/** A number from `min` to `max` that is a multiple of `step` (0: any). */
function parseNumber(
  word: string,
  name: string,
  value: string,
  min: number,
  max: number,
  step: number,
): number {
  const number = Number(value);
  const fits = value !== '' && number >= min && number <= max && (step === 0 || number % step === 0);
  if (fits) return number;
  const kind = step === 2 ? 'an even number' : 'a number';
  throw unknownSource(
    word,
    `"${word}": expected ${kind} from ${min} to ${max} for \`${name}\` but received "${value}"`,
  );
}

function unknownSource(word: string, problem: string): MediaError {
  return new MediaError('ERR_UNKNOWN_SOURCE', `${problem}. Known sources: ${kSourceForms.join(', ')}`, {
    path: word,
  });
}
