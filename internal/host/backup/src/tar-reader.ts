import { Buffer } from "node:buffer";
import { Header } from "tar";
import { blockBytes, type TarEntry } from "./tar-writer.ts";

/** Pulls bytes from a stream. */
type Pull = {
  /** So many bytes; null if the stream has fewer. */
  readonly exact: (bytes: number) => Promise<Buffer | null>;
  /** At least one byte and at most so many; null at the end. */
  readonly some: (most: number) => Promise<Buffer | null>;
};

const pullFrom = (source: AsyncIterable<Uint8Array>): Pull => {
  const chunks = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const some = async (most: number): Promise<Buffer | null> => {
    while (held.byteLength === 0) {
      const next = await chunks.next();
      if (next.done === true) return null;
      held = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    const taken = held.subarray(0, most);
    held = held.subarray(taken.byteLength);
    return taken;
  };
  return {
    some,
    exact: async (bytes) => {
      const parts: Buffer[] = [];
      for (let missing = bytes; missing > 0;) {
        const part = await some(missing);
        if (part === null) return null;
        parts.push(part);
        missing -= part.byteLength;
      }
      return parts.length === 1 ? (parts[0] ?? null) : Buffer.concat(parts);
    },
  };
};

/** Maximum size of a header for a long name, bytes. Paths of Linux have at most 4,096. */
const mostBytesOfPax = 65_536;

/** An entry as it was read, with its bytes. They have to be read before the next entry. */
export type ReadEntry = Required<TarEntry> & { readonly chunks: AsyncIterable<Buffer> };

/**
 * Reads the entries of a tar that `tar-writer` made, one after the other. `end` comes at the blocks of zeros;
 * `damaged` for anything else, also for a stream that ends early.
 */
export const readTar = (
  source: AsyncIterable<Uint8Array>,
): { next: () => Promise<ReadEntry | "end" | "damaged"> } => {
  const pull = pullFrom(source);
  /** The bytes of the last entry, with its padding, that were not pulled yet. */
  let left = { content: 0, padding: 0 };
  const skip = async (): Promise<boolean> => {
    const { content, padding } = left;
    left = { content: 0, padding: 0 };
    for (let missing = content + padding; missing > 0;) {
      const part = await pull.some(missing);
      if (part === null) return false;
      missing -= part.byteLength;
    }
    return true;
  };
  const contentOf = async function* (): AsyncGenerator<Buffer> {
    while (left.content > 0) {
      const part = await pull.some(left.content);
      // The next header is missing then, too.
      if (part === null) return;
      left.content -= part.byteLength;
      yield part;
    }
  };
  const nextHeader = async (): Promise<Header | "end" | "damaged"> => {
    const block = await pull.exact(blockBytes);
    if (block === null) return "damaged";
    const header = new Header(block);
    if (header.nullBlock) return "end";
    return header.cksumValid ? header : "damaged";
  };
  const namesOf = async (size: number): Promise<Names | null> => {
    const body = size > mostBytesOfPax ? null : await pull.exact(size + paddingBytes(size));
    return body === null ? null : namesIn(body.subarray(0, size));
  };
  const next = async (): Promise<ReadEntry | "end" | "damaged"> => {
    if (!(await skip())) return "damaged";
    const first = await nextHeader();
    if (typeof first === "string") return first;
    const names = first.type === "ExtendedHeader" ? await namesOf(first.size ?? 0) : {};
    const header = first.type === "ExtendedHeader" ? await nextHeader() : first;
    if (names === null || typeof header === "string") return "damaged";
    const { type, mode = 0, mtime } = header;
    const { path = header.path ?? "", size = header.size ?? 0, linkpath = header.linkpath ?? "" } = names;
    if (type !== "File" && type !== "Directory" && type !== "SymbolicLink") return "damaged";
    left = { content: size, padding: paddingBytes(size) };
    const mtimeMs = mtime?.getTime() ?? 0;
    return { type, path: path.replace(/\/$/, ""), mode, size, mtimeMs, linkpath, chunks: contentOf() };
  };
  return { next };
};

const paddingBytes = (size: number): number => (blockBytes - (size % blockBytes)) % blockBytes;

type Names = { readonly path?: string; readonly linkpath?: string; readonly size?: number };

/**
 * Reads records such as `30 path=data/groups/ä\n`. The parser of `tar` 7.5.23 loses names with a line break in them. Null
 * for anything else.
 */
const namesIn = (body: Buffer): Names | null => {
  const names: { path?: string; linkpath?: string; size?: number } = {};
  for (let at = 0; at < body.byteLength;) {
    const [digits = ""] = /^\d{1,6} /.exec(body.toString("latin1", at, at + 8)) ?? [];
    const length = Number(digits);
    if (digits === "" || length <= digits.length || at + length > body.byteLength) return null;
    const record = body.toString("utf8", at + digits.length, at + length);
    const equals = record.indexOf("=");
    const [name, value] = [record.slice(0, equals), record.slice(equals + 1, -1)];
    if (name === "path" || name === "linkpath") names[name] = value;
    else if (name === "size") names.size = Number(value);
    else return null;
    at += length;
  }
  return names;
};
