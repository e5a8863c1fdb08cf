import { Buffer } from "node:buffer";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileIn, FilesIn, FileSource } from "../../files-in.ts";

const block = 512;

/** The names of the runtime's own two entries. */
export const movesName = ".moves";
export const endName = ".end";

/**
 * Files as a tar archive, entry by entry, for `tar` and for the interfaces of Docker and Kubernetes. The list
 * of moves comes first. An empty file comes last: an archive that was cut off does not have it.
 */
export async function* archiveOf(files: Omit<FilesIn, "folder">): AsyncGenerator<Uint8Array> {
  yield* plainFile(movesName, 0o600, Buffer.from(movesOf(files)));
  for (const path of files.whole) yield* entryOf({ path: `${path}/`, type: "5", mode: 0o700 });
  for (const entry of files.entries) {
    if (entry.kind === "folder") yield* entryOf({ path: `${entry.path}/`, type: "5", mode: 0o700 });
    else if (entry.kind === "link")
      yield* entryOf({ path: entry.path, type: "2", mode: 0o777, target: entry.target });
    else yield* plainFile(entry.path, entry.mode, await contentOf(entry));
  }
  yield* plainFile(endName, 0o600, Buffer.alloc(0));
  yield Buffer.alloc(2 * block);
}

/** The content of a file. Rejects with ESTALE if a host's file has changed. */
export const contentOf = async ({ content }: FileIn & { readonly kind: "file" }): Promise<Uint8Array> =>
  typeof content === "string"
    ? Buffer.from(content)
    : content instanceof Uint8Array
      ? content
      : readSource(content);

/**
 * The list of moves of extracted entries, one line each: `w`hole folder, `d` folder, `f`ile or `l`ink, and
 * the path.
 */
const movesOf = ({ whole, entries }: Omit<FilesIn, "folder">): string => {
  const isInWhole = (path: string): boolean => whole.some((folder) => path.startsWith(`${folder}/`));
  const lines = entries.flatMap(({ kind, path }) => (isInWhole(path) ? [] : [`${letterOf[kind]} ${path}`]));
  return [...whole.map((path) => `w ${path}`), ...lines].map((line) => `${line}\n`).join("");
};

const letterOf = { folder: "d", file: "f", link: "l" } as const;

type Entry = {
  readonly path: string;
  readonly type: "0" | "2" | "5";
  readonly mode: number;
  readonly size?: number;
  readonly target?: string;
};

function* plainFile(path: string, mode: number, content: Uint8Array): Generator<Uint8Array> {
  yield* entryOf({ path, type: "0", mode, size: content.length });
  yield content;
  yield padding(content.length);
}

/** Writes names above 100 bytes as extra entries in GNU's format, which busybox, BSD and Go read too. */
function* entryOf(entry: Entry): Generator<Uint8Array> {
  const { path, target = "" } = entry;
  if (Buffer.byteLength(target) > 100) yield* longName("K", target);
  if (Buffer.byteLength(path) > 100) yield* longName("L", path);
  yield header(entry);
}

function* longName(type: "K" | "L", name: string): Generator<Uint8Array> {
  const content = Buffer.from(`${name}\0`);
  yield header({ path: "././@LongLink", type, mode: 0, size: content.length });
  yield content;
  yield padding(content.length);
}

const padding = (size: number): Uint8Array => Buffer.alloc((block - (size % block)) % block);

/** A header of POSIX's ustar, without an owner: the account that extracts the file owns it. */
const header = ({
  path,
  type,
  mode,
  size = 0,
  target = "",
}: Omit<Entry, "type"> & { readonly type: string }): Uint8Array => {
  const bytes = Buffer.alloc(block);
  const number = (value: number, at: number, length: number): void =>
    void bytes.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  Buffer.from(path).copy(bytes, 0, 0, 100);
  number(mode, 100, 8);
  number(0, 108, 8);
  number(0, 116, 8);
  number(size, 124, 12);
  number(0, 136, 12);
  bytes.write("        ", 148, "latin1");
  bytes.write(type, 156, "latin1");
  Buffer.from(target).copy(bytes, 157, 0, 100);
  bytes.write("ustar\u000000", 257, "latin1");
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return bytes;
};

/**
 * The bytes of a file of the host. Follows no link. Fails with ESTALE if the file has another size or time
 * than given, because another program may write to its folder.
 */
const readSource = async ({ source, size, mtimeMs }: FileSource): Promise<Uint8Array> => {
  const handle = await open(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size !== size || stat.mtimeMs !== mtimeMs) throw changed(source);
    const buffer = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await handle.read(buffer, at, size - at, at);
      if (bytesRead === 0) throw changed(source);
      at += bytesRead;
    }
    return buffer;
  } finally {
    await handle.close();
  }
};

/** An error with a code like a system error, so that callers handle both in one place. */
const changed = (source: string): Error =>
  Object.assign(new Error(`${source} changed while it was read`), { code: "ESTALE" });
