import type { Client, ClientBase } from "pg";
import { trouble } from "./trouble.ts";

export type SessionCheck = {
  /** Refuse a server that only reads. */
  readonly needsWriter: boolean;
  /** Makes another client of the same address, to find out about a pooler; null if that is known. */
  readonly another: (() => Client) | null;
};

type Found = {
  readonly pid: number;
  readonly encoding: string;
  readonly isStandby: boolean;
  readonly onlyReads: boolean;
};

const question = `
  select pg_backend_pid() as pid, current_setting('server_encoding') as encoding,
    pg_is_in_recovery() as "isStandby", current_setting('transaction_read_only') = 'on' as "onlyReads"`;

/** Throws a `PostgresTrouble` for a new session that answers, but is of no use. Changes nothing in it. */
export const checkSession = async (
  client: ClientBase,
  { needsWriter, another }: SessionCheck,
): Promise<void> => {
  const { rows } = await client.query<Found>(question);
  const [found] = rows;
  if (found === undefined) throw new TypeError("A select without a table has one row");
  if (another !== null && found.pid !== processIdOf(client) && (await isShared(client, found.pid, another)))
    throw trouble("POSTGRES_POOLED", "a pooler gives each transaction another session");
  if (found.encoding !== "UTF8")
    throw trouble("POSTGRES_ENCODING", `its encoding is ${found.encoding}, not UTF8`);
  if (!needsWriter || !found.onlyReads) return;
  const why = found.isStandby ? "it is a standby" : "default_transaction_read_only is on";
  throw trouble("POSTGRES_READ_ONLY", `the server only reads: ${why}`);
};

/** The process that the server named at the start. A pooler names one of its own making. */
const processIdOf = (client: ClientBase): number | null =>
  "processID" in client && typeof client.processID === "number" ? client.processID : null;

/**
 * True if the server's session changes between two transactions. The one that was used last goes to the other
 * client, or else that one's to this client: at once, or with the second query if they go around in a circle.
 */
const isShared = async (client: ClientBase, pid: number, another: () => Client): Promise<boolean> => {
  const other = another();
  other.on("error", () => undefined);
  try {
    await other.connect();
    const pids = [await pidOf(other), await pidOf(client), await pidOf(client)];
    return pids[0] === pid || pids.slice(1).some((each) => each !== pid);
  } finally {
    await other.end();
  }
};

const pidOf = async (client: ClientBase): Promise<number> => {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
};
