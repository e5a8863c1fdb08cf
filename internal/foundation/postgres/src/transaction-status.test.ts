import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { noOwnServer, ownServer } from "./server.fixture.ts";
import { statusOf, type TransactionMark } from "./transaction-status.ts";

const connected = async (connectionString: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  return client;
};

/** Writes, and leaves the transaction open. */
const openWrite = async (client: pg.Client, table: string): Promise<TransactionMark> => {
  await client.query(`begin; create table ${table} (id int)`);
  const { rows } = await client.query<TransactionMark>(
    "select pg_current_xact_id()::text as id, checkpoint_lsn::text as checkpoint from pg_control_checkpoint()",
  );
  const [mark] = rows;
  if (mark === undefined) expect.fail("The server gave no row.");
  return mark;
};

const asked = async (url: string, mark: TransactionMark): Promise<string | null> => {
  const db = new Kysely<object>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
  });
  try {
    return await statusOf(db, mark);
  } finally {
    await db.destroy();
  }
};

test.skipIf(noOwnServer !== null)(
  `statusOf is right after any end of the server (${noOwnServer ?? "one of our own"})`,
  { tags: ["slow"] },
  async () => {
    const { url, start, stop } = ownServer();
    const first = await connected(url);
    onTestFinished(() => first.end());
    // No data of an open transaction is saved before the crash.
    await first.query("alter system set wal_writer_delay = '10s'");
    await first.query("select pg_reload_conf()");

    const kept = await openWrite(first, "kept");
    expect(await asked(url, kept)).toBe("in progress");
    await first.query("commit");
    expect(await asked(url, kept)).toBe("committed");
    const undone = await openWrite(first, "undone");
    await first.query("rollback");
    expect(await asked(url, undone)).toBe("aborted");

    const lost = await openWrite(first, "lost");
    stop("immediate");
    start();
    expect(await asked(url, lost)).toBe("aborted");
    expect(await asked(url, kept)).toBe("committed");
    const after = await connected(url);
    onTestFinished(() => after.end());
    const next = await openWrite(after, "next");
    await after.query("commit");
    // The server gave the id to another transaction: it reports "committed" for it.
    expect(BigInt(next.id)).toBeLessThanOrEqual(BigInt(lost.id));
    while (BigInt((await openWrite(after, `more_${Date.now()}`)).id) < BigInt(lost.id))
      await after.query("commit");
    await after.query("commit");
    expect(await asked(url, { ...lost, checkpoint: next.checkpoint })).toBe("committed");
    expect(await asked(url, lost)).toBe("aborted");

    await after.query("checkpoint");
    expect(await asked(url, lost), "a checkpoint of a server that runs hides the crash").toBeNull();
  },
);

test.skipIf(noOwnServer !== null)(
  `statusOf needs no rights except to connect (${noOwnServer ?? "one of our own"})`,
  { tags: ["slow"] },
  async () => {
    const { url } = ownServer();
    const owner = await connected(url);
    onTestFinished(() => owner.end());
    await owner.query("create role nobody_much login");
    const mark = await openWrite(owner, "kept");
    await owner.query("commit");
    expect(await asked(url.replace("postgres@", "nobody_much@"), mark)).toBe("committed");
  },
);
