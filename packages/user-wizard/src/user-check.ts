import type { AccountProblem } from "./account/account.ts";
import type { FileError } from "./ports.ts";
import type { LookupFailed, NotUsable } from "./plan/add-error.ts";
import type { NotTheirs } from "./account/not-theirs.ts";

export type CheckName = "account" | "way" | "directory" | "memory" | "sudoers" | "try-out";

export type CheckProblem =
  | AccountProblem
  | FileError
  | LookupFailed
  | NotUsable
  | {
      readonly code: "symlink-refused" | "not-a-directory" | "in-the-way" | "path-missing";
      readonly path: string;
    }
  | NotTheirs
  | { readonly code: "open-to-others"; readonly path: string; readonly mode: number }
  | { readonly code: "closed-directory"; readonly path: string; readonly account: string }
  | { readonly code: "sudoers-differs"; readonly path: string };

/** What one look at one user found. */
export type UserCheck = {
  readonly telegramId: number;
  readonly name: string;
  readonly check: CheckName;
  /** Null where all is as it should be. */
  readonly problem: CheckProblem | null;
  /** The command that mends it, by its arguments; null where only a person can decide. */
  readonly mend: readonly string[] | null;
};

/** A command as it can be typed. */
export const shellCommand = (words: readonly string[]): string =>
  words
    .map((word) =>
      /^[A-Za-z0-9_./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
    )
    .join(" ");
