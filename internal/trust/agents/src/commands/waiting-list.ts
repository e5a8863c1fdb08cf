import {
  type Card,
  visible,
  type WaitingApproval,
  type WaitingInHost,
  type WaitingVendor,
  shellWord,
  type Environment,
  type Result,
} from "@gatehouse/std";
import {
  ago,
  type HeldAgent,
  type HeldQuestion,
  nameOf,
  type Waiting,
  whatWaits,
} from "@gatehouse/held-client";
import type { Failure } from "@gatehouse/cli-kit";
import { agentJson, firstRow } from "./render-ps.ts";
import { renderTable, type Row } from "@gatehouse/cli-kit/table";

/** The list in `ps --waiting --json`: each entry has `what`, `code` and the fields of its own list. */
export const waitingJson = (
  agents: readonly HeldAgent[],
  waiting: WaitingInHost,
  data: string | undefined,
): readonly object[] =>
  whatWaits(agents, waiting).map((one) => ({
    what: one.what,
    code: one.code,
    ...jsonOf(one, data),
  }));

const jsonOf = (one: Waiting, data: string | undefined): object => {
  if (one.what === "vendor") return one.vendor;
  return one.what === "agent" ? agentJson(one.agent) : approvalJson(one.approval, data);
};

/** The list as one table, and the number of approvals that were not read. Empty if nothing waits. */
export const renderWaiting = (
  agents: readonly HeldAgent[],
  waiting: WaitingInHost,
  { now, data }: { readonly now: number; readonly data: string | undefined },
): string => {
  const list = whatWaits(agents, waiting);
  if (list.length === 0) return "";
  const rows = list.map((one) => {
    const { name, where, asks, below } = rowOf(one, data);
    return { cells: [name, one.code, ago(now - Date.parse(one.since)), where, asks], below };
  });
  return renderTable(["NAME", "WAITS FOR", "SINCE", "WHERE", "WHAT"], rows) + moreText(waiting.more, data);
};

const rowOf = (one: Waiting, data: string | undefined): Cells => {
  if (one.what === "vendor") return vendorRow(one.vendor);
  return one.what === "agent" ? agentRow(one.agent, data) : approvalRow(one.approval, data);
};

const vendorRow = ({ session, group, trouble }: WaitingVendor): Cells => ({
  name: session,
  where: visible(group),
  asks: trouble,
  below: ["The agent tries again by itself. /stop in its chat ends the wait."],
});

/** The line about approvals that were not read: only the oldest are read. */
const moreText = (more: number, data: string | undefined): string =>
  more === 0
    ? ""
    : `and ${more} more approvals, which are newer: ncl approvals list --status pending${dataFlag(data)}\n`;

type Cells = { readonly name: string; readonly where: string; readonly asks: string } & Pick<Row, "below">;

/** The command that answers this question, and no other. */
export const answerLine = (
  agent: HeldAgent,
  { id, options }: HeldQuestion,
  data: string | undefined,
): string => {
  const [name, at] = [nameOf(agent), dataFlag(data)];
  return options.length === 0
    ? `gatehouse attach ${name}${at}`
    : `gatehouse answer ${name} --seen ${id} OPTION${at}   (${options.join(" | ")})`;
};

const agentRow = (agent: HeldAgent, data: string | undefined): Cells => {
  const { question, notice, provider, state, exitCode, folder } = agent;
  const name = nameOf(agent);
  const place = { name, where: folder };
  const at = dataFlag(data);
  const look = visible(`gatehouse screen ${name}${at}`);
  if (question !== undefined) {
    const rows = question.text.split("\n").filter((row) => row.trim() !== "");
    const below = [...rows.map((row) => `> ${row}`), answerLine(agent, question, data)];
    return { ...place, asks: `${firstRow(question)} (${question.dialog})`, below: below.map(visible) };
  }
  if (state === "ended")
    return { ...place, asks: `${provider} ended ${exitCode ?? "?"}`, below: [`${look}   (its last)`] };
  if (notice !== undefined) return { ...place, asks: notice.message, below: [visible(notice.fix)] };
  return { ...place, asks: `${provider} is ${state}`, below: [look] };
};

/** Maximum UTF-16 units of a question in the table. The lines of its card are below it. */
const longestCell = 120;

const approvalRow = (approval: WaitingApproval, data: string | undefined): Cells => {
  const { group, mayAnswer } = approval;
  const card = withData(approval.card, data);
  const asks = approval.asks.length > longestCell ? `${approval.asks.slice(0, longestCell)}…` : approval.asks;
  const below = [
    ...card.lines.filter((line) => line !== asks),
    `may answer: ${["the operator", ...mayAnswer].join(", ")}`,
    ...card.options.map(({ label, command }) => `${command}   (${label})`),
  ];
  return { name: card.id, where: group ?? "-", asks, below: below.map(visible) };
};

/**
 * Where approvals are read. `database` is an address; undefined for the address in the environment, else the
 * file in the data folder.
 */
export type ApprovalsPlace = {
  readonly dataDir: string;
  readonly env: Environment;
  readonly database?: string | undefined;
};

/** Finds the approvals and waits of a data folder; empty lists if no host has stored any. */
export type ListApprovals = (place: ApprovalsPlace) => Promise<Result<WaitingInHost, Failure>>;

/** An approval in `ps --waiting --json`. `data` is the `--data` folder, if given. */
export const approvalJson = (
  { card, kind, group, asks, since, until, mayAnswer }: WaitingApproval,
  data: string | undefined,
): object => ({ id: card.id, kind, group, asks, since, until, mayAnswer, card: withData(card, data) });

/** The card whose commands find this data folder. */
const withData = (card: Card, data: string | undefined): Card => ({
  ...card,
  options: card.options.map((option) => ({ ...option, command: `${option.command}${dataFlag(data)}` })),
});

/** The `--data` flag for a command, if the folder was given. */
const dataFlag = (data: string | undefined): string =>
  data === undefined ? "" : ` --data ${shellWord(data)}`;
