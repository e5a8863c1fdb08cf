import type { Box } from "../box/box.ts";
import type { Provider } from "../clis/clis.ts";
import type { Stage } from "./stage.ts";

/** The CLIs that may be members of a team here. */
export type TeamProvider = Extract<Provider, "claude" | "codex">;

/** One situation in which `gatehouse launch` starts a team of real CLIs. */
export type TeamScenario = {
  readonly name: string;
  readonly why: string;
  readonly providers: readonly TeamProvider[];
  /** A HOME in which no CLI was set up, instead of profiles of a person. */
  readonly fresh?: true;
  /** Creates the folders below `w`. */
  readonly arrange: (box: Box) => void;
  /** A member in one line of YAML, the lead first. Folders are relative to HOME. */
  readonly team: readonly string[];
  readonly env?: Readonly<Record<string, string>> | ((box: Box) => Readonly<Record<string, string>>);
  /** Arguments that precede Claude Code's own in starts that are not preflight's. */
  readonly claudeArgs?: readonly string[];
  /** Launches, and returns one sentence for each problem. The checks common to all teams follow it. */
  readonly play: (stage: Stage) => Promise<string[]>;
};
