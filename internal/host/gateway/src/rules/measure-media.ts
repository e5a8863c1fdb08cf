import type { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";

/** Pixels of a picture. */
export type Size = { readonly width: number; readonly height: number };

/**
 * The size of a picture by its header; null for other forms. The vendors take these four only. Written here, because an
 * agent chooses the bytes: image-size up to 2.0.2 loops for ever on two forms that no vendor takes (GHSA-5p2g-fcmc-qvqq).
 */
export const sizeOf = (bytes: Buffer): Size | null => {
  const form = forms.find(({ isIt }) => isIt(bytes));
  const size = form?.size(bytes) ?? null;
  return size !== null && size.width > 0 && size.height > 0 ? size : null;
};

type Form = { readonly isIt: (bytes: Buffer) => boolean; readonly size: (bytes: Buffer) => Size | null };

const has = (bytes: Buffer, at: number, text: string): boolean =>
  bytes.toString("latin1", at, at + text.length) === text;

const forms: readonly Form[] = [
  {
    // PNG: signature, length and name of IHDR, then both sizes.
    isIt: (bytes) => bytes.length >= 24 && has(bytes, 1, "PNG\r\n\x1a\n") && has(bytes, 12, "IHDR"),
    size: (bytes) => ({ width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }),
  },
  {
    isIt: (bytes) => bytes.length >= 10 && (has(bytes, 0, "GIF87a") || has(bytes, 0, "GIF89a")),
    size: (bytes) => ({ width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }),
  },
  {
    isIt: (bytes) => bytes.length >= 30 && has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP"),
    size: (bytes) => sizeOfWebp(bytes),
  },
  {
    isIt: (bytes) => bytes.length >= 4 && bytes.readUInt16BE(0) === 0xff_d8,
    size: (bytes) => sizeOfJpeg(bytes),
  },
];

const sizeOfWebp = (bytes: Buffer): Size | null => {
  if (has(bytes, 12, "VP8X"))
    return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  if (has(bytes, 12, "VP8L")) {
    const bits = bytes.readUInt32LE(21);
    return { width: (bits & 0x3f_ff) + 1, height: ((bits >>> 14) & 0x3f_ff) + 1 };
  }
  if (!has(bytes, 12, "VP8 ")) return null;
  return { width: bytes.readUInt16LE(26) & 0x3f_ff, height: bytes.readUInt16LE(28) & 0x3f_ff };
};

/** The frame headers of JPEG: FFC0 to FFCF without three markers that are something else. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

const sizeOfJpeg = (bytes: Buffer): Size | null => {
  for (let at = 2; at + 9 <= bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes.readUInt8(at + 1);
    // A marker may have any number of FF before it.
    if (marker === 0xff) at += 1;
    else if (isFrame(marker))
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    else at += 2 + Math.max(2, bytes.readUInt16BE(at + 2));
  }
  return null;
};

/** Most bytes of one stream of a PDF, and of all, that are unpacked to count its pages. */
const [mostOfStream, mostOfStreams] = [2 ** 22, 2 ** 25];

/** The pages of a PDF, also of those whose objects are packed in streams; null if none is seen. */
export const pagesOf = (bytes: Buffer): number | null => {
  const text = bytes.toString("latin1");
  let pages = pagesIn(text);
  let left = mostOfStreams;
  for (const { index } of text.matchAll(/\/Type\s*\/ObjStm\b/g)) {
    const begin = /stream\r?\n/.exec(text.slice(index, index + 1_024));
    if (begin === null || left <= 0) continue;
    const unpacked = unpack(bytes.subarray(index + begin.index + begin[0].length));
    left -= unpacked?.length ?? mostOfStream;
    pages += pagesIn(unpacked?.toString("latin1") ?? "");
  }
  return pages === 0 ? null : pages;
};

const pagesIn = (text: string): number => text.match(/\/Type\s*\/Page(?![A-Za-z])/g)?.length ?? 0;

/** A stream that is damaged, encrypted, or too long is null. */
const unpack = (bytes: Buffer): Buffer | null => {
  try {
    return inflateSync(bytes, { maxOutputLength: mostOfStream });
  } catch (error) {
    const { code = "" } = error as { readonly code?: string };
    if (/^(?:Z_|ERR_BUFFER_TOO_LARGE)/.test(code)) return null;
    throw error;
  }
};
