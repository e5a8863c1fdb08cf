import { claudePack } from "@trust/dialog-engine/packs";
import type { DriveLimits } from "@trust/dialog-engine";

/** Time until the composer must be shown, in milliseconds. */
const defaultMs = 15_000;

/**
 * The limits of a starting agent: what the caller said and no more, else the default, beside which the screen
 * may be blank for as long as Claude Code's is without a network.
 */
export const agentLimits = (timeoutMs?: number): DriveLimits =>
  timeoutMs === undefined
    ? { phaseMs: defaultMs, totalMs: defaultMs, blankMs: claudePack.blankMs ?? 0 }
    : { phaseMs: timeoutMs, totalMs: timeoutMs };
