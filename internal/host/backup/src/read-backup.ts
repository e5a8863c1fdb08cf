import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { openPlainFile } from "@gatehouse/fs-kit";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { Decrypter } from "age-encryption";
import type { BackupError } from "./backup-error.ts";
import { ageBeginning } from "./encryption.ts";
import { checkEnd, newSeal, withoutEnd, type EndState } from "./end-block.ts";
import {
  aboutName,
  dataPrefix,
  differingPaths,
  formatNumber,
  isSafePath,
  lineOf,
  manifestName,
  parseAbout,
  parseManifest,
  type About,
  type BackedUp,
  type BackupEntry,
  type NotInIt,
} from "./manifest.ts";
import { readTar, type ReadEntry } from "./tar-reader.ts";

/** A backup that is whole: each byte is as it was written. */
export type ReadBackup = {
  readonly about: About;
  readonly isEncrypted: boolean;
  readonly entries: number;
  readonly notInIt: readonly NotInIt[];
};

/** What a reader of a backup does with it. Its system errors rise to the caller. */
export type BackupVisitor = {
  /** Called before all entries. An error ends the reading. */
  readonly begin: (about: About) => BackupError | null;
  /** Takes an entry whose bytes are not checked yet. */
  readonly entry: (entry: BackupEntry) => Promise<void>;
};

/** A backup, open for reading. */
export type OpenBackup = {
  readonly file: string;
  readonly handle: FileHandle;
  readonly isEncrypted: boolean;
};

/** Opens a backup, and finds out whether it is encrypted. */
export const openBackup = async (file: string): Promise<Result<OpenBackup, BackupError>> => {
  try {
    const handle = await openPlainFile(file);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(ageBeginning.length),
      0,
      ageBeginning.length,
      0,
    );
    return ok({ file, handle, isEncrypted: buffer.toString("latin1", 0, bytesRead) === ageBeginning });
  } catch (error) {
    return fail({ code: "backup-unreadable", file, detail: systemCode(error) });
  }
};

/**
 * Reads a whole backup, and checks each byte of it: by the end block, by the manifest, and an encrypted one by age. The
 * visitor gets each entry before that is known, so it keeps nothing if this fails. Reading stops at `signal`.
 */
export const readBackup = async (
  { file, handle, isEncrypted }: OpenBackup,
  {
    decrypter,
    visitor,
    signal,
  }: { decrypter: Decrypter | null; visitor: BackupVisitor; signal: AbortSignal },
): Promise<Result<ReadBackup, BackupError>> => {
  if (isEncrypted && decrypter === null) return fail({ code: "backup-encrypted", file });
  const state = { isDecrypted: true, unreadable: null as string | null };
  const bytes = stopped(bytesOf(handle, state), signal);
  const plain = isEncrypted && decrypter !== null ? await decrypted(bytes, decrypter, state) : bytes;
  if (plain === null) return fail(signal.aborted ? { code: "cancelled", file } : { code: "wrong-key", file });
  let end: EndState = "cut";
  const seal = newSeal();
  const sealed = withoutEnd(plain, seal, (block) => (end = checkEnd(block, seal)));
  const read = await readEntries(sealed, visitor, file);
  // What the tar has behind its end, and all of it after an error: only then the end block is known.
  for await (const rest of sealed) void rest;
  if (signal.aborted) return fail({ code: "cancelled", file });
  if (state.unreadable !== null) return fail({ code: "backup-unreadable", file, detail: state.unreadable });
  if (read.error !== null) return fail(read.error);
  // An encrypted file that was cut fails in its last part, as a changed one does.
  if (!state.isDecrypted) return fail({ code: "backup-damaged", file, paths: [] });
  if (end === "cut") return fail({ code: read.about === null ? "not-a-backup" : "backup-cut", file });
  const { about, written, found, notInIt } = read;
  if (end === "changed" || about === null || written === null)
    return fail({
      code: "backup-damaged",
      file,
      paths: written === null ? [] : differingPaths(written, found),
    });
  const paths = differingPaths(written, found);
  if (paths.length > 0) return fail({ code: "backup-damaged", file, paths });
  return ok({ about, isEncrypted, entries: found.length, notInIt });
};

const chunkBytes = 2 ** 18;

const bytesOf = async function* (
  handle: FileHandle,
  state: { unreadable: string | null },
): AsyncGenerator<Uint8Array> {
  for (let at = 0; ;) {
    const read = await handle
      .read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, at)
      .catch((error: unknown) => systemCode(error));
    if (typeof read === "string") {
      state.unreadable = read;
      return;
    }
    if (read.bytesRead === 0) return;
    at += read.bytesRead;
    yield read.buffer.subarray(0, read.bytesRead);
  }
};

