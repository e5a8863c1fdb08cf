import type { Account } from "../account/account.ts";
import type { Owner } from "../ports.ts";

/** One change to the machine. `describeStep` says what it changes and how it is undone. */
export type Step =
  /** Created with the rights of `maker`, so only where the service itself may write. */
  | {
      readonly kind: "make-directory";
      readonly path: string;
      readonly mode: number;
      readonly maker: Owner;
    }
  | { readonly kind: "seed-file"; readonly path: string; readonly text: string; readonly owner: Owner }
  | { readonly kind: "give-directory"; readonly path: string; readonly from: Owner; readonly to: Account }
  | { readonly kind: "allow-sudo"; readonly path: string; readonly temporary: string; readonly text: string }
  /** Moves a whole directory, which keeps its owner and mode. `to` must not exist. */
  | { readonly kind: "move-directory"; readonly from: string; readonly to: string }
  /** Removes a rule with exactly this text. It runs after users.yaml was written, and is never undone. */
  | { readonly kind: "end-sudo"; readonly path: string; readonly text: string }
  /** As the person's account, in each directory: writes, reads and removes a file of this name. */
  | {
      readonly kind: "try-out";
      readonly account: Account;
      readonly directories: readonly string[];
      readonly sentinel: string;
    }
  | WriteUsersFile;

export type WriteUsersFile = Owner & {
  readonly kind: "write-users-file";
  readonly path: string;
  readonly temporary: string;
  readonly mode: number;
  /** Null if there is no file yet. */
  readonly backup: { readonly path: string; readonly temporary: string } | null;
};

/** sudo ignores files in sudoers.d whose name has a dot (sudoers(5), 1.9.13). */
export const sudoersStaging = (path: string): string => `${path}.new`;

/** Where the new users.yaml and the copy of the old one are written before they are renamed. */
export const stagingPaths = (usersFile: string): readonly [next: string, copy: string] => [
  `${usersFile}.new`,
  `${usersFile}.bak.new`,
];

/** The paths that these steps create. */
export const pathsMade = (steps: readonly Step[]): readonly string[] =>
  steps.flatMap((step) => {
    switch (step.kind) {
      case "make-directory":
      case "seed-file":
        return [step.path];
      case "allow-sudo":
        return [step.temporary, step.path];
      case "move-directory":
        return [step.to];
      case "write-users-file":
        return [step.temporary, ...(step.backup === null ? [] : [step.backup.temporary])];
      default:
        return [];
    }
  });

export type StepText = { readonly changes: string; readonly undo: string };

/** Describes a step for a person. */
export const describeStep = (step: Step): StepText => {
  switch (step.kind) {
    case "make-directory":
      return { changes: `makes ${step.path} (${octal(step.mode)})`, undo: "removed, if it is still empty" };
    case "seed-file":
      return { changes: `writes ${step.path} (0600)`, undo: "removed, if its text is unchanged" };
    case "give-directory":
      return { changes: `gives ${step.path} to ${step.to.name}`, undo: "removed with the directory" };
    case "allow-sudo":
      return { changes: `writes ${step.path} (0440), checked by visudo`, undo: "removed" };
    case "end-sudo":
      return {
        changes: `removes ${step.path}`,
        undo: "not undone: users.yaml has been changed before, and the next run finishes it",
      };
    case "move-directory":
      return {
        changes: `moves ${step.from} to ${step.to}, owner and mode as they are`,
        undo: "moved back",
      };
    case "try-out":
      return {
        changes: `as ${step.account.name}: writes, reads and removes a file in ${step.directories.join(" and ")}`,
        undo: "the file is removed",
      };
    case "write-users-file":
      return {
        changes: `writes ${step.path}${step.backup === null ? "" : `, the old text to ${step.backup.path} (0600)`}`,
        undo: "before its rename: the new file is removed, users.yaml is unchanged; after it: the next run finishes the rest",
      };
  }
};

const octal = (mode: number): string => `0${mode.toString(8)}`;
