import { impliedConsents, type Consents } from "@trust/dialog-engine";
import { holdAgent, untrustedEnd, type HeldEvent, type HoldError } from "@gatehouse/agents/holder";
import type { Result } from "@gatehouse/std";
import { packOfProvider } from "../pack-of-provider.ts";
import type { LaunchEvent } from "../events.ts";
import { watchConfig } from "../watch-config.ts";
import type { PlannedHold } from "./planned-hold.ts";

export type HoldOptions = { readonly tell: (event: LaunchEvent) => void; readonly signal: AbortSignal };

/** Holds a planned launch until its agent has ended. Returns the exit code. */
export const holdLaunch = async (
  { consents, ...plan }: PlannedHold,
  { tell, signal }: HoldOptions,
): Promise<Result<number, HoldError>> => {
  let wasReady = false;
  const onEvent = (event: HeldEvent): void => {
    if (event.event === "diagnostic")
      tell({ event: "diagnostic", code: String(event["code"]), why: String(event["message"]) });
    if (event.event === "ended" && event["endedAt"] === untrustedEnd) {
      const why = "It asked whether its folder is trusted, and was ended. No key was pressed.";
      tell({ event: untrustedEnd, key: null, code: "trust-dialog", why });
    }
    if (event.event !== "state" || wasReady) return;
    wasReady = event["state"] === "ready";
    if (wasReady) tell({ event: "ready" });
  };
  // The folder was trusted before. So a question about trust is about another folder, and needs a person.
  const given = Object.entries({ ...impliedConsents, ...consents });
  const answers: Consents = Object.fromEntries(given.filter(([kind]) => kind !== "trust"));
  const changedConfig = await watchConfig(plan);
  const ended = await holdAgent({
    ...plan,
    pack: packOfProvider(plan.provider),
    consents: answers,
    signal,
    onEvent,
    // Codex gets its trust as an argument. Claude Code has recorded it before, and a person may still answer
    // there.
    endsUntrusted: plan.provider === "codex",
    onEnded: async () => {
      const changed = await changedConfig();
      return changed === null ? null : { ...changed, fix: "Look at config.toml; Codex keeps no copy of it." };
    },
    onHeld: (held) => {
      tell({ event: "started" });
      tell({ event: "held", ...held });
    },
  });
  if (ended.ok) tell({ event: "exited", exitCode: ended.value });
  return ended;
};
