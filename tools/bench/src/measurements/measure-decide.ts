import { decide, type AgentActor, type Authorization, type Signature } from "@nc/cli-scope";

/**
 * Microseconds for one decision, and for one call of a function that only returns its arguments, as the
 * baseline.
 */
export type DecideTimes = { readonly decideUs: number; readonly floorUs: number };

const actor: AgentActor = { type: "agent", sessionId: "se-1", groupId: "ag-1", messagingGroupId: "mg-1" };
const authorization: Authorization = { scope: "group", wiringId: "wi-1" };
const args = { model: "opus", effort: "high" };

/** A change by an agent of its own configuration. It is checked against all rules except the last two. */
const command: Signature = {
  words: "groups config update",
  resource: "groups",
  effect: "change",
  access: "approval",
  reach: "group",
  description: "Change the configuration.",
  flags: ["id", "model", "effort", "provider", "image_tag", "assistant_name", "timezone", "cli_scope"].map(
    (name) => ({
      name,
      type: "string",
      description: name,
      ...(name === "id" ? { lock: "group" } : {}),
      ...(name === "cli_scope" ? { escalates: true } : {}),
    }),
  ),
};

const floor = (...facts: readonly unknown[]): { readonly args: readonly unknown[] } => ({ args: facts });

/** Times `rounds` calls. The results are counted, so that a compiler cannot remove the calls. */
const time = (now: () => number, rounds: number, call: () => object): number => {
  let kept = 0;
  const start = now();
  for (let round = 0; round < rounds; round += 1) kept += "args" in call() ? 1 : 0;
  const took = now() - start;
  if (kept !== rounds) throw new Error("A decision without arguments is not the one that is measured.");
  return (took * 1_000) / rounds;
};

/**
 * Times this many decisions. `now` is a clock in milliseconds. Measure several times in one process and
 * compare medians: the first measurements include compilation.
 */
export const measureDecide = (now: () => number, rounds: number = 10_000): DecideTimes => ({
  decideUs: time(now, rounds, () => decide(actor, command, args, authorization)),
  floorUs: time(now, rounds, () => floor(actor, command, args, authorization)),
});
