import type { UsersProblem } from "./users-problem.ts";

/** Why a users.yaml gives no users. The host keeps the ones it has. */
export type LoadError =
  | { readonly code: "users-file-missing"; readonly path: string }
  | { readonly code: "users-file-unreadable"; readonly path: string; readonly errno: string }
  | { readonly code: "users-file-too-large"; readonly path: string; readonly bytes: number }
  | {
      readonly code: "users-file-invalid";
      readonly path: string;
      readonly problems: readonly UsersProblem[];
    };
