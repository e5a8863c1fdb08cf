import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { RulePack } from "@trust/dialog-engine";
import type { Result, Verdict } from "../../index.ts";
import { projectGrants, type ProjectFile } from "../../grants.ts";
import type { PlanContext, Locate, PlanFolder } from "../plan/strategy.ts";
import { unprovenVerdict } from "../../providers/version-verdicts.ts";
import { planLaunchFolder } from "../plan/plan-folder.ts";

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
 * Judges folders by the CLI's records. `otherwise` gives the verdict for a folder without a record; null: the CLI is
 * asked. For an untested version we do not claim that the CLI does not ask.
 */
export const storePlanner = (
  store: TrustStore,
  context: PlanContext,
  locate: Locate,
  otherwise: (real: string) => Verdict | null,
): PlanFolder => {
  const entryOf = store.read(context);
  return (workspace) =>
    planLaunchFolder(workspace, context, locate, (paths) => {
      const entry = entryOf(paths);
      const doubt =
        entry?.verdict.code === "not-asked" ? unprovenVerdict(context.provider, context.cli) : null;
      const launch = otherwise(paths.real);
      return {
        trustKey: entry?.key ?? store.keyOf(paths),
        grants: projectGrants(store.projectFiles(paths)),
        settled: doubt === null ? (entry?.verdict ?? null) : null,
        launch: launch === null ? null : () => doubt ?? launch,
        file: store.file(context),
      };
    });
};
