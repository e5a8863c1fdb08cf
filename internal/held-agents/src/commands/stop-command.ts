import { printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { visible } from "@gatehouse/std";
import { stopHeld } from "../client/stop-held.ts";
import { findMember, nameOf } from "../records/find-member.ts";
import { listHeld, type HeldAgent } from "../records/list-held.ts";
import { explainMember } from "./explain-member.ts";

export type StopFlags = { readonly data?: string; readonly json?: boolean; readonly all?: boolean };

/** Ends one agent, or all of a data folder. Returns the exit code. */
export const stopCommand = async (
  name: string | undefined,
  { data, json: isJson = false, all: isAll = false }: StopFlags,
  io: Io,
): Promise<number> => {
  const dataDir = dataFolder(io.env, data);
  const listed = await listHeld(dataDir);
  if (!listed.ok) {
    printFailure(io, isJson, listed.error);
    return 1;
  }
  const { agents } = listed.value;
  const found = name === undefined ? null : findMember(agents, name);
  if (found?.ok === false) {
    printFailure(io, isJson, explainMember(found.error));
    return 1;
  }
  const meant = isAll ? agents : found === null ? [] : [found.value];
  const stopped = await Promise.all(meant.map((agent) => stopOne(dataDir, agent, io.signal)));
  const isOk = stopped.every(({ ok }) => ok);
  if (isJson) printJson(io, { ok: isOk, agents: stopped });
  else
    for (const { member, team, message } of stopped)
      io.stdout.write(`${visible(nameOf({ team, member }))}: ${message}\n`);
  if (io.signal.aborted && !isOk) return 130;
  return isOk ? 0 : 1;
};

type StoppedAgent = {
  readonly ok: boolean;
  readonly member: string;
  readonly team: string | null;
  readonly exitCode?: number;
  readonly code?: string;
  readonly message: string;
};

const stopOne = async (dataDir: string, agent: HeldAgent, signal: AbortSignal): Promise<StoppedAgent> => {
  const { member, team } = agent;
  const stopped = await stopHeld(dataDir, agent, signal);
  if (!stopped.ok) return { ok: false, member, team, ...stopped.error };
  const { exitCode } = stopped.value;
  const message =
    agent.state === "ended" ? "had ended" : `ended${exitCode === null ? "" : ` (exit ${exitCode})`}`;
  return { ok: true, member, team, ...(exitCode === null ? {} : { exitCode }), message };
};
