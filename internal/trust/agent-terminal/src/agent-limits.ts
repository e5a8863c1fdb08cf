import { claudePack } from "@trust/dialog-engine/packs";
import type { DriveLimits } from "@trust/dialog-engine";

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
