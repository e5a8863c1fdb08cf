import { shellWord } from "@gatehouse/std";
import type { SudoersRefused } from "./account/sudoers.ts";
import type { AccountProblem, NotTheirs, RootByGroups } from "./account/account.ts";
import type { FileError } from "./ports.ts";
import type { HomeProblem, LookupFailed, NotUsable } from "./plan/add-error.ts";

export type CheckName = "account" | "way" | "directory" | "memory" | "sudoers" | "home" | "try-out";

export type CheckProblem =
  | AccountProblem
  | FileError
  | HomeProblem
  | LookupFailed
  | NotUsable
  | {
      readonly code: "symlink-refused" | "not-a-directory" | "in-the-way" | "path-missing";
      readonly path: string;
    }
  | NotTheirs
  | RootByGroups
  | SudoersRefused
  | { readonly code: "open-to-others"; readonly path: string; readonly mode: number }
  | { readonly code: "closed-directory"; readonly path: string; readonly account: string }
  | { readonly code: "sudoers-differs"; readonly path: string };

/** The result of one check of one user. */
export type UserCheck = {
  /** Null for a person without a telegram_id. */
  readonly telegramId: number | null;
  /** All ids of the person, as `telegram:7` and `slack:T1:U2`. */
  readonly userIds: readonly string[];
  readonly name: string;
  readonly check: CheckName;
  /** Null if everything is as it should be. */
  readonly problem: CheckProblem | null;
  /** The arguments of the command that fixes it; null if a person has to decide. */
  readonly mend: readonly string[] | null;
};

/** A command as a person can type it. */
export const shellCommand = (words: readonly string[]): string => words.map(shellWord).join(" ");
