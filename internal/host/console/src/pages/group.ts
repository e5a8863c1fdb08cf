import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import type { SignedIn } from "../sign-ins.ts";
import { hidden, said, timeOf, type Html } from "./page.ts";
import { tableOf, valueOf, type Row, type TablePage } from "./tables.ts";

/** The answers of the commands that the page of a group shows. */
export type GroupAnswers = Readonly<
  Record<"group" | "config" | "history" | "members" | "wirings" | "chats", ResponseFrame>
> & {
  /** Null if the address compares no generations. */
  readonly diff: ResponseFrame | null;
};

/** A group: who may write to it and where, its configuration, and the generations of it, each of which can be restored. */
export const groupPage = (answers: GroupAnswers, { formToken }: SignedIn): Html => {
  const { group, config, history, members, wirings, chats, diff } = answers;
  if (!group.ok) return said(group.error.message, true);
  const { id, name } = group.data as Row;
  const path = `/groups/${encodeURIComponent(String(id))}`;
  return html`<h1>${valueOf(name)}</h1>
    <p><a href="/talk/${encodeURIComponent(String(id))}">Talk with it</a></p>
    ${diff === null ? "" : diffOf(diff)} ${config.ok ? fieldsOf(config.data as Row) : refusal(config)}
    <h2>Members</h2>
    ${tableIn(members, memberTable)}
    <h2>Chats in which it answers</h2>
    ${tableIn(wirings, wiringTable, (row) => ({ ...row, chat: chatName(row["messaging_group_id"], chats) }))}
    <h2>Generations</h2>
    ${
      history.ok
        ? html`<ol reversed>
            ${(history.data as readonly Row[]).map((row, _index, [now]) =>
              generationOf(row, { path, formToken, now: String(now?.["generation"]) }),
            )}
          </ol>`
        : refusal(history)
    }`;
};

const refusal = (frame: ResponseFrame): Html | string => (frame.ok ? "" : said(frame.error.message, true));

const memberTable = {
  title: "Members",
  columns: ["person", "user_id", "added_at", "added_by"],
  empty: "No member without a role. Owners and admins may write to it, too.",
};

const wiringTable = {
  title: "Chats",
  columns: ["chat", "engage_mode", "engage_pattern", "sender_scope", "id"],
  empty: "It answers in no chat yet. On the host's machine: gatehouse chat",
};

const tableIn = (
  frame: ResponseFrame,
  table: Pick<TablePage, "title" | "columns" | "empty">,
  shown: (row: Row) => Row = (row) => row,
): Html | string => (frame.ok ? tableOf(table, (frame.data as readonly Row[]).map(shown)) : refusal(frame));

const chatName = (id: unknown, chats: ResponseFrame): unknown => {
  const chat = chats.ok ? (chats.data as readonly Row[]).find((row) => row["id"] === id) : undefined;
  return chat?.["name"] ?? chat?.["platform_id"] ?? id;
};

/** What differs between two generations: each field as it was, and as it is. */
const diffOf = (diff: ResponseFrame): Html | string => {
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
  const table = { title: "Differences", columns: ["field", "before", "after"], empty: "No difference." };
  const earlier = from === undefined ? "the generation before" : `generation ${from}`;
  return html`<section class="card" id="diff" aria-labelledby="diff-title">
    <h2 id="diff-title">From ${earlier} to ${to === undefined ? "the present one" : `generation ${to}`}</h2>
    ${tableOf(
      table,
      changes.map(({ field, before, after }) => ({ field: field.replaceAll("_", " "), before, after })),
    )}
  </section>`;
};

/** The configuration: first what was set, with where it comes from, then what has its default value. */
const fieldsOf = ({ provenance, ...row }: Row): Html => {
  const sources = (provenance ?? {}) as Readonly<Record<string, string>>;
  const entries = Object.entries(row).filter(([, value]) => !isEmpty(value));
  const isDefault = ([name]: readonly [string, unknown]): boolean => sources[name] === "default";
  const source = (name: string): Html | string =>
    sources[name] === undefined ? "" : html` <span class="quiet">(${sources[name]})</span>`;
  const list = (shown: readonly (readonly [string, unknown])[]): Html =>
    html`<dl>
      ${shown.map(
        ([name, value]) =>
          html`<dt>${name.replaceAll("_", " ")}</dt>
            <dd>${valueOf(value)}${source(name)}</dd>`,
      )}
    </dl>`;
  return html`${list(entries.filter((entry) => !isDefault(entry)))}
    <details>
      <summary>With their default value</summary>
      ${list(entries.filter(isDefault))}
    </details>`;
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
  return html`<li value="${number}">
    ${typeof at === "string" ? timeOf(at) : ""}, ${valueOf(actor)} ${madeBy[String(change)] ?? ""}${named}
    ${reason === null ? "" : html`<span class="quiet">(${valueOf(reason)})</span>`}
    ${isNow ? html`<span class="quiet">(in force)</span>` : ""}
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
