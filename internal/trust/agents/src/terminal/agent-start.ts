import { realpathSync } from "node:fs";
import { type Consents, type DriveLimits, impliedConsents, type StartedFolder } from "@trust/dialog-engine";
import type { Environment } from "@gatehouse/std";
import { claudePack } from "@trust/dialog-engine/packs";
import { homeOf } from "@gatehouse/fs-kit";

/** The inputs for starting an agent in a folder. Paths are absolute. */
export type AgentStart = {
  /** The CLI's executable. */
  readonly file: string;
  readonly cwd: string;
  /** The caller's environment; the agent runs as if the caller had started it. */
  readonly env: Environment;
  /** Includes the implied consents. */
  readonly consents: Consents;
  /** Time limits for the composer to appear. */
  readonly limits: DriveLimits;
  /** The CLI's own lock is beside this file. */
  readonly stateFile: string;
};

/**
 * The consents for the agent's own dialogs: the caller's, without trust. The preflight has already proven
 * trust for the named folder. An agent that still asks for trust runs in another folder (for example, the
 * named one was replaced by a link to `/`), so a person has to look.
 */
export const agentConsents = (given: Consents): Consents => {
  const all = { ...impliedConsents, ...given };
  return Object.fromEntries(Object.entries(all).filter(([kind]) => kind !== "trust"));
};

/** Time until the composer must be shown, in milliseconds. */
const defaultMs = 15_000;

/**
 * The limits of a starting agent: only the caller's, if given; else the default, and a limit for a blank
 * screen that covers Claude Code without a network.
 */
export const agentLimits = (timeoutMs?: number): DriveLimits =>
  timeoutMs === undefined
    ? { phaseMs: defaultMs, totalMs: defaultMs, blankMs: claudePack.blankMs ?? 0 }
    : { phaseMs: timeoutMs, totalMs: timeoutMs };

/**
 * The folder that the agent's trust dialog must name. A CLI shows the real path, even if it was started
 * through a link.
 */
export const startedFolder = ({ cwd, env }: Pick<AgentStart, "cwd" | "env">): StartedFolder => ({
  path: realpathSync.native(cwd),
  home: homeOf(env),
});
