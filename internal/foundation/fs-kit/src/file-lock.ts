import { statSync } from "node:fs";
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
  /** The entry at the lock's path is not a file that only this account controls. It is left unchanged. */
  | { readonly code: "lock-unsafe"; readonly place: UnsafePlace }
  /** Locks are unavailable: the native library does not load here, or the file cannot be made. */
  | { readonly code: "lock-unavailable"; readonly detail: string };

export type FileLockRequest = {
  readonly path: string;
  /** Time limit for each holder: it starts again when the lock passes from one holder to the next. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /**
   * Called when another process holds the lock, with its text `pid 4711 since 2026-11-20T08:00:00.000Z`, or with null
   * if it has not written a text yet.
   */
  readonly onWait?: (holder: string | null) => void;
};

/** Milliseconds between tries. A try costs about 6 microseconds. */
const tryEvery = 15;

/** The functions of fs-native-extensions 1.5.1 that are used here; it ships no types. */
export type Native = {
  /**
   * Takes an exclusive lock on an open file; false if another open file has it. Closing the file releases it.
   */
  tryLock(fd: number): boolean;
};

const underDeno = "Deno cannot load fs-native-extensions, which locks files: start this program with Node";

const require = createRequire(import.meta.url);

/**
 * Loads the library on first use (10 ms and more). There is no prebuilt one for some platforms (musl).
 * Right after a synchronous stat of a pipe or a socket, Node 20.20.2 stops following links when it
 * looks up a package, and a library in pnpm's folder does not find its own dependencies. The stat of "/"
 * prevents this.
 */
export const loadNative = (): Result<Native, FileLockError> => {
  // Loading it ends Deno 2.9 at once: the library asks for a function that Deno's libuv lacks.
  if ("Deno" in globalThis) return { ok: false, error: { code: "lock-unavailable", detail: underDeno } };
  try {
    statSync("/");
    return { ok: true, value: require("fs-native-extensions") as Native };
  } catch (error) {
    return { ok: false, error: { code: "lock-unavailable", detail: String(error) } };
  }
};

/**
 * Locks a file against every other holder, in this process or another, until it is released. This is a kernel
 * lock on an open file: a killed process loses it at once, so there are no stale locks to break.
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

/** Tries once. Returns the lock, or the text of its holder. */
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

/**
 * Opens the lock's file. If other accounts can write to its folder, they can remove the lock. Then the error
 * is that locks are unavailable, and names no file.
 */
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
 * True if we locked this open file and it is still the file at this path: a holder removes the file on
 * release, and another process may have made a new one since. A file system without locks (ENOLCK on NFS)
 * counts as a missing library.
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

/** Writes the text that waiting processes read. On a full disk the lock is valid without a text. */
const sign = async (handle: FileHandle): Promise<void> => {
  try {
    await handle.truncate(0);
    await handle.write(`pid ${process.pid} since ${new Date().toISOString()}\n`);
  } catch (error) {
    systemCode(error);
  }
};

/**
 * Removes the file while the lock is held; a process that locks the removed file sees another inode at the
 * path. If the file cannot be removed it stays, and blocks no process. If the folder was replaced by another,
 * that folder's lock stays.
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

/** The text that the holder wrote about itself, for people. It may be missing, so a lock is judged without it. */
const holderIn = async (handle: FileHandle): Promise<string | null> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(100), 0, 100, 0);
  return buffer.toString("utf8", 0, bytesRead).trim() || null;
};
