import { visible } from "@gatehouse/std";
import { ago } from "../ago.ts";
import { nameOf } from "../records/find-member.ts";
import type { HeldAgent, HeldList } from "../records/list-held.ts";
import type { HeldQuestion } from "../records/held-state.ts";
import { renderTable } from "./render-table.ts";

/** An agent in `ps --json`: what design.md names, and no screen. */
export const agentJson = (agent: HeldAgent): object => {
  const { member, team, provider, folder, state, since, question, notice, pid, exitCode, endedAt } = agent;
  return {
    ...{ member, team, provider, folder, state, since },
    ...(question === undefined ? {} : { question }),
    ...(notice === undefined ? {} : { notice }),
    ...{
      pid,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(endedAt === undefined ? {} : { endedAt }),
    },
  };
};

const heads = ["MEMBER", "PROVIDER", "STATE", "SINCE", "FOLDER"];

/** Columns that a list fits on a terminal, unless it is to be wide. */
const mostColumns = 100;

/**
 * A row per agent, and below it the question that it waits at. Nothing in it obeys a terminal. Unless it `isWide`, a
 * folder is cut at its beginning where the row would be too long.
 */
export const renderAgents = (agents: readonly HeldAgent[], now: number, isWide: boolean): string => {
  const cells = agents.map((agent): readonly string[] => [
    nameOf(agent),
    agent.provider,
    agent.state === "ended" ? `ended ${agent.exitCode ?? "?"}` : agent.state,
    ago(now - Date.parse(agent.since)),
  ]);
  const before = heads
    .slice(0, -1)
    .map((head, at) => Math.max(head.length, ...cells.map((row) => visible(row[at] ?? "").length)) + 2)
    .reduce((sum, width) => sum + width, 0);
  const room = isWide ? Infinity : Math.max(heads.at(-1)?.length ?? 0, mostColumns - before);
  const rows = agents.map((agent, at) => ({
    cells: [...(cells[at] ?? []), endOf(visible(agent.folder), room)],
    below: asked(agent),
  }));
  return renderTable(heads, rows);
};

/** The end of a path, which tells folders apart. */
const endOf = (path: string, room: number): string =>
  path.length <= room ? path : `…${path.slice(path.length - room + 1)}`;

const asked = ({ question, notice }: HeldAgent): readonly string[] => {
  if (question === undefined)
    return notice === undefined ? [] : [visible(`${notice.code}: ${notice.message} ${notice.fix}`)];
  const { dialog, options } = question;
  const says = options.length === 0 ? "" : `: ${options.map((option) => visible(option)).join(" | ")}`;
  return [`asks: ${visible(firstRow(question))} (${visible(dialog)})${says}`];
};

/** The row of a question that says most. */
export const firstRow = ({ code, text }: HeldQuestion): string => {
  const rows = text.split("\n").filter((row) => row.trim() !== "");
  // A rule knows a title; of an unknown question that is the row above its options.
  return ((code === "unknown-dialog" ? rows.at(-1) : rows[0]) ?? "").trim();
};

/** A line for each file that says nothing of its agent, which may run. */
export const tornWarnings = ({ torn }: Pick<HeldList, "torn">): string =>
  torn
    .map(
      (file) =>
        `warning: ${visible(file)} is not a complete record of an agent. fix: look at it, then remove it\n`,
    )
    .join("");

/** The same files for `--json`; nothing where there are none. */
export const tornIn = ({ torn }: Pick<HeldList, "torn">): Partial<Pick<HeldList, "torn">> =>
  torn.length === 0 ? {} : { torn };
