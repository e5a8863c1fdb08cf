import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import { filterForm } from "./filters.ts";
import { exactTimeOf, said, stateOf, tabsOf, type Html } from "./parts.ts";
import { column, tableOf, textIn, type Row, type Table } from "./tables.ts";

const effects: Readonly<Record<string, Html>> = {
  allow: stateOf("off", "Allowed"),
  approve: stateOf("wait", "Asked a person"),
  deny: stateOf("bad", "Denied"),
};

/** What people and groups are called, by their ids. */
export type Names = ReadonlyMap<string, string>;

export const decisionTable = (names: Names): Table => ({
  title: "Decisions",
  columns: [
    { label: "What", of: (row) => html`<code class="whole">${textIn(row["command"])}</code>` },
    { label: "Outcome", of: (row) => effects[textIn(row["effect"])] ?? textIn(row["effect"]) },
    { label: "Who", of: (row) => whoOf(row, names) },
    { label: "When", of: (row) => exactTimeOf(textIn(row["at"])) },
    column("Why", "reason"),
    { label: "Values", of: (row) => valuesOf(row["args"]) },
  ],
  empty: "Nothing was decided in this time.",
});

/** `host` is the operator at a terminal or here, with the account behind it; `agent:GROUP/SESSION` is a group's agent. */
const whoOf = (row: Row, names: Names): Html | string => {
  const actor = textIn(row["actor"]);
  const account = textIn(row["account"]);
  const behind = account === "" ? "" : ` (${account})`;
  if (actor === "host") return `the operator${behind}`;
  const [, kind, id = ""] = /^(agent|user):([^/]+)/.exec(actor) ?? [];
  const name = names.get(id);
  if (name === undefined) return `${actor}${behind}`;
  return html`<span title="${actor}">${kind === "agent" ? `the agent of ${name}` : name}${behind}</span>`;
};

/** An id in a text. */
const longId = /([a-z]{2}-[\da-f]{8})-[\da-f]{4}-[\da-f-]{22}/g;

/** `model: opus` for each value, with ids in short. The digest of a card says nothing to a reader. */
const valuesOf = (args: unknown): Html | string => {
  if (typeof args !== "object" || args === null) return textIn(args) || "-";
  const values = Object.entries(args).filter(([name]) => name !== "seen");
  if (values.length === 0) return "-";
  const text = values.map(([name, value]) => `${name.replaceAll("_", " ")}: ${textIn(value)}`).join("; ");
  return html`<code title="${text}">${text.replaceAll(longId, "$1…")}</code>`;
};

const filters = [
  {
    name: "since",
    label: "Since",
    options: [
      ["", "Any time"],
      ["1h", "An hour"],
      ["24h", "A day"],
      ["7d", "A week"],
      ["30d", "30 days"],
    ],
  },
  { name: "until", label: "Until", example: "such as 2026-11-27" },
  { name: "actor", label: "Who", example: "host, a person, a group" },
] as const;

export type DecisionsAnswers = {
  readonly list: ResponseFrame;
  /** True for a command that only reads. */
  readonly isRead: (command: string) => boolean;
  /** The filters of the address. */
  readonly chosen: Readonly<Record<string, string>>;
  /** Reads that were allowed are shown, too. */
  readonly hasReads: boolean;
  readonly names: Names;
};

/** How many decisions are shown at once. */
export const mostDecisions = 200;

/** What was changed, asked and denied; with a link also what was only read. */
export const decisionsPage = ({ list, isRead, chosen, hasReads, names }: DecisionsAnswers): Html => {
  const path = (reads: boolean): string => {
    const query = new URLSearchParams({ ...chosen, ...(reads ? { reads: "1" } : {}) }).toString();
    return `/decisions${query === "" ? "" : `?${query}`}`;
  };
  const head = html`<div class="head">
      <h1>Decisions</h1>
      ${tabsOf("What is shown", [
        { path: path(false), title: "Changes, denials, approvals", isHere: !hasReads },
        { path: path(true), title: "Also what was only read", isHere: hasReads },
      ])}
    </div>
    ${filterForm("/decisions", filters, chosen, hasReads ? { reads: "1" } : {})}`;
  if (!list.ok) return html`${head}${said(list.error.message, true)}`;
  const rows = list.data as readonly Row[];
  const shown = hasReads
    ? rows
    : rows.filter((row) => row["effect"] !== "allow" || !isRead(textIn(row["command"])));
  return html`${head} ${tableOf(decisionTable(names), shown.slice(0, mostDecisions))}
  ${
    shown.length <= mostDecisions
      ? ""
      : html`<p class="quiet">These are the newest ${mostDecisions}. Choose a time to see older ones.</p>`
  }`;
};
