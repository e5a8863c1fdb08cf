import { html } from "hono/html";
import { type Html, timeOf } from "./page.ts";

export type Row = Readonly<Record<string, unknown>>;

/** A page that shows the rows of a command. */
export type TablePage = {
  readonly path: string;
  readonly title: string;
  /** The command, as in a frame. */
  readonly command: string;
  /** The arguments of the command that the page's address may set. */
  readonly filters: readonly string[];
  /** The columns that are shown, in their order; a row without one shows nothing there. */
  readonly columns: readonly string[];
  /** What to do if there are none. */
  readonly empty: string;
};

export const tablePages: readonly TablePage[] = [
  {
    path: "/groups",
    title: "Groups",
    command: "groups-list",
    filters: [],
    columns: ["name", "folder", "created_at", "id"],
    empty: "There is no agent group yet. On the host's machine: gatehouse init",
  },
  {
    path: "/sessions",
    title: "Sessions",
    command: "sessions-list",
    filters: ["agent_group_id", "status"],
    columns: ["group", "chat", "container_status", "last_active", "status", "id"],
    empty: "No agent was written to yet. On the host's machine: gatehouse chat",
  },
  {
    path: "/people",
    title: "People",
    command: "users-list",
    filters: [],
    columns: ["display_name", "id", "kind", "created_at"],
    empty: "No person is known yet. On the host's machine: ncl users create --help",
  },
  {
    path: "/decisions",
    title: "Decisions",
    command: "decisions-list",
    filters: ["since", "until", "actor"],
    columns: ["at", "actor", "command", "effect", "reason", "args"],
    empty: "Nothing was decided in this time.",
  },
];

/** The rows of a command as a table. `linkOf` gives the address of a row's own page. */
export const tableOf = (
  { title, columns, empty }: Pick<TablePage, "title" | "columns" | "empty">,
  rows: readonly Row[],
  linkOf?: (row: Row) => string,
): Html =>
  rows.length === 0
    ? html`<p class="quiet">${empty}</p>`
    : html`<div class="wide" role="region" aria-label="${title}" tabindex="0">
        <table>
          <thead>
            <tr>
              ${columns.map((name) => html`<th scope="col">${name.replaceAll("_", " ")}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (row) =>
                html`<tr>
                  ${columns.map((name, index) => {
                    const cell = valueOf(row[name]);
                    return html`<td>
                      ${index === 0 && linkOf !== undefined ? html`<a href="${linkOf(row)}">${cell}</a>` : cell}
                    </td>`;
                  })}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** A value as text, a time as a time. */
export const valueOf = (value: unknown): Html | string => {
  if (typeof value === "string") return isoTime.test(value) ? timeOf(value) : value;
  if (value === null || value === undefined) return "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value as number | boolean);
};
