import { html, raw } from "hono/html";
import { emptyOf, escaped, idOf, stateOf, timeOf, type Html } from "./parts.ts";

export type Row = Readonly<Record<string, unknown>>;

type Cell = Html | string;

/** A column of a table, in words of a person. */
export type Column<R = Row> = {
  readonly label: string;
  readonly of: (row: R) => Cell;
  readonly isNumber?: true;
};

export type Table<R = Row> = {
  readonly title: string;
  /** The first one names the row: on a small screen it is the head of the row's card. */
  readonly columns: readonly Column<R>[];
  /** What to do if there are no rows. */
  readonly empty: Html | string;
};

/** Rows as a table; on a small screen each row is a card. */
export const tableOf = <R>({ title, columns, empty }: Table<R>, rows: readonly R[]): Html => {
  if (rows.length === 0) return emptyOf(empty);
  const begins = columns.map(({ label, isNumber }) =>
    String(html`<td role="cell" data-label="${label}" ${classOf(isNumber)}>`),
  );
  // No template in each cell: those took most of the time of a page.
  const drawn = (row: R): string =>
    `<tr role="row">${columns.map(({ of }, index) => `${begins[index]}${escaped(of(row))}</td>`).join("")}</tr>`;
  return html`<div class="wide" role="region" aria-label="${title}" tabindex="0">
    <table role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map(
            ({ label, isNumber }) =>
              html`<th role="columnheader" scope="col" ${classOf(isNumber)}>${label}</th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${raw(rows.map(drawn).join(""))}
      </tbody>
    </table>
  </div>`;
};

const classOf = (isNumber: true | undefined): Html | string =>
  isNumber === true ? html`class="number"` : "";

/** A column that shows a value as it is. */
export const column = (label: string, name: string): Column => ({ label, of: (row) => valueOf(row[name]) });

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

const madeId = /^[a-z]{2}-[\da-f]{8}-[\da-f-]{27}$/;

/** A value as text, a time as a time, an id in short. */
export const valueOf = (value: unknown): Cell => {
  if (typeof value === "string")
    return isoTime.test(value) ? timeOf(value) : madeId.test(value) ? idOf(value) : value;
  if (value === null || value === undefined) return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value as number);
};

/** A value as plain text. */
export const textIn = (value: unknown): string =>
  value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);

/** The state of a session's agent. */
export const sessionState = (row: Row): Html => {
  if (row["status"] === "closed") return stateOf("off", "Closed");
  return row["container_status"] === "running" ? stateOf("ok", "Running") : stateOf("off", "Asleep");
};

/** A link whose text is not empty. */
export const linkTo = (path: string, text: unknown, otherwise: string): Html =>
  html`<a href="${path}">${textIn(text) || otherwise}</a>`;
