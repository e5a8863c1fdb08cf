import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import { said, type Html } from "./parts.ts";
import { column, tableOf, textIn, type Row, type Table } from "./tables.ts";

export type PeopleAnswers = {
  readonly users: ResponseFrame;
  readonly roles: readonly Row[];
  readonly members: readonly Row[];
};

/** The people whom the host knows, and what each may do. */
export const peoplePage = ({ users, roles, members }: PeopleAnswers): Html => {
  const rights = rightsOf(roles, members);
  const people: Table = {
    title: "People",
    columns: [
      { label: "Name", of: (row) => textIn(row["display_name"]) || textIn(row["id"]) },
      { label: "Roles", of: (row) => rights.get(textIn(row["id"]))?.join("; ") ?? "none" },
      column("Id", "id"),
      { label: "Reached by", of: (row) => textIn(row["kind"]) },
      column("Known since", "created_at"),
    ],
    empty: html`No person is known yet. On the host's machine: <code>ncl users create --help</code>`,
  };
  return html`<h1>People</h1>
    ${users.ok ? tableOf(people, users.data as readonly Row[]) : said(users.error.message, true)}`;
};

/** The rights of each person, the most powerful first: `Owner`, `Admin of all groups`, `Admin of Home`, `Member of Home`. */
const rightsOf = (roles: readonly Row[], members: readonly Row[]): ReadonlyMap<string, readonly string[]> => {
  const isOf = (role: string) => (row: Row) => row["role"] === role;
  const ofAll = roles.filter(({ agent_group_id: group }) => group === null);
  const ofGroup = roles.filter(({ agent_group_id: group }) => group !== null);
  const rights = new Map<string, string[]>();
  for (const [words, rows] of [
    ["Owner", ofAll.filter(isOf("owner"))],
    ["Admin of all groups", ofAll.filter(isOf("admin"))],
    ["Admin of", ofGroup.filter(isOf("admin"))],
    ["Member of", members],
  ] as const)
    for (const row of rows) {
      const id = textIn(row["user_id"]);
      rights.set(id, [...(rights.get(id) ?? []), `${words} ${textIn(row["group"])}`.trimEnd()]);
    }
  return rights;
};
