import { clearInterval, setInterval } from "node:timers";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { Stop } from "@trust/claude-state-probe/node";
import type { RulePack } from "@trust/dialog-engine";
import type { Environment, Grant, Result } from "../../index.ts";

/** A CLI whose own dialog is answered: all differences between these CLIs. */
export type PromptedCli = {
  readonly pack: RulePack;
  /** The environment for starting the CLI. */
  readonly env: Environment;
  /** Lends its arguments, and the files that they name, while `use` runs. */
  readonly withArgs: <T>(
    use: (args: readonly string[]) => Promise<T>,
  ) => Promise<Result<T, { readonly detail: string }>>;
  /** Its state: a file or a folder. Its own lock, if it has one, is `<file>.lock` beside it. */
  readonly file: string;
  /** Other files that the CLI locks in the same way while it starts in the folder. It is not killed while it holds them. */
  readonly alsoLocked?: (paths: WorkspacePaths) => readonly string[];
  /** The path of its state if only HOME decided. */
  readonly homeFile: string;
  /** Time limit for one folder if the caller sets none, ms. */
  readonly defaultTimeoutMs: number;
  /** The key that its state would use for the folder. */
  readonly keyOf: (paths: WorkspacePaths) => string;
  /** Every key that its state trusts now, or why the state cannot be read. */
  readonly trustedKeys: () => Promise<Result<readonly string[], string>>;
  /** True if its state covers the folder now. */
  readonly isTrusted: (paths: WorkspacePaths) => Promise<boolean>;
  /** Calls `onTrusted` when its state covers the folder. */
  readonly watchTrusted: (paths: WorkspacePaths, onTrusted: () => void) => Stop;
  /** The grants in the folder's own files now. */
  readonly grantsOf: (paths: WorkspacePaths) => Promise<readonly Grant[]>;
  /** The CLI reads its state at start and writes that copy back, so another must not start before it has exited. */
  readonly runsAlone: boolean;
  /** The verdict if it reaches its prompt without asking although its state does not cover the folder. */
  readonly unasked: "not-asked-unproven" | "not-asked";
};

/** How often a record is read while it is watched, ms. It is small, and watched only for the seconds of a start. */
const readEveryMs = 50;

/** Watches a CLI's state by reading it at an interval. */
export const watchByReading =
  (isTrusted: PromptedCli["isTrusted"]): PromptedCli["watchTrusted"] =>
  (paths, onTrusted) => {
    const timer = setInterval(() => {
      void isTrusted(paths).then((isNow) => {
        if (isNow) onTrusted();
      });
    }, readEveryMs);
    return () => clearInterval(timer);
  };
