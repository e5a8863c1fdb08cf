import {
  visible,
  type WaitingApproval,
  type WaitingApprovals,
  shellWord,
  type Environment,
  type Result,
} from "@gatehouse/std";
import { ago, type HeldAgent, type HeldQuestion, nameOf } from "@gatehouse/held-client";
import type { Failure } from "@gatehouse/cli-kit";
import { agentJson, firstRow } from "./render-ps.ts";
import { renderTable, type Row } from "@gatehouse/cli-kit/table";

/** An entry that waits for a person. `code` is the reason: `consent-needed`, `no-connection`, `approval`, `question`. */
type Waiting = { readonly since: string; readonly code: string } & (
  | { readonly what: "agent"; readonly agent: HeldAgent }
  | { readonly what: "approval"; readonly approval: WaitingApproval }
);

/**
 * Why an agent waits for a person: it asks something, ended by itself with a problem that only a person can
 * solve, or has a notice. Null if it does not wait.
 */
export const waitsFor = ({ state, question, endedAt, notice }: HeldAgent): string | null => {
  if (state === "ended") return endedAt ?? null;
  if (state === "lost") return null;
  return question?.code ?? notice?.code ?? (state === "waiting" ? state : null);
};

/** Agents' questions and approvals as one list, longest wait first. */
const waitingList = (
  agents: readonly HeldAgent[],
  approvals: readonly WaitingApproval[],
): readonly Waiting[] => {
  const ofAgents = agents.flatMap((agent): readonly Waiting[] => {
    const code = waitsFor(agent);
    return code === null ? [] : [{ what: "agent", since: agent.since, code, agent }];
  });
  const ofPeople = approvals.map((approval): Waiting => {
    const code = approval.kind === "question" ? "question" : "approval";
    return { what: "approval", since: approval.since, code, approval };
  });
  return [...ofAgents, ...ofPeople].toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since));
};

/** The list in `ps --waiting --json`: each entry has `what`, `code` and the fields of its own list. */
export const waitingJson = (
  agents: readonly HeldAgent[],
  approvals: readonly WaitingApproval[],
  data: string | undefined,
): readonly object[] =>
  waitingList(agents, approvals).map((one) => ({
    ...{ what: one.what, code: one.code },
    ...(one.what === "agent" ? agentJson(one.agent) : approvalJson(one.approval, data)),
  }));

/** The list as one table, and the number of approvals that were not read. Empty if nothing waits. */
export const renderWaiting = (
  agents: readonly HeldAgent[],
  { approvals, more }: WaitingApprovals,
  { now, data }: { readonly now: number; readonly data: string | undefined },
): string => {
  const list = waitingList(agents, approvals);
  if (list.length === 0) return "";
  const rows = list.map((one) => {
    const { name, where, asks, below } =
      one.what === "agent" ? agentRow(one.agent, data) : approvalRow(one.approval, data);
    return { cells: [name, one.code, ago(now - Date.parse(one.since)), where, asks], below };
  });
  return renderTable(["NAME", "WAITS FOR", "SINCE", "WHERE", "WHAT"], rows) + moreText(more, data);
};

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
  const { id, group, lines, mayAnswer } = approval;
  const asks = approval.asks.length > longestCell ? `${approval.asks.slice(0, longestCell)}…` : approval.asks;
  const below = [
    ...lines.filter((line) => line !== asks),
    `may answer: ${["the operator", ...mayAnswer].join(", ")}`,
    ...approvesOf(approval, data),
    rejectOf(approval, data),
  ];
  return { name: id, where: group ?? "-", asks, below: below.map(visible) };
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

/** Finds the approvals of a data folder; an empty list if no host has stored any. */
export type ListApprovals = (place: ApprovalsPlace) => Promise<Result<WaitingApprovals, Failure>>;

/**
 * An approval in `ps --waiting --json`, with the commands that answer it. `data` is the `--data` folder, if
 * given.
 */
export const approvalJson = (approval: WaitingApproval, data: string | undefined): object => {
  const { id, kind, group, choices, asks, consequence, since, until, mayAnswer } = approval;
  const [approve, ...others] = approvesOf(approval, data);
  const one = approval.isAnswered ? { answer: approve } : { approve };
  const answers = others.length === 0 ? one : { approveAs: [approve, ...others] };
  return {
    ...{ id, kind, group, choices, asks, consequence, since, until, mayAnswer },
    answer: { ...answers, reject: rejectOf(approval, data) },
  };
};

type Answerable = Pick<WaitingApproval, "id" | "choices" | "isAnswered">;

/**
 * The commands that approve; one for each group if the approval lets a person choose a group. A question is answered
 * with a text instead.
 */
const approvesOf = ({ id, choices, isAnswered }: Answerable, data: string | undefined): readonly string[] => {
  if (isAnswered) return [`ncl approvals answer ${id} --text ANSWER${dataFlag(data)}`];
  const flags = choices.length === 0 ? [""] : choices.map((group) => ` --group ${shellWord(group)}`);
  return flags.map((flag) => `ncl approvals approve ${id}${flag}${dataFlag(data)}`);
};

/** The command that rejects. */
const rejectOf = ({ id }: Pick<Answerable, "id">, data: string | undefined): string =>
  `ncl approvals reject ${id}${dataFlag(data)}`;

/** The `--data` flag for a command, if the folder was given. */
const dataFlag = (data: string | undefined): string =>
  data === undefined ? "" : ` --data ${shellWord(data)}`;
