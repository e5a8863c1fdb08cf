import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import type { SignedIn } from "../sign-ins.ts";
import { hidden, idOf, said, stateOf, timeOf, type Html } from "./parts.ts";
import { column, tableOf, textIn, valueOf, type Row, type Table } from "./tables.ts";

/** The answers of the commands that the page of a group shows. */
export type GroupAnswers = Readonly<
  Record<"group" | "config" | "history" | "members" | "wirings" | "chats" | "tasks", ResponseFrame>
> & {
  /** Null if the address compares no generations. */
  readonly diff: ResponseFrame | null;
  /** The currency of its limits; null if it is not known. */
  readonly currency: string | null;
};

/** A group: who may write to it and where, its configuration, its tasks, which can be paused, and the generations of it, each of which can be restored. */
export const groupPage = (answers: GroupAnswers, { formToken }: SignedIn): Html => {
  const { group, config, history, members, wirings, chats, tasks, diff, currency } = answers;
  if (!group.ok) return said(group.error.message, true);
  const { id, name } = group.data as Row;
  const path = `/groups/${encodeURIComponent(String(id))}`;
  return html`<div class="head">
      <h1>${valueOf(name)}</h1>
      <a class="button" href="/talk/${encodeURIComponent(String(id))}">Talk with it</a>
    </div>
    <p class="quiet small">${idOf(String(id))}</p>
    ${diff === null ? "" : diffOf(diff, currency)}
    ${config.ok ? fieldsOf(config.data as Row, currency) : refusal(config)}
    ${partOf("members", "Members", tableIn(members, memberTable))}
    ${partOf(
      "chats",
      "Chats in which it answers",
      tableIn(wirings, wiringTable, (row) => ({ ...row, chat: chatName(row["messaging_group_id"], chats) })),
    )}
    ${partOf("tasks", "Tasks", tableIn(tasks, taskTable(path, formToken)))}
    ${partOf(
      "generations",
      "Generations of its configuration",
      history.ok
        ? html`<ol class="generations list" reversed>
            ${(history.data as readonly Row[]).map((row, _index, [now]) =>
              generationOf(row, { path, formToken, now: String(now?.["generation"]) }),
            )}
          </ol>`
        : refusal(history),
    )}`;
};

const partOf = (id: string, title: string, body: Html | string): Html =>
  html`<section class="part" aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section>`;

const refusal = (frame: ResponseFrame): Html | string => (frame.ok ? "" : said(frame.error.message, true));

const memberTable: Table = {
  title: "Members",
  columns: [
    { label: "Person", of: (row) => textIn(row["person"]) || textIn(row["user_id"]) },
    column("Id", "user_id"),
    column("Since", "added_at"),
    column("Added by", "added_by"),
  ],
  empty: "Nobody but owners and admins may write to it.",
};

const engages: Readonly<Record<string, string>> = {
  mention: "When it is named",
  "mention-sticky": "When it is named, and then to what follows",
};

const wiringTable: Table = {
  title: "Chats",
  columns: [
    column("Chat", "chat"),
    {
      label: "It answers",
      of: (row) => {
        const pattern = textIn(row["engage_pattern"]);
        return (
          engages[textIn(row["engage_mode"])] ??
          (pattern === "." ? "Each message" : `What matches ${pattern}`)
        );
      },
    },
    { label: "To whom", of: (row) => (row["sender_scope"] === "known" ? "Its members" : "Everyone") },
    column("Id", "id"),
  ],
  empty: html`It answers in no chat yet. Write to it in Talk, or on the host's machine:
    <code>gatehouse chat</code>`,
};

/** The states of a task: in words, and the command that leads out of each. */
const taskStates: Readonly<
  Record<string, { readonly state: Html; readonly verb?: "pause" | "resume"; readonly button?: string }>
> = {
  active: { state: stateOf("ok", "Active"), verb: "pause", button: "Pause" },
  paused: { state: stateOf("wait", "Paused"), verb: "resume", button: "Resume" },
  ended: { state: stateOf("off", "Ended") },
};

const taskOutcomes: Readonly<Record<string, Html>> = {
  running: stateOf("ok", "Runs now"),
  done: stateOf("ok", "Done"),
  failed: stateOf("bad", "Failed"),
  "kept-asleep": stateOf("off", "Kept asleep by its command"),
  missed: stateOf("wait", "Missed"),
};

const taskTable = (path: string, formToken: string): Table => ({
  title: "Tasks",
  columns: [
    column("What", "text"),
    column("When", "cadence"),
    column("Next", "next"),
    { label: "Last run", of: ({ last }) => taskOutcomes[textIn(last)] ?? "-" },
    {
      label: "State",
      of: ({ id, status }) => {
        const { state, verb, button } = taskStates[textIn(status)] ?? { state: textIn(status) };
        return verb === undefined
          ? state
          : html`${state}
              <form method="post" action="${path}/tasks/${verb}">
                ${hidden("form", formToken)}${hidden("task", textIn(id))}
                <button>${button}</button>
              </form>`;
      },
    },
    column("Id", "id"),
  ],
  empty: html`It has no tasks. They are made by talking to it, or by <code>ncl tasks create</code>.`,
});

