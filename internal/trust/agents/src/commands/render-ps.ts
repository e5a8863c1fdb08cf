import { defined, visible } from "@gatehouse/std";
import { ago, type HeldAgent, type HeldList, type HeldQuestion, nameOf } from "@gatehouse/held-client";
import { renderTable } from "@gatehouse/cli-kit/table";

/** An agent in `ps --json`: the fields that design.md names, without the screen. */
export const agentJson = (agent: HeldAgent): object => {
  const { member, team, provider, folder, state, since, question, notice, pid, exitCode, endedAt } = agent;
  return {
    member,
    team,
    provider,
    folder,
    state,
    since,
    ...defined({ question, notice, pid, exitCode, endedAt }),
  };
};

const heads = ["MEMBER", "PROVIDER", "STATE", "SINCE", "FOLDER"];

/** Maximum columns of a list at a terminal, unless it is wide. */
const mostColumns = 100;

/**
 * One row for each agent, and below it the question at which it waits. Control characters are escaped. Unless
 * `isWide`, a folder is cut at its beginning if the row would be too long.
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

/** The end of a path, which distinguishes folders better than its beginning. */
const endOf = (path: string, room: number): string =>
  path.length <= room ? path : `…${path.slice(path.length - room + 1)}`;

const asked = ({ question, notice }: HeldAgent): readonly string[] => {
  if (question === undefined)
    return notice === undefined ? [] : [visible(`${notice.code}: ${notice.message} ${notice.fix}`)];
  const { dialog, options } = question;
  const says = options.length === 0 ? "" : `: ${options.map((option) => visible(option)).join(" | ")}`;
  return [`asks: ${visible(firstRow(question))} (${visible(dialog)})${says}`];
};

/** The most informative row of a question. */
export const firstRow = ({ code, text }: HeldQuestion): string => {
  const rows = text.split("\n").filter((row) => row.trim() !== "");
  // A rule knows the title. An unknown question has its question directly above its options.
  return ((code === "unknown-dialog" ? rows.at(-1) : rows[0]) ?? "").trim();
};

/** One line for each file that is not a complete record; its agent may run. */
export const tornWarnings = ({ torn }: Pick<HeldList, "torn">): string =>
  torn
    .map(
      (file) =>
        `warning: ${visible(file)} is not a complete record of an agent. fix: look at it, then remove it\n`,
    )
    .join("");

/** The same files for `--json`; empty if there are none. */
export const tornIn = ({ torn }: Pick<HeldList, "torn">): Partial<Pick<HeldList, "torn">> =>
  torn.length === 0 ? {} : { torn };
