/** Checks of files before a reader gets them, so that an error says what is wrong in words. */
import { access, constants, open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { fromFileError, MediaError } from './errors.js';

/**
 * Size of a readable file in bytes.
 * @throws MediaError for files that are missing, empty, unreadable or a folder.
 */
export async function checkFile(path: string): Promise<number> {
  let size: number;
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR', errno: 21 });
    await access(path, constants.R_OK);
    size = status.size;
  } catch (error) {
    throw fromFileError(error, path);
  }
  if (size === 0) throw new MediaError('ERR_FILE_EMPTY', `${path} is empty`, { path });
  return size;
}

/**
 * Walks the boxes of an MP4 file (ISO/IEC 14496-12 section 4.2) without reading their content, and
 * returns how many bytes of it can be played: a fragmented recording that was cut off plays up to
 * its last whole fragment.
 * @throws MediaError `ERR_NOT_MEDIA` or `ERR_FILE_TRUNCATED`
 */
export async function checkMp4(path: string): Promise<number> {
  const size = await checkFile(path);
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    throw fromFileError(error, path);
  }
  try {
    return await checkBoxes(file, path, size);
  } finally {
    await file.close();
  }
}

const kFirstBoxes = ['ftyp', 'styp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot', 'uuid'];

async function checkBoxes(file: FileHandle, path: string, fileSize: number): Promise<number> {
  const seen = new Set<string>();
  let playable = 0;
  for (let offset = 0; offset < fileSize;) {
    const box = await readBox(file, offset, fileSize);
    if (offset === 0 && !kFirstBoxes.includes(box?.type ?? '')) {
      throw new MediaError('ERR_NOT_MEDIA', `${path} is not an MP4 file; expected MP4 with H.264`, { path });
    }
    const cut = !box || offset + box.size > fileSize;
    if (cut && seen.has('moof') && seen.has('moov')) return playable;
    if (cut)
      throw truncated(
        path,
        box ? `its "${box.type}" part needs ${offset + box.size} bytes` : 'a part',
        fileSize,
      );
    seen.add(box.type);
    offset += box.size;
    if (box.type !== 'moof') playable = offset;
  }
  if (!seen.has('moov')) throw truncated(path, 'its index ("moov") is missing', fileSize);
  return playable;
}

function truncated(path: string, what: string, size: number): MediaError {
  return new MediaError(
    'ERR_FILE_TRUNCATED',
    `${path} is cut off: ${what}, the file has ${size}; copy or record it again`,
    { path },
  );
}

/** Type and size of the box at `offset`; undefined if not even its header is there. */
async function readBox(
  file: FileHandle,
  offset: number,
  fileSize: number,
): Promise<{ type: string; size: number } | undefined> {
  const header = Buffer.alloc(16);
  const { bytesRead } = await file.read(header, 0, 16, offset);
  if (bytesRead < 8) return undefined;
  const type = header.toString('latin1', 4, 8);
  const size = header.readUInt32BE(0);
  if (size === 0) return { type, size: fileSize - offset };
  if (size > 1) return size < 8 ? undefined : { type, size };
  const large = bytesRead < 16 ? 0 : Number(header.readBigUInt64BE(8));
  return large < 16 ? undefined : { type, size: large };
}