const stopped = async function* (
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) {
    if (signal.aborted) return;
    yield bytes;
  }
};

/** Decrypts. Null if no key opens the file. Ends early, and says so in `state`, at bytes that were changed. */
const decrypted = async (
  source: AsyncIterable<Uint8Array>,
  decrypter: Decrypter,
  state: { isDecrypted: boolean },
): Promise<AsyncIterable<Uint8Array> | null> => {
  const opened = await decrypter.decrypt(webStreamOf(source)).catch(ageError);
  if (opened instanceof Error) return null;
  return (async function* () {
    const reader = opened.getReader();
    for (;;) {
      const next = await reader.read().catch(ageError);
      if (next instanceof Error) {
        state.isDecrypted = false;
        return;
      }
      if (next.done) return;
      yield next.value;
    }
  })();
};

/** The errors of age-encryption 0.3.1 have no code. Those of our source come as values, so all are about the bytes. */
const ageError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const webStreamOf = (source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> => {
  const chunks = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await chunks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  });
};

/** What was read of a backup. */
type Read = {
  /** Null if the first entry is none of ours. */
  readonly about: About | null;
  readonly error: BackupError | null;
  /** The lines of the manifest; null if it was not reached. */
  readonly written: readonly string[] | null;
  /** The lines of the entries that were read. */
  readonly found: readonly string[];
  readonly notInIt: readonly NotInIt[];
};

const readEntries = async (
  source: AsyncIterable<Uint8Array>,
  visitor: BackupVisitor,
  file: string,
): Promise<Read> => {
  const none: Read = { about: null, error: null, written: null, found: [], notInIt: [] };
  const tar = readTar(unclosed(source));
  const first = await tar.next();
  if (typeof first === "string" || first.path !== aboutName) return none;
  const about = parseAbout(await textOf(first));
  if (about === null) return none;
  if ("newer" in about) return { ...none, error: newerFormat(file, about.newer) };
  const refused = visitor.begin(about);
  if (refused !== null) return { ...none, about, error: refused };
  const found: string[] = [];
  for (;;) {
    const entry = await tar.next();
    // An end before the manifest is an end too early, like a header that cannot be read.
    if (typeof entry === "string") return { ...none, about, found };
    if (entry.path === manifestName) {
      const { lines, notInIt } = parseManifest(await textOf(entry));
      const isLast = (await tar.next()) === "end";
      return { ...none, about, found, written: isLast ? lines : null, notInIt };
    }
    const line = await readEntry(entry, visitor);
    if (line === null) return { ...none, about, found };
    found.push(line);
  }
};

/** Keeps a loop that ends early from ending the source. */
const unclosed = (source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => {
  const chunks = source[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }) };
};

const newerFormat = (
  file: string,
  { format, version }: { format: number; version: string },
): BackupError => ({
  code: "newer-backup",
  file,
  version,
  found: `format ${format}`,
  known: `formats up to ${formatNumber}`,
});

/** Maximum size of the manifest, bytes: some millions of files. */
const mostBytesOfText = 2 ** 29;

const textOf = async ({ chunks, size }: ReadEntry): Promise<string> => {
  if (size > mostBytesOfText) return "";
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString("utf8");
};

/** Reads an entry of the data folder. Returns its line; null for an entry that no backup has. */
const readEntry = async (entry: ReadEntry, visitor: BackupVisitor): Promise<string | null> => {
  const { mtimeMs, size } = entry;
  const path = entry.path.slice(dataPrefix.length);
  const mode = entry.mode & 0o7777;
  if (!entry.path.startsWith(dataPrefix) || !isSafePath(path)) return null;
  const done = (backedUp: BackedUp): string => lineOf(backedUp);
  switch (entry.type) {
    case "Directory":
      await visitor.entry({ type: "folder", path, mode, mtimeMs });
      return done({ type: "folder", path, mode });
    case "SymbolicLink":
      await visitor.entry({ type: "link", path, to: entry.linkpath });
      return done({ type: "link", path, to: entry.linkpath });
    case "File": {
      const hash = createHash("sha256");
      const hashed = (async function* () {
        for await (const chunk of entry.chunks) {
          hash.update(chunk);
          yield chunk;
        }
      })();
      await visitor.entry({ type: "file", path, mode, mtimeMs, size, chunks: hashed });
      // A visitor that wants no bytes leaves them.
      for await (const rest of hashed) void rest;
      return done({ type: "file", path, mode, size, sha256: hash.digest("hex") });
    }
  }
};
