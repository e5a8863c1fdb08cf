import type { OpenMessages } from "@gatehouse/session-rows";
import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import { filterForm } from "./filters.ts";
import { countOf, countText, said, stateOf, timeOf, type Html } from "./parts.ts";
import { column, linkTo, sessionState, tableOf, textIn, type Row, type Table } from "./tables.ts";
import { moneyText } from "./usage-rows.ts";

/** What sessions used so far. */
export type SessionUsage = {
  readonly currency: string | null;
  readonly bySession: ReadonlyMap<
    string,
    { readonly inputTokens: number; readonly outputTokens: number; readonly cost: number | null }
  >;
};

export type SessionsAnswers = {
  readonly list: ResponseFrame;
  /** The groups from which one may be chosen. */
  readonly groups: readonly Row[];
  /** The filters of the address. */
  readonly chosen: Readonly<Record<string, string>>;
  readonly open: readonly OpenMessages[];
  readonly usage: SessionUsage;
};

/** The sessions, each a conversation of a group: what runs, since when, and what it used. */
export const sessionsPage = ({ list, groups, chosen, open, usage }: SessionsAnswers): Html => {
  const openOf = new Map(open.map((one) => [one.sessionId, one]));
  const of = (row: Row): OpenMessages | undefined => openOf.get(textIn(row["id"]));
  const sessions: Table = {
    title: "Sessions",
    columns: [
      {
        label: "Chat",
        of: (row) =>
          linkTo(`/sessions/${encodeURIComponent(textIn(row["id"]))}`, row["chat"], "All its chats"),
      },
      column("Group", "group"),
      { label: "State", of: (row) => stateNow(row, of(row)) },
      {
        label: "Unanswered",
        of: (row) => {
          const count = of(row)?.count ?? 0;
          return count === 0 ? "nothing" : countOf(count, "message");
        },
      },
      column("Last active", "last_active"),
      { label: "Used so far", of: (row) => usedBy(textIn(row["id"]), usage), isNumber: true },
      column("Id", "id"),
    ],
    empty: html`No agent was written to yet. Write to one in Talk, or on the host's machine:
      <code>gatehouse chat</code>`,
  };
  return html`<div class="head">
      <h1>Sessions</h1>
      ${filterForm("/sessions", filtersOf(groups), chosen)}
    </div>
    ${list.ok ? tableOf(sessions, list.data as readonly Row[]) : said(list.error.message, true)}`;
};

const filtersOf = (groups: readonly Row[]) =>
  [
    {
      name: "agent_group_id",
      label: "Group",
      options: [
        ["", "All groups"],
        ...groups.map((row) => [textIn(row["id"]), textIn(row["name"])] as const),
      ] as const,
    },
    {
      name: "status",
      label: "State",
      options: [
        ["", "All"],
        ["active", "Open"],
        ["closed", "Closed"],
      ],
    },
  ] as const;

const stateNow = (row: Row, open: OpenMessages | undefined): Html => {
  const since = open?.inWorkSince ?? null;
  return since !== null && row["container_status"] === "running"
    ? html`${stateOf("ok", "At work")} <span class="quiet small">begun ${timeOf(since)}</span>`
    : sessionState(row);
};

const usedBy = (id: string, { currency, bySession }: SessionUsage): string => {
  const used = bySession.get(id);
  if (used === undefined) return "-";
  const { inputTokens, outputTokens, cost } = used;
  return cost === null
    ? `${countText(inputTokens + outputTokens)} tokens`
    : `${moneyText(cost)} ${currency ?? ""}`.trimEnd();
};
