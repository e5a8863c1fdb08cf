import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { Stop } from "@trust/claude-state-probe/node";
import type { RulePack } from "@trust/dialog-engine";
import type { Environment, Grant, Result } from "../../index.ts";

/** A CLI whose own dialog is answered: all that differs from one to the next. */
export type PromptedCli = {
  readonly pack: RulePack;
  /** What it is started with. */
  readonly env: Environment;
  /** Lends its arguments, and what they name, for as long as `use` takes. */
  readonly withArgs: <T>(
    use: (args: readonly string[]) => Promise<T>,
  ) => Promise<Result<T, { readonly detail: string }>>;
  /** Its state: a file or a folder. A lock of its own would stand beside it, as `<file>.lock`. */
  readonly file: string;
  /** Where its state would be if HOME alone said so. */
  readonly homeFile: string;
  /** For one folder, where the caller names no time (ms). */
  readonly defaultTimeoutMs: number;
  /** The key that its state would have for the folder. */
  readonly keyOf: (paths: WorkspacePaths) => string;
  /** Every key that its state trusts now, or why it cannot be read. */
  readonly trustedKeys: () => Promise<Result<readonly string[], string>>;
  /** Whether its state covers the folder now. */
  readonly isTrusted: (paths: WorkspacePaths) => Promise<boolean>;
  /** Calls `onTrusted` when its state covers the folder. */
  readonly watchTrusted: (paths: WorkspacePaths, onTrusted: () => void) => Stop;
  /** What the folder's own files pre-approve now. */
  readonly grantsOf: (paths: WorkspacePaths) => Promise<readonly Grant[]>;
  /** It reads its state when it starts and writes back what it read then: no other may start before it has ended. */
  readonly runsAlone: boolean;
  /** What it means that it reaches its prompt without asking, although its state says nothing of the folder. */
  readonly unasked: "not-asked-unproven" | "not-asked";
};
