import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { visible } from "@gatehouse/std";
import { tornIn, tornWarnings } from "./render-ps.ts";
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
  // Whether their agents run is not known, so these are not all.
  const torn = isAll ? listed.value.torn : [];
  io.stderr.write(tornWarnings({ torn }));
  const found = name === undefined ? null : findMember(agents, name);
  if (found?.ok === false) {
    printFailure(io, isJson, explainMember(found.error));
    return 1;
  }
  const meant = isAll ? agents : found === null ? [] : [found.value];
  const stopped = await Promise.all(meant.map((agent) => stopOne(dataDir, agent, io.signal)));
  const isOk = torn.length === 0 && stopped.every(({ ok }) => ok);
  const failed = stopped.filter(({ ok }) => !ok);
  const error = isOk ? {} : { error: failureOf(failed, torn) };
  if (isJson) printJson(io, { ok: isOk, agents: stopped, ...tornIn({ torn }), ...error });
  else
    for (const { member, team, message } of stopped)
      io.stdout.write(`${visible(nameOf({ team, member }))}: ${message}\n`);
  if (io.signal.aborted && !isOk) return 130;
  return isOk ? 0 : 1;
};

/** Why not all were stopped: the first reason, and whom it and others are about; else the files that name nobody. */
const failureOf = (failed: readonly StoppedAgent[], torn: readonly string[]): Failure => {
  const [first] = failed;
  if (first === undefined)
    return {
      code: "torn-record",
      message: `${torn.join(", ")}: no whole record, so its agent may run on.`,
      fix: "Look at the file, then remove it.",
    };
  return {
    code: first.code ?? "still-running",
    message: `${failed.map(nameOf).join(", ")} may run on: ${first.message}`,
    fix: "gatehouse ps, then gatehouse stop again.",
  };
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
