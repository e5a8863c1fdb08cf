import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { RulePack } from "@trust/dialog-engine";
import type { Environment, Result, Verdict } from "../../index.ts";
import type { ProjectFile } from "../../grants.ts";
import type { PlanContext } from "../plan/strategy.ts";

/** A folder in a CLI's own state: the key of the deciding entry, and its verdict. */
export type TrustEntry = { readonly key: string; readonly verdict: Verdict };

/** The place where a CLI records the answers to its trust dialog, and how to read it. Nothing here writes. */
export type TrustStore = {
  /** The file, or the folder of files, that holds its answers. */
  readonly file: (context: StateContext) => string;
  /** Reads the state. The returned function looks up a folder; null if the state does not mention it. */
  readonly read: (context: ReadContext) => (paths: WorkspacePaths) => TrustEntry | null;
  /** Every folder that the state trusts, or why it cannot be read. */
  readonly trustedKeys: (context: StateContext) => Result<readonly string[], string>;
  /** The key for an answer that is given in the folder. */
  readonly keyOf: (paths: WorkspacePaths) => string;
  /** The project files that grant something once the folder is trusted. */
  readonly projectFiles: (paths: WorkspacePaths) => readonly ProjectFile[];
  /** Arguments that keep the CLI from loading the folder's own files while it is asked. */
  readonly args?: readonly string[];
  /** The same as in `PromptedCli`. */
  readonly alsoLocked?: (context: StateContext, paths: WorkspacePaths) => readonly string[];
  /** The same as in `PromptedCli`. */
  readonly runsAlone?: true;
  readonly pack: () => Promise<RulePack>;
};

export type StateContext = Pick<PlanContext, "env" | "home">;

/** A record may have another meaning in another version of the CLI. */
export type ReadContext = StateContext & Pick<PlanContext, "cli">;

/**
 * Variables that make these CLIs treat their terminal as unattended, or that answer for the user. A CLI that must ask
 * never gets them.
 */
const unaskedVariables: ReadonlySet<string> = new Set([
  ...["CI", "CONTINUOUS_INTEGRATION", "GITHUB_ACTIONS"],
  "GEMINI_CLI_TRUST_WORKSPACE",
  // With it Copilot opens an untrusted folder without asking (1.0.102).
  "COPILOT_ALLOW_ALL",
]);

/** An environment in which a CLI asks. */
export const askingEnv = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !unaskedVariables.has(name)));
