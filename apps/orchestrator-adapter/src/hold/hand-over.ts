import { writeFileSync } from "node:fs";
import process from "node:process";
import { claimName } from "@gatehouse/agents/claim";
import type { Io } from "@gatehouse/cli-kit";
import { homeOf } from "@gatehouse/fs-kit";
import type { HoldRequest } from "@gatehouse/held-client";
import type { LaunchEvent } from "../events.ts";
import { planLaunch } from "../plan-launch.ts";
import { printEvent, printFailure } from "../print.ts";
import { lockedFile, refusedBy } from "../run-launch.ts";
import { planDescriptor, type PlannedHold } from "./planned-hold.ts";

type HandOver = {
  readonly dataDir: string;
  /** The process id of the holder for which this process plans. */
  readonly holder: number;
  readonly isJson: boolean;
};

/**
 * Plans the launch of an agent, claims its name for the holder and hands the plan over to it, unless the launch
 * fails or is refused. Returns the exit code.
 */
export const handOver = async (
  request: HoldRequest,
  { dataDir, holder, isJson }: HandOver,
  io: Io,
): Promise<number> => {
  const { provider, folder, member, prompt, team = null, settings = {}, args = [], consents = {} } = request;
  const agent = { provider, folder };
  const ownEnv = { ...io.env, GATEHOUSE_DATA: dataDir };
  const planned = await planLaunch({ ...agent, settings, args, cli: request.cli, env: ownEnv });
  if (!planned.ok) return printFailure(planned.error, agent, io, isJson);
  const launch = planned.value;
  const tell = (event: LaunchEvent): void => printEvent(event, agent, io, isJson);
  const refused = refusedBy(launch, { tell, signal: io.signal });
  if (refused !== null) return refused;
  // The holder was killed.
  if (process.ppid !== holder) return 1;
  const place = { dataDir, team, member };
  const claimed = await claimName({ ...place, ...agent }, holder);
  if (!claimed.ok) return printFailure(claimed.error, agent, io, isJson);
  const { argv, cwd, env } = launch;
  const plan: PlannedHold = {
    ...place,
    ...agent,
    argv,
    cwd,
    env,
    consents,
    prompt,
    isJson,
    home: homeOf(env),
    lockedFile: lockedFile(launch),
    claim: claimed.value,
  };
  // Not on argv or in the environment, since other accounts may read these.
  writeFileSync(planDescriptor, `${JSON.stringify(plan)}\n`);
  return 0;
};
