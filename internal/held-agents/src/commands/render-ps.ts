import { visible } from "@gatehouse/std";
import { ago } from "../ago.ts";
import { nameOf } from "../records/find-member.ts";
import type { HeldAgent } from "../records/list-held.ts";

/** An agent in `ps --json`: what design.md names, and no screen. */
export const agentJson = (agent: HeldAgent): object => {
  const { member, team, provider, folder, state, since, question, pid, exitCode } = agent;
  return {
    ...{ member, team, provider, folder, state, since },
    ...(question === undefined ? {} : { question }),
    ...{ pid, ...(exitCode === undefined ? {} : { exitCode }) },
  };
};

const heads = ["MEMBER", "PROVIDER", "STATE", "SINCE", "FOLDER"];

/** A row per agent, and below it the question that it waits at. Nothing in it obeys a terminal. */
export const renderAgents = (agents: readonly HeldAgent[], now: number): string => {
  if (agents.length === 0) return "No agents are held here.\n";
  const rows = agents.map((agent) =>
    [
      nameOf(agent),
      agent.provider,
      agent.state === "ended" ? `ended ${agent.exitCode ?? "?"}` : agent.state,
      ago(now - Date.parse(agent.since)),
      agent.folder,
    ].map(visible),
  );
  const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join("  ");
  return [line(heads), ...rows.flatMap((row, at) => [line(row), ...asked(agents[at])])]
    .map((text) => `${text}\n`)
    .join("");
};

const asked = (agent: HeldAgent | undefined): readonly string[] => {
  if (agent?.question === undefined) return [];
  const { dialog, code, text, options } = agent.question;
  const rows = text.split("\n").filter((row) => row.trim() !== "");
  // A rule knows a title; of an unknown question the row above its options says most.
  const first = (code === "unknown-dialog" ? rows.at(-1) : rows[0]) ?? "";
  const says = options.length === 0 ? "" : `: ${options.map((option) => visible(option)).join(" | ")}`;
  return [`  asks: ${visible(first.trim())} (${visible(dialog)})${says}`];
};
