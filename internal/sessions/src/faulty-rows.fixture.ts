import type { SessionTables } from "@nc/session-db/node";
import type { Kysely, KyselyPlugin } from "kysely";

/** A query, as Kysely's tree of it in JSON with all its values. */
type Query = { readonly kind: string; readonly text: string };

/** Rows of sessions whose reads of the agents' messages are counted, and of which a query can be refused. */
export type FaultyRows = {
  readonly rows: Kysely<SessionTables>;
  readonly seen: { reads: number; refuses: (query: Query) => boolean };
};

export const faultyRows = (rows: Kysely<SessionTables>): FaultyRows => {
  const seen: FaultyRows["seen"] = { reads: 0, refuses: () => false };
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      const query = { kind: node.kind, text: JSON.stringify(node) };
      if (query.kind === "SelectQueryNode" && query.text.includes("session_messages_out")) seen.reads += 1;
      if (seen.refuses(query)) throw Object.assign(new Error("the disk is full"), { code: "SQLITE_FULL" });
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return { seen, rows: rows.withPlugin(plugin) };
};
