import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import { said, type Html } from "./parts.ts";
import { column, tableOf, textIn, type Row, type Table } from "./tables.ts";

const people: Table = {
  title: "People",
  columns: [
    { label: "Name", of: (row) => textIn(row["display_name"]) || textIn(row["id"]) },
    column("Id", "id"),
    { label: "Reached by", of: (row) => textIn(row["kind"]) },
    column("Known since", "created_at"),
  ],
  empty: html`No person is known yet. On the host's machine: <code>ncl users create --help</code>`,
};

/** The people whom the host knows. */
export const peoplePage = (users: ResponseFrame): Html =>
  html`<h1>People</h1>
    ${users.ok ? tableOf(people, users.data as readonly Row[]) : said(users.error.message, true)}`;
