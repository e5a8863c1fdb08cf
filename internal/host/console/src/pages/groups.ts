import type { GroupState } from "@gatehouse/session-rows";
import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import { gaugeOf } from "./gauge.ts";
import { countOf, said, stateOf, timeOf, type Html } from "./parts.ts";
import { linkTo, tableOf, textIn, type Row, type Table } from "./tables.ts";
import { limitText, usedToday, type LimitRow, type UsageRow } from "./usage-rows.ts";

export type GroupsAnswers = {
  readonly list: ResponseFrame;
  /** What each group's agents do. */
  readonly states: readonly GroupState[];
  /** What was used today, and the limits of today; empty for a reader who may not see them. */
  readonly used: readonly UsageRow[];
  readonly limits: readonly LimitRow[];
};

/** The groups of the host, with what each does now. */
export const groupsPage = ({ list, states, used, limits }: GroupsAnswers): Html => {
  if (!list.ok)
    return html`<h1>Groups</h1>
      ${said(list.error.message, true)}`;
  const stateOfGroup = new Map(states.map((state) => [state.id, state]));
  const of = (row: Row): GroupState | undefined => stateOfGroup.get(textIn(row["id"]));
  const table: Table = {
    title: "Groups",
    columns: [
      {
        label: "Name",
        of: (row) => linkTo(`/groups/${encodeURIComponent(textIn(row["id"]))}`, row["name"], "(no name)"),
      },
      { label: "State", of: (row) => runningOf(of(row)) },
      { label: "Waits for you", of: (row) => waitsOf(of(row)) },
      { label: "Provider and model", of: (row) => agentOf(of(row)) },
      {
        label: "Last message",
        of: (row) => {
          const at = of(row)?.lastMessageAt ?? null;
          return at === null ? "none yet" : timeOf(at);
        },
      },
      { label: "Used today", of: (row) => todayOf(textIn(row["id"]), used, limits) },
    ],
    empty: html`There is no group yet. On the host's machine: <code>gatehouse init</code>`,
  };
  return html`<h1>Groups</h1>
    ${tableOf(table, list.data as readonly Row[])}`;
};

const runningOf = (state: GroupState | undefined): Html | string => {
  if (state === undefined) return "-";
  if (state.running === 0) return stateOf("off", "Asleep");
  return stateOf("ok", state.running === 1 ? "Running" : `${state.running} running`);
};

const waitsOf = (state: GroupState | undefined): Html | string =>
  state === undefined || state.waits === 0
    ? "nothing"
    : html`<a href="/waiting">${stateOf("wait", countOf(state.waits, "request"))}</a>`;

const agentOf = (state: GroupState | undefined): Html | string =>
  state === undefined || state.provider === null
    ? "-"
    : html`${state.provider} <span class="quiet small">${state.model ?? ""}</span>`;

/** The limit that is the nearest to its end; without a limit, the tokens. */
const todayOf = (id: string, used: readonly UsageRow[], limits: readonly LimitRow[]): Html | string => {
  const [nearest] = limits
    .filter((limit) => limit.agent_group_id === id)
    .toSorted((one, other) => other.used / other.most - one.used / one.most);
  if (nearest !== undefined)
    return html`${gaugeOf(nearest.used / nearest.most)} <span class="small">${limitText(nearest)}</span>`;
  return usedToday(used.filter((row) => row.agent_group_id === id));
};
