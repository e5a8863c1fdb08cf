import { createProgressLine, type Output, type Paint, paintFor, type Io } from "@gatehouse/cli-kit";
import type { LaunchProgress, MemberReport, LaunchRequest } from "@trust/team-launch";
import { pause } from "@gatehouse/fs-kit";
import { listHeld, type HeldAgent } from "@gatehouse/held-client";
import { countsOf } from "@gatehouse/trust-cli";
import { liveTable, type TableRow } from "./live-table.ts";

export type ShownProgress = {
  readonly show: (progress: LaunchProgress) => void;
  readonly end: () => void;
};

/**
 * Shows a launch's progress: in a live table at a terminal, else in single lines. The message about an
 * earlier launch whose launcher was killed gets its own line.
 */
export const showProgress = (output: Output | null, paint: Paint): ShownProgress => {
  if (output === null) return { show: () => {}, end: () => {} };
  return output.isTTY === true ? inTable(output, paint) : inLines(output);
};

const inTable = (output: Output, paint: Paint): ShownProgress => {
  const table = liveTable(output, paint);
  let before: readonly TableRow[] = [];
  return {
    show: ({ state, message, members }) => {
      if (state === "interrupted") return table.note(message);
      before = rowsOf(members, before, Date.now());
      table.show(message, before);
    },
    end: table.end,
  };
};

/** The rows of a report. A row whose state has not changed keeps its time. */
export const rowsOf = (
  members: readonly MemberReport[],
  before: readonly TableRow[],
  now: number,
): readonly TableRow[] =>
  members.map(({ member, provider, state, question, message }) => {
    const earlier = before.find((row) => row.member === member);
    const since = earlier?.state === state ? earlier.since : now;
    const why = question ?? message;
    return { member, provider, state, since, ...(why === undefined ? {} : { why }) };
  });

const inLines = (output: Output): ShownProgress => {
  const line = createProgressLine(output);
  return {
    show: (progress) => {
      if (progress.state === "interrupted") line.end(progress.message);
      else line.show(lineOf(progress));
    },
    end: () => line.end(),
  };
};

const lineOf = ({ message, members }: LaunchProgress): string => {
  const all = countsOf(members.map(({ state }) => state));
  return all === "" ? message : `${message}: ${all}`;
};

/** Time between two updates, ms. */
const everyMs = 500;

/** Shows the states of the team's agents until all have ended, or Ctrl-C detaches. Ends no agent. */
export const stayWith = async ({ dataDir, team }: LaunchRequest, io: Io): Promise<void> => {
  const { stdout, signal } = io;
  const table = liveTable(stdout, paintFor(io));
  let alive = 0;
  while (!signal.aborted) {
    const listed = await listHeld(dataDir);
    if (listed.ok) {
      const own = listed.value.agents.filter((agent) => agent.team === team.name);
      alive = own.filter(({ state }) => state !== "ended").length;
      table.show(`${team.name}: Ctrl-C detaches, the agents keep running`, own.map(rowOf));
      if (alive === 0) break;
    }
    await pause(everyMs, signal);
  }
  table.end();
  stdout.write(
    alive === 0
      ? "All agents have ended.\n"
      : `Detached from ${alive} agents: gatehouse ps, or gatehouse stop ${team.name}\n`,
  );
};

const rowOf = ({ member, provider, state, since, question, exitCode }: HeldAgent): TableRow => {
  const why = state === "ended" ? `exit ${exitCode ?? "?"}` : question?.text;
  return { member, provider, state, since: Date.parse(since), ...(why === undefined ? {} : { why }) };
};
