import type { Result } from "@gatehouse/std";
import type { UserSet } from "./user/user.ts";

export type Owner = { readonly uid: number; readonly gid: number };

/** What stands at a path, without following a link that stands there. */
export type DiskEntry = Owner & {
  readonly kind: "file" | "directory" | "link" | "other";
  /** The permission bits: 0o700. */
  readonly mode: number;
};

/** The system refused a call: `EACCES`, `EEXIST`, `ENOSPC`. */
export type FileError = {
  readonly code: "file-error";
  readonly errno: string;
  readonly call: string;
  readonly path: string;
};

export type ReadFile = { readonly text: string; readonly entry: DiskEntry };

/** Files as the wizard needs them. What changes the disk has reached it when its promise resolves. */
export type Files = {
  /** Null where nothing is. */
  look(path: string): Promise<Result<DiskEntry | null, FileError>>;
  /**
   * The text of a file (strict UTF-8, a byte order mark is kept), and what the file was while it was open. `ELOOP` for a
   * link, `EINVAL` for a pipe or a device, `EFBIG` above 16 MiB, `EILSEQ` where it is no UTF-8.
   */
  read(path: string): Promise<Result<ReadFile, FileError>>;
  /** A new file: `EEXIST` where anything is, also a link that leads nowhere. */
  create(path: string, text: string, as: Owner & { readonly mode: number }): Promise<Result<void, FileError>>;
  rename(from: string, to: string): Promise<Result<void, FileError>>;
  /** A file, a link, or an empty directory (`ENOTEMPTY` otherwise). */
  remove(path: string): Promise<Result<void, FileError>>;
  /** Hands a directory from one account to another. `EPERM` where it is not (or no longer) `from`'s, `ENOTDIR` for a link. */
  give(path: string, from: Owner, to: Owner): Promise<Result<void, FileError>>;
};

export type Ran = {
  /** Null where it could not be started or took too long: `stderr` says which. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs a program by its arguments, without a shell, in the C locale; `as` with the rights of an account. */
export type Run = (
  command: readonly string[],
  options?: { readonly as?: Owner; readonly input?: string },
) => Promise<Ran>;

/** An append-only file that only one process has at a time; killed, it loses the lock and keeps the records. */
export type JournalFile = {
  /** What was there when it was opened. */
  readonly records: readonly unknown[];
  append(record: unknown): Promise<Result<void, FileError>>;
  /** Lets go of it. `remove` when there is nothing left to finish or undo. */
  close(how: "remove" | "keep"): Promise<Result<void, FileError>>;
};

export type JournalError =
  | FileError
  | { readonly code: "busy"; readonly path: string }
  /** What stands there was not written by this program: it would say what root is to rename and remove. */
  | { readonly code: "foreign-journal"; readonly path: string; readonly uid: number };

/** The users of a file, as the host of this account (its uid) reads them. */
export type LoadUsers = (
  path: string,
  service: number,
) => Promise<Result<UserSet, { readonly code: string }>>;

/** The machine that a user is added to: the real one in `/node`, one in memory in `/testing`. */
export type Machine = {
  readonly platform: "linux" | "darwin";
  /** Of this process. */
  readonly uid: number;
  readonly files: Files;
  readonly run: Run;
  readonly openJournal: (path: string) => Promise<Result<JournalFile, JournalError>>;
  readonly loadUsers: LoadUsers;
};
