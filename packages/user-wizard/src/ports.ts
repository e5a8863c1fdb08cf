import type { Result } from "@gatehouse/std";
import type { UserSet } from "./user/user.ts";

export type Owner = { readonly uid: number; readonly gid: number };

/** The entry at a path. A link at the path is not followed. */
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

/** The file operations that the wizard needs. A change has reached the disk when its promise resolves. */
export type Files = {
  /** Null if there is no entry. */
  look(path: string): Promise<Result<DiskEntry | null, FileError>>;
  /**
   * The text of a file (strict UTF-8, a byte order mark is kept), and the file's entry while it was open.
   * `ELOOP` for a link, `EINVAL` for a pipe or a device, `EFBIG` above 16 MiB, `EILSEQ` if it is not UTF-8.
   */
  read(path: string): Promise<Result<ReadFile, FileError>>;
  /** Creates a new file. `EEXIST` if anything is there, including a link that leads nowhere. */
  create(path: string, text: string, as: Owner & { readonly mode: number }): Promise<Result<void, FileError>>;
  rename(from: string, to: string): Promise<Result<void, FileError>>;
  /** Removes a file, a link, or an empty directory (`ENOTEMPTY` otherwise). */
  remove(path: string): Promise<Result<void, FileError>>;
  /**
   * Changes a directory's owner. `EPERM` if it does not (or no longer) belong to `from`, `ENOTDIR` for a
   * link.
   */
  give(path: string, from: Owner, to: Owner): Promise<Result<void, FileError>>;
};

export type Ran = {
  /** Null if it could not be started or took too long; `stderr` says which. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/**
 * Runs a program by its arguments, without a shell, in the C locale; with `as`, with the rights of that
 * account.
 */
export type Run = (
  command: readonly string[],
  options?: { readonly as?: Owner; readonly input?: string },
) => Promise<Ran>;

/**
 * An append-only file that only one process has at a time. A killed process loses the lock and leaves the
 * records.
 */
export type JournalFile = {
  /** The records that were there when it was opened. */
  readonly records: readonly unknown[];
  append(record: unknown): Promise<Result<void, FileError>>;
  /** Releases the lock. Use `remove` if nothing is left to finish or undo. */
  close(how: "remove" | "keep"): Promise<Result<void, FileError>>;
};

export type JournalError =
  | FileError
  | { readonly code: "busy"; readonly path: string }
  /** Another account could change the journal, or it cannot be locked. `detail` says why, with the fix if there is one. */
  | { readonly code: "journal-unusable"; readonly path: string; readonly detail: string };

/**
 * The journals of runs, one for each users.yaml. They are in a folder that only root can change, because a
 * journal tells root what to rename and remove.
 */
export type Journals = {
  /** The path of the journal of this users.yaml. It exists during a run and after an interrupted one. */
  pathOf(usersFile: string): string;
  /** Opens and locks the journal, and makes a missing one. */
  open(usersFile: string): Promise<Result<JournalFile, JournalError>>;
};

/** Loads the users of a file as a host does. `service` is the uid of the host's account. */
export type LoadUsers = (
  path: string,
  service: number,
) => Promise<Result<UserSet, { readonly code: string }>>;

/** The machine to which a user is added: `thisMachine` of `/node` is the real one. */
export type Machine = {
  readonly platform: "linux" | "darwin";
  /** The uid of this process. */
  readonly uid: number;
  readonly files: Files;
  readonly run: Run;
  readonly journals: Journals;
  readonly loadUsers: LoadUsers;
};
