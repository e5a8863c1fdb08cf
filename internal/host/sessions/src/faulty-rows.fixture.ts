import type { CentralTables } from "@gatehouse/central-database";
import type { CompiledQuery, DatabaseConnection, Kysely } from "kysely";

/** A query: Kysely's syntax tree as JSON. */
type Query = { readonly kind: string; readonly text: string };

/** Rows of sessions. The fixture counts reads of the agents' messages and can make a query fail. */
export type FaultyRows = {
  readonly rows: Kysely<CentralTables>;
  readonly seen: { reads: number; refuses: (query: Query) => boolean };
};

/** It hooks into the execution of queries, because a plugin cannot make one query fail. */
export const faultyRows = (rows: Kysely<CentralTables>): FaultyRows => {
  const seen: FaultyRows["seen"] = { reads: 0, refuses: () => false };
  const inspect = ({ query: node }: CompiledQuery): void => {
    const query = { kind: node.kind, text: JSON.stringify(node) };
    if (query.kind === "SelectQueryNode" && query.text.includes("session_messages_out")) seen.reads += 1;
    if (seen.refuses(query)) throw Object.assign(new Error("the disk is full"), { code: "SQLITE_FULL" });
  };
  const faulty = (connection: DatabaseConnection): DatabaseConnection => ({
    executeQuery: async (query) => {
      inspect(query);
      return connection.executeQuery(query);
    },
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  });
  // A separate executor, so that other users of the database get no faults.
  const own = rows.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => result,
  });
  const executor = own.getExecutor();
  const { provideConnection } = executor;
  Object.assign(executor, {
    provideConnection: <T>(consumer: (connection: DatabaseConnection) => Promise<T>): Promise<T> =>
      provideConnection.call(executor, (connection) => consumer(faulty(connection))) as Promise<T>,
  });
  return { seen, rows: own };
};
