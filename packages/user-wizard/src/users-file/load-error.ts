import type { UnsafeUsersFile } from "./users-file-safety.ts";
import type { UsersProblem } from "./users-problem.ts";

/** Why a users.yaml could not be loaded. The host keeps the users it has. */
export type LoadError =
  | { readonly code: "users-file-missing"; readonly path: string }
  /**
   * The file is empty, even of comments: it is just being written, or the disk was full. With no users
   * loaded yet, an empty file means an empty list.
   */
  | { readonly code: "users-file-empty"; readonly path: string }
  | { readonly code: "users-file-unreadable"; readonly path: string; readonly errno: string }
  | { readonly code: "users-file-too-large"; readonly path: string; readonly bytes: number }
  | UnsafeUsersFile
  | {
      readonly code: "users-file-invalid";
      readonly path: string;
      readonly problems: readonly UsersProblem[];
    };
