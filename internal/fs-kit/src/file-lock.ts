import { createRequire } from "node:module";
import { lstat, rm, type FileHandle } from "node:fs/promises";
import { type Result, systemCode } from "@gatehouse/std";
import { explainUnsafe, type UnsafePlace } from "./unsafe-place.ts";
import { openOwnFile } from "./own-file.ts";
import { pause } from "./pause.ts";

export type FileLock = { release(): Promise<void> };

export type FileLockError =
  | { readonly code: "lock-timeout"; readonly holder: string | null; readonly waitedMs: number }
  | { readonly code: "cancelled" }
  /** What stands at its path is no file of this account's alone. It was left as it is. */
  | { readonly code: "lock-unsafe"; readonly place: UnsafePlace }
  /** No locks to be had: the native library does not load here, or the file cannot be made. */
  | { readonly code: "lock-unavailable"; readonly detail: string };

export type FileLockRequest = {
  readonly path: string;
  /** For one holder: a lock that goes from hand to hand is waited for as long as it does. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Somebody else holds the lock: `pid 4711 since 2026-11-20T08:00:00.000Z`, or null where it has not signed yet. */
  readonly onWait?: (holder: string | null) => void;
};

/** Milliseconds between tries. A try costs about 6 microseconds. */
const tryEvery = 15;

/** The part of fs-native-extensions 1.5.1 (which ships no types) that is used here. */
export type Native = {
  /** Takes an exclusive lock on an open file; false where another open file has it. Closing the file ends it. */
  tryLock(fd: number): boolean;
};

const require = createRequire(import.meta.url);

/** Loaded on first use (10 ms and more); on a platform without a prebuilt library (musl) there is none. */
export const loadNative = (): Result<Native, FileLockError> => {
  try {
    return { ok: true, value: require("fs-native-extensions") as Native };
  } catch (error) {
    return { ok: false, error: { code: "lock-unavailable", detail: String(error) } };
  }
};

/**
 * Holds a file against every other holder, in this process or another, until released. It is a lock of the kernel on an
 * open file: whoever is killed loses it at once, so there is nothing stale to recognise and break.
 */
export const acquireFileLock = async (request: FileLockRequest): Promise<Result<FileLock, FileLockError>> => {
  const native = loadNative();
  if (!native.ok) return native;
  const { path, timeoutMs, signal, onWait } = request;
  let holder: string | null | undefined;
  let heldSince = performance.now();
  for (;;) {
    if (signal?.aborted) return { ok: false, error: { code: "cancelled" } };
    const tried = await tryOnce(path, native.value);
    if (!tried.ok) return tried;
    if ("release" in tried.value) return { ok: true, value: tried.value };
    const now = tried.value.holder;
    if (now !== holder) {
      holder = now;
      heldSince = performance.now();
      onWait?.(holder);
    }
    const waitedMs = performance.now() - heldSince;
    if (waitedMs >= timeoutMs) return { ok: false, error: { code: "lock-timeout", holder: now, waitedMs } };
    await pause(tryEvery, signal);
  }
};

/** The lock, or who holds it as they wrote it. */
const tryOnce = async (
  path: string,
  native: Native,
): Promise<Result<FileLock | { readonly holder: string | null }, FileLockError>> => {
  const opened = await openLock(path);
  if (!opened.ok) return opened;
  const handle = opened.value;
  const locked = await lockOpened(handle, native, path);
  if (locked.ok && locked.value) {
    await sign(handle);
    return { ok: true, value: { release: () => release(path, handle) } };
  }
  const holder = await holderIn(handle);
  await handle.close();
  return locked.ok ? { ok: true, value: { holder } } : locked;
};

/** A folder that others may write lets them take a lock away: then there is none to be had, and no file is to blame. */
const openLock = async (path: string): Promise<Result<FileHandle, FileLockError>> => {
  const opened = await openOwnFile(path, "append");
  if (opened.ok) return opened;
  const { error } = opened;
  if (error.code === "unavailable")
    return { ok: false, error: { code: "lock-unavailable", detail: error.detail } };
  const { place } = error;
  if (place.path === path) return { ok: false, error: { code: "lock-unsafe", place } };
  return { ok: false, error: { code: "lock-unavailable", detail: explainUnsafe(place) } };
};

/**
 * Whether an open file is ours now, and still the one at this path: a holder removes it, and somebody else may have made
 * another by then. A file system without locks (ENOLCK on NFS) is like a machine without the library.
 */
export const lockOpened = async (
  handle: FileHandle,
  native: Native,
  path: string,
): Promise<Result<boolean, FileLockError>> => {
  try {
    return { ok: true, value: native.tryLock(handle.fd) && (await isStill(path, handle)) };
  } catch (error) {
    return { ok: false, error: { code: "lock-unavailable", detail: `${systemCode(error)}: ${path}` } };
  }
};

/** For whoever waits to read. A full disk leaves the lock unsigned, and a lock all the same. */
const sign = async (handle: FileHandle): Promise<void> => {
  try {
    await handle.truncate(0);
    await handle.write(`pid ${process.pid} since ${new Date().toISOString()}\n`);
  } catch (error) {
    systemCode(error);
  }
};

/**
 * The file is removed while it is held; who locked the removed one then sees another inode. Where it cannot be removed it
 * stays, and holds nobody up. Where somebody put another folder in the place of its own, that one's lock stays.
 */
const release = async (path: string, handle: FileHandle): Promise<void> => {
  try {
    if (await isStill(path, handle)) await rm(path, { force: true });
  } catch (error) {
    systemCode(error);
  } finally {
    await handle.close();
  }
};

const isStill = async (path: string, handle: FileHandle): Promise<boolean> => {
  try {
    const [there, ours] = await Promise.all([lstat(path), handle.stat()]);
    return there.ino === ours.ino && there.dev === ours.dev;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
};

/** What the holder wrote about itself. For people only: nothing is decided by it. */
const holderIn = async (handle: FileHandle): Promise<string | null> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(100), 0, 100, 0);
  return buffer.toString("utf8", 0, bytesRead).trim() || null;
};
