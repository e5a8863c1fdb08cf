// A process that writes rows until its files may not grow any more (a file size limit simulates a full disk),
// then closes: `full-disk.fixture.ts <file>`. Prints the result of both as a line of JSON.
import process from "node:process";
import { sql } from "kysely";
import { openSqlite } from "./open-sqlite.ts";

const [file = ""] = process.argv.slice(2);
const opened = await openSqlite(file);
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const { db, close } = opened.value;
await sql`create table notes (text text)`.execute(db);

const reason = (error: Error & { code?: string }): string => error.code ?? error.message;

const fill = async (): Promise<never> => {
  for (;;)
    await db
      .transaction()
      .execute((transaction) => sql`insert into notes values (${"x".repeat(200_000)})`.execute(transaction));
};

const writing = await fill().catch(reason);
const closing = await close().then(() => "closed", reason);
const afterwards = await sql`select 1`.execute(db).then(() => "open", reason);
process.stdout.write(JSON.stringify({ writing, closing, afterwards }));
