import type { UnsafeUsersFile } from "./users-file-safety.ts";
import type { UsersProblem } from "./users-problem.ts";

/** Why a users.yaml gives no users. The host keeps the ones it has. */
export type LoadError =
  | { readonly code: "users-file-missing"; readonly path: string }
  /** Not even a comment: whoever writes it has only begun, or the disk was full. To whom nobody is known it is nobody. */
  | { readonly code: "users-file-empty"; readonly path: string }
  | { readonly code: "users-file-unreadable"; readonly path: string; readonly errno: string }
  | { readonly code: "users-file-too-large"; readonly path: string; readonly bytes: number }
  | UnsafeUsersFile
  | {
      readonly code: "users-file-invalid";
      readonly path: string;
      readonly problems: readonly UsersProblem[];
    };
