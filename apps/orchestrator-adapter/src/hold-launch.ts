import { impliedConsents, type Consents } from "@trust/dialog-engine";
import { holdAgent, type HeldEvent, type HoldError } from "@gatehouse/held-agents/holder";
import { homeOf } from "@gatehouse/fs-kit";
import type { Result } from "@gatehouse/std";
import { agents } from "./agents.ts";
import type { Launch } from "./launch.ts";
import { lockedFile, refusedBy, type Attention } from "./run-launch.ts";

/** Under which name, and where, an agent is held. */
export type HoldPlace = {
  readonly dataDir: string;
  readonly team: string | null;
  readonly member: string;
  readonly consents: Consents;
  /** Typed once the agent is ready. */
  readonly prompt?: string | undefined;
};

/** Holds a planned launch until its agent has ended. Returns the exit code. */
export const holdLaunch = async (
  launch: Launch,
  { consents, ...place }: HoldPlace,
  { tell, signal }: Attention,
): Promise<Result<number, HoldError>> => {
  const refused = refusedBy(launch, { tell, signal });
  if (refused !== null) return { ok: true, value: refused };
  const { provider, folder, argv, cwd, env } = launch;
  let wasReady = false;
  const onEvent = (event: HeldEvent): void => {
    if (event.event === "diagnostic")
      tell({ event: "diagnostic", code: String(event["code"]), why: String(event["message"]) });
    if (event.event !== "state" || wasReady) return;
    wasReady = event["state"] === "ready";
    if (wasReady) tell({ event: "ready" });
  };
  // The folder was trusted before: a question about trust is about another one, or a person's.
  const given = Object.entries({ ...impliedConsents, ...consents });
  const answers: Consents = Object.fromEntries(given.filter(([kind]) => kind !== "trust"));
  const ended = await holdAgent({
    ...{ ...place, provider, folder, argv, cwd, env, home: homeOf(env), pack: agents[provider].pack },
    ...{ consents: answers, lockedFile: lockedFile(launch), signal, onEvent },
    onHeld: (held) => {
      tell({ event: "started" });
      tell({ event: "held", ...held });
    },
  });
  if (ended.ok) tell({ event: "exited", exitCode: ended.value });
  return ended;
};
