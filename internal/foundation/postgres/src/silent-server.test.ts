// @module-tag soak
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { sql } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemCode } from "@gatehouse/std";
import { cuttingProxy } from "./cutting-proxy.fixture.ts";
import { openPostgres, type OpenOptions, type Postgres } from "./open-postgres.ts";
import { noOwnServer, ownServer, type OwnServer } from "./server.fixture.ts";

type Tables = { notes: { id: string } };

const slow = { tags: ["slow"] };
const shown = "postgresql://ana@db.example/hosts";
const noAnswer = { code: "POSTGRES_AWAY", message: `${shown} gave no answer within 2 s` };

const opened = async (url: string, options: OpenOptions): Promise<Postgres<Tables>> => {
  const database = await openPostgres<Tables>({ url, shown }, options);
  onTestFinished(database.close);
  return database;
};

/** A server with an empty table of notes. */
const withNotes = async (): Promise<OwnServer> => {
  const server = ownServer();
  const { db, close } = await openPostgres<Tables>({ url: server.url, shown });
  await sql`create table notes (id text primary key)`.execute(db);
  await close();
  return server;
};

/** Stops every process of a server, like a machine that is paused. Returns a function that continues them. */
const pause = (server: OwnServer): (() => void) => {
  const pids = (["postmaster", "helper", "session"] as const).flatMap(server.processes);
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  const goOn = (): void => {
    for (const pid of pids.splice(0)) goOnIfThere(pid);
  };
  onTestFinished(goOn);
  return goOn;
};

/** The process may be gone: the postmaster, which continues first, may have ended it. */
const goOnIfThere = (pid: number): void => {
  try {
    process.kill(pid, "SIGCONT");
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
};

const save = ({ db }: Postgres<Tables>, id: string): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    await transaction.insertInto("notes").values({ id }).execute();
  });

const notesIn = async ({ reading }: Postgres<Tables>): Promise<readonly string[]> =>
  (await reading.selectFrom("notes").select("id").orderBy("id").execute()).map(({ id }) => id);

describe.skipIf(noOwnServer !== null)(
  `openPostgres and a silent server (${noOwnServer ?? "one of our own"})`,
  () => {
    test("fails each query of a paused server within the limit, and works again later", slow, async () => {
      const server = await withNotes();
      const database = await opened(server.url, { patienceMs: 2_000, answerMs: 2_000 });
      await save(database, "before");
      expect(await notesIn(database)).toEqual(["before"]);
      const goOn = pause(server);
      const asked = await Promise.allSettled([
        notesIn(database),
        ...Array.from({ length: 20 }, (_, index) => save(database, `lost-${index}`)),
      ]);
      expect(asked).toEqual(asked.map(() => ({ status: "rejected", reason: expect.anything() as unknown })));
      expect(asked[0]).toMatchObject({ reason: noAnswer });
      for (const each of asked) expect(each).toMatchObject({ reason: { code: "POSTGRES_AWAY" } });
      goOn();
      await expect.poll(() => save(database, "after").then(() => "saved", String)).toBe("saved");
      expect(await notesIn(database)).toEqual(["after", "before"]);
    });

    test("closes within its own limit while the server is paused", slow, async () => {
      const server = await withNotes();
      const database = await opened(server.url, { patienceMs: 2_000, answerMs: 60_000 });
      await save(database, "a");
      pause(server);
      await database.close();
    });

    test("replaces the session of a busy server, and gives a migration more time", slow, async () => {
      const server = await withNotes();
      const database = await opened(server.url, { patienceMs: 2_000, answerMs: 2_000 });
      const busy = sql`select pg_sleep(60)`.execute(database.db);
      await expect(busy).rejects.toMatchObject(noAnswer);
      await save(database, "next");
      await database.unhurried(() => sql`select pg_sleep(3)`.execute(database.db));
    });

    test.for([
      { lost: "after", expected: { code: "POSTGRES_UNSURE", notes: ["after"] } },
      { lost: "before", expected: { code: "POSTGRES_UNSURE", notes: [] } },
    ] as const)(
      "reports an unknown outcome of a commit whose answer is lost $lost the server committed",
      slow,
      async ({ lost, expected }) => {
        const server = await withNotes();
        const database = await opened(cuttingProxy(server.url, lost, "silent"), { answerMs: 2_000 });
        const code = await save(database, lost).then(
          () => "ok",
          (error: { code: string }) => error.code,
        );
        expect({ code, notes: await notesIn(database) }).toEqual(expected);
      },
    );
  },
);

test("openPostgres reports a server that never answers as away, within the limit", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-silent-"));
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket));
  silent.listen(join(folder, ".s.PGSQL.5432"));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
    rmSync(folder, { recursive: true });
  });
  const at = { url: `postgresql://ana@/hosts?host=${folder}`, shown };
  await expect(openPostgres(at, { patienceMs: 300, answerMs: 300 })).rejects.toMatchObject({
    code: "POSTGRES_AWAY",
    message: `${shown} gave no answer within 0.3 s`,
  });
});