const tableIn = (
  frame: ResponseFrame,
  table: Table,
  shown: (row: Row) => Row = (row) => row,
): Html | string => (frame.ok ? tableOf(table, (frame.data as readonly Row[]).map(shown)) : refusal(frame));

const chatName = (id: unknown, chats: ResponseFrame): unknown => {
  const chat = chats.ok ? (chats.data as readonly Row[]).find((row) => row["id"] === id) : undefined;
  return chat?.["name"] ?? chat?.["platform_id"] ?? id;
};

/** What differs between two generations: each field as it was, and as it is. */
const diffOf = (diff: ResponseFrame, currency: string | null): Html | string => {
  if (!diff.ok) return refusal(diff);
  const { from, to, changes } = diff.data as {
    readonly from?: number;
    readonly to?: number;
    readonly changes: readonly {
      readonly field: string;
      readonly before: unknown;
      readonly after: unknown;
    }[];
  };
  const table: Table = {
    title: "Differences",
    columns: [column("Field", "field"), column("Before", "before"), column("After", "after")],
    empty: "No difference.",
  };
  const earlier = from === undefined ? "the generation before" : `generation ${from}`;
  return html`<section class="card" id="diff" aria-labelledby="diff-title">
    <h2 id="diff-title">From ${earlier} to ${to === undefined ? "the present one" : `generation ${to}`}</h2>
    ${tableOf(
      table,
      changes.map(({ field, before, after }) => ({ field: wordsOf(field, currency), before, after })),
    )}
  </section>`;
};

/** The configuration: first what was set, with where it comes from, then what has its default value. */
const fieldsOf = ({ provenance, ...row }: Row, currency: string | null): Html => {
  const sources = (provenance ?? {}) as Readonly<Record<string, string>>;
  const entries = Object.entries(row).filter(([name, value]) => name !== "agent_group_id" && !isEmpty(value));
  const isDefault = ([name]: readonly [string, unknown]): boolean => sources[name] === "default";
  const source = (name: string): Html | string =>
    sources[name] === undefined
      ? ""
      : html` <span class="quiet">(${sources[name] === "own" ? "set here" : sources[name]})</span>`;
  const list = (shown: readonly (readonly [string, unknown])[]): Html =>
    html`<dl class="box">
      ${shown.map(
        ([name, value]) =>
          html`<dt>${nameOf(name, currency)}</dt>
            <dd>${fieldValue(value)}${source(name)}</dd>`,
      )}
    </dl>`;
  return html`${list(entries.filter((entry) => !isDefault(entry)))}
    <details>
      <summary>Settings at their defaults</summary>
      ${list(entries.filter(isDefault))}
    </details>`;
};

/** What has no effect looks like what waits for a person. */
const nameOf = (name: string, currency: string | null): Html | string =>
  name === "not_applied" ? stateOf("wait", "not applied") : wordsOf(name, currency);

/** `max cost per day (USD)` */
const wordsOf = (field: string, currency: string | null): string =>
  `${field.replaceAll("_", " ")}${field === "max_cost_per_day" && currency !== null ? ` (${currency})` : ""}`;

/** A list of things with reasons has a line for each. */
const fieldValue = (value: unknown): Html | string => {
  if (!Array.isArray(value) || !value.every((one) => typeof one === "object" && one !== null))
    return valueOf(value);
  return html`${value.map((one: object) => html`${Object.values(one).map(textIn).join(": ")}<br />`)}`;
};

const isEmpty = (value: unknown): boolean =>
  value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);

/** How a generation came about. */
const madeBy: Readonly<Record<string, string>> = {
  create: "created it",
  backfill: "took it over",
  rollback: "rolled it back",
  update: "changed it",
};

const generationOf = (
  { generation, changed_at: at, actor, change, fields, reason }: Row,
  { path, formToken, now }: { readonly path: string; readonly formToken: string; readonly now: string },
): Html => {
  const number = String(generation);
  const isNow = number === now;
  const named =
    Array.isArray(fields) && fields.length > 0 ? `: ${fields.join(", ").replaceAll("_", " ")}` : "";
  return html`<li class="box" value="${number}">
    <div>
      Generation ${number}: ${typeof at === "string" ? timeOf(at) : ""},
      ${actor === "host" ? "the operator" : valueOf(actor)} ${madeBy[String(change)] ?? ""}${named}
      ${reason === null ? "" : html`<span class="quiet">(${valueOf(reason)})</span>`}
      ${isNow ? stateOf("ok", "In force") : ""}
    </div>
    <div class="actions">
      ${change === "create" ? "" : html`<a href="${path}?to=${number}#diff">What generation ${number} changed</a>`}
      ${
        isNow
          ? ""
          : html`<a href="${path}?from=${number}#diff">What changed since ${number}</a>
              <form method="post" action="${path}/rollback">
                ${hidden("form", formToken)}${hidden("to", number)}${hidden("seen", now)}
                <button>Restore generation ${number}</button>
              </form>`
      }
    </div>
  </li>`;
};
