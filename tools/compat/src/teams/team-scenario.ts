import type { Box } from "../box/box.ts";
import type { Provider } from "../clis/clis.ts";
import type { Stage } from "./stage.ts";

/** The CLIs of which a team may have members here. */
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
  /** Arguments that Claude Code gets before its own, in a start that is no preflight. */
  readonly claudeArgs?: readonly string[];
  /** Launches, and returns one sentence for each problem. What holds for every team is checked after it. */
  readonly play: (stage: Stage) => Promise<string[]>;
};
