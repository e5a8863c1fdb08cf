// @module-tag rest
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { newAddress, temporaryFolder } from "@gatehouse/central-database/testing";
import type { CentralTables } from "@gatehouse/central-database";
import { openReading } from "@gatehouse/postgres";
import { sql, type Kysely } from "kysely";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { spawnHost, type HostProcess } from "../up/host.fixture.ts";
import { printedBy } from "../ran-cli.fixture.ts";
import { run, runWith, tryRun } from "../up/run.fixture.ts";
import { heldRename } from "./held-rename.fixture.ts";

const slow = { tags: ["slow"] };
const { gatehouse, ncl } = inject("programs");
const why = "skipped: GATEHOUSE_TEST_POSTGRES names no database";

const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { interval: 10 });

/** Starts two hosts on one database, each with its own data folder; the group Ana answers with echo. */
const twoHosts = async (env: NodeJS.ProcessEnv = {}) => {
  const schema = (await newAddress()) ?? expect.fail("there is no server");
  const { url } = schema.address;
  const db = await openReading<CentralTables>(schema.address);
  onTestFinished(async () => {
    await db.destroy();
    await schema.drop();
  });
  const [one, other] = [temporaryFolder(), temporaryFolder()];
  const owner = ["--owner", "local:ana", "--database", url];
  run(gatehouse, "init", "--name", "Ana", "--folder", "ana", "--data", one, ...owner);
  const place = ["--database", url];
  const rename = heldRename("container.json");
  const [first, second] = [spawnHost(one, place, { ...rename.env, ...env }), spawnHost(other, place, env)];
  onTestFinished(async () => {
    for (const { child } of [first, second]) child.kill("SIGKILL");
    await Promise.all([first.ended, second.ended]);
  });
  await Promise.all([first.ready(), second.ready()]);
  run(ncl, "groups", "config", "update", "Ana", "--provider", "echo", "--socket", second.socket);
  const rows = async <T>(query: string): Promise<readonly T[]> => (await sql.raw<T>(query).execute(db)).rows;
  return {
    dirs: [one, other] as const,
    url,
    hosts: [first, second] as const,
    rows,
    rename,
    lockTable: (table: string) => lockTable(db, table),
    write: (query: string) =>
      db.transaction().execute(async (transaction) => {
        await sql`set transaction read write`.execute(transaction);
        await sql.raw(query).execute(transaction);
      }),
  };
};

/** Blocks all other writers of a table until `release` is called. */
const lockTable = async (db: Kysely<CentralTables>, table: string) => {
  const transaction = await db.startTransaction().execute();
  await sql`set transaction read write`.execute(transaction);
  await sql`lock table ${sql.table(table)} in exclusive mode`.execute(transaction);
  return {
    isWaitedFor: async (): Promise<boolean> => {
      const locks = sql<{ count: string }>`select count(*) as count from pg_locks
        where not granted and relation = ${table}::regclass`;
      return Number((await locks.execute(transaction)).rows[0]?.count) > 0;
    },
    release: () => transaction.rollback().execute(),
  };
};

/** The duration of a lease, as in the host. */
const leaseMs = 15_000;

type Lease = { readonly owner: string; readonly token: number; readonly expires_at: string };

const log = (dataDir: string): Promise<string> => printedBy(dataDir, "logs", "-n", "1000");

/** Sends one message through `gatehouse chat` in a pipe. Resolves with its output when it ends. */
const say = (dataDir: string, words: string, group = "ana", code = 0): Promise<string> => {
  const chat = spawn(process.execPath, [gatehouse, "chat", "--group", group, "--data", dataDir]);
  const [output, exited] = [text(chat.stdout), once(chat, "exit")];
  chat.stdin.end(`${words}\n`);
  return exited.then(async (exit) => {
    expect({ words, exit }).toEqual({ words, exit: [code, null] });
    return output;
  });
};

const onServer = process.env["GATEHOUSE_TEST_POSTGRES"] === undefined ? describe.skip : describe;

onServer(`two hosts on one PostgreSQL (${why} unless it is set)`, () => {
  test(
    "a session moves away from a host that is stopped for longer than its lease, and that host commits no more",
    slow,
    async () => {
      const { dirs, hosts, rows } = await twoHosts();
      const [first, second]: readonly [HostProcess, HostProcess] = hosts;
      expect(await say(dirs[0], "hello")).toBe("hello\n");
      // The first host has the lease. It also answers a message that the second host receives for the session.
      expect(await say(dirs[1], "from the other door")).toBe("from the other door\n");
      const lease = async (): Promise<Lease> =>
        (await rows<Lease>("select owner, token, expires_at from leases where session_id is not null"))[0] ??
        expect.fail("none");
      const session = () => rows<{ incarnation: number }>("select * from sessions");
      const before = await lease();
      expect(before.owner).toContain(`-${first.child.pid}-`);
      // The first host's runner is a process of its own: its turn continues while the host is stopped.
      const slowTurn = say(dirs[0], "/slow 1500");
      await until(async () => expect((await log(dirs[0])).match(/ message-taken /g)).toHaveLength(2));
      first.child.kill("SIGSTOP");
      const meanwhile = say(dirs[1], "while it is stopped");
      let last = await lease();
      const taken = await until(async () => {
        const now = await lease();
        if (now.token === before.token) last = now;
        expect(now.token).toBeGreaterThan(before.token);
        return now;
      });
      // When the lease was taken over, by the database's clock: this process may have seen it later.
      const late = Date.parse(taken.expires_at) - leaseMs - Date.parse(last.expires_at);
      console.log(`taken over ${late} ms after the lease ran out`);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(taken.owner).toContain(`-${second.child.pid}-`);
      expect(await meanwhile).toBe("while it is stopped\n");
      // The second host started a newer container, which answered. The first host's container ends.
      const { incarnation } = (await session())[0] ?? expect.fail("no session");
      expect(incarnation).toBeGreaterThan(1);
      expect(await log(dirs[1])).toMatch(/ container-started /);
      const started = (await log(dirs[0])).match(/ container-started /g)?.length;
      first.child.kill("SIGCONT");
      await until(async () => expect(await log(dirs[0])).toMatch(/ lease-lost /));
      await slowTurn;
      // The first host ends its old container and starts no new one.
      await until(() => expect(readdirSync(join(dirs[0], "processes"))).toEqual([]));
      expect((await log(dirs[0])).match(/ container-started /g)).toHaveLength(started ?? 0);
      expect(await lease()).toMatchObject({ owner: taken.owner, token: taken.token });
      expect(await session()).toMatchObject([{ incarnation, container_status: "running" }]);
      const said = await rows<{ text: string }>(
        "select text from local_messages where direction = 'out' order by seq",
      );
      const texts = said.map(({ text: one }) => one);
      expect(texts.toSorted()).toEqual([...new Set(texts)].toSorted());
      expect(texts).toEqual(expect.arrayContaining(["hello", "from the other door", "while it is stopped"]));

      // Either host carries out a command: the first one asks the second for the session, as restart.test.ts has it.
      const restart = ["groups", "restart", "Ana", "--message", "once more", "--socket", first.socket];
      expect(run(ncl, ...restart)).toMatch(/restarted +1/);
      await until(async () => expect(await session()).toMatchObject([{ incarnation: incarnation + 1 }]));
      expect(await say(dirs[1], "and again")).toBe("and again\n");
    },
  );

  test(
    "a key set at one host is the other's a moment later, and the database has it sealed",
    slow,
    async () => {
      const keyFile = join(temporaryFolder(), "key");
      writeFileSync(keyFile, randomBytes(32).toString("base64url"), { mode: 0o600 });
      const { dirs, rows, url } = await twoHosts({ GATEHOUSE_KEY_FILE: keyFile });
      runWith("sk-ant-planted\n", gatehouse, "secrets", "set", "anthropic", "--data", dirs[0]);
      const there = join(dirs[1], "secrets.json");
      await until(() =>
        expect(existsSync(there) ? readFileSync(there, "utf8") : "").toContain("sk-ant-planted"),
      );
      expect(JSON.stringify(await rows("select * from shared_settings"))).not.toContain("sk-ant-planted");
      const sealed = await rows<{ name: string }>(
        "select name from shared_settings where key_id is not null and name <> 'seal'",
      );
      expect(sealed.map(({ name }) => name)).toContain("secrets.json");
      const rekey = (file: string) => [
        ...["secrets", "rekey", join(temporaryFolder(), file)],
        ...["--data", dirs[0], "--database", url],
      ];
      const { status, stdout } = spawnSync(process.execPath, [gatehouse, ...rekey("next"), "--json"], {
        encoding: "utf8",
        env: { ...process.env, GATEHOUSE_KEY_FILE: keyFile },
      });
      expect({ status, ...(JSON.parse(stdout) as object) }).toMatchObject({
        status: 0,
        resealed: sealed.length,
      });
      expect(tryRun(gatehouse, ...rekey("another")).stderr).toContain("no key opens them here");
    },
  );

  test(
    "a host that is stopped between its last check and its write counts a message once, and the right file is used",
    slow,
    async () => {
      const { dirs, hosts, rows, rename, lockTable: lock } = await twoHosts();
      const [first, second]: readonly [HostProcess, HostProcess] = hosts;
      const ask = (host: HostProcess, ...args: readonly string[]): string =>
        run(ncl, ...args, "--socket", host.socket);
      expect(await say(dirs[0], "hello")).toBe("hello\n");
      const [session] = await rows<{ id: string; agent_group_id: string }>("select * from sessions");
      const place = join("sessions", session?.agent_group_id ?? "", session?.id ?? "", "in/container.json");
      const file = join(dirs[1], place);
      const model = (): unknown => (JSON.parse(readFileSync(file, "utf8")) as { model?: unknown }).model;
      const dropped = () => rows<{ message_count: number }>("select message_count from dropped_messages");

      // The first host has written the next container's file completely, and has checked that it may rename it.
      ask(first, "groups", "config", "update", "Ana", "--model", "stale");
      rename.hold();
      const restart = spawn(process.execPath, [
        ...[ncl, "groups", "restart", "Ana", "--message", "mind this"],
        ...["--socket", first.socket],
      ]);
      onTestFinished(() => void restart.kill("SIGKILL"));
      await until(() => expect(rename.isReached()).toBe(true));
      // The first host is about to count a message that no agent gets.
      ask(first, "groups", "create", "--name", "Bo", "--folder", "bo");
      const wirings = () =>
        rows<{ id: string }>(
          "select w.id from messaging_group_agents w join agent_groups g on g.id = agent_group_id where folder = 'bo'",
        );
      ask(first, "groups", "config", "update", "Bo", "--provider", "echo");
      expect(await say(dirs[0], "hello", "bo")).toBe("hello\n");
      ask(first, "wirings", "update", (await wirings())[0]?.id ?? "", "--engage-pattern", "^never$");
      const table = await lock("dropped_messages");
      await say(dirs[0], "to nobody", "bo", 1);
      await until(async () => expect(await table.isWaitedFor()).toBe(true));
      first.child.kill("SIGSTOP");
      await table.release();

      ask(second, "groups", "config", "update", "Ana", "--model", "newer");
      await until(() => expect(model()).toBe("newer"));
      await until(async () => expect(await dropped()).toEqual([{ message_count: 1 }]));
      first.child.kill("SIGCONT");
      rename.go();
      // The first host stops work on the session. The next start has the right file, with or without the rename.
      await until(async () => expect(await log(dirs[0])).toMatch(/ lease-lost /));
      expect(ask(second, "groups", "restart", "Ana", "--message", "once more")).toMatch(/restarted +1/);
      await until(() => expect(model()).toBe("newer"));
      expect(await say(dirs[1], "and again")).toBe("and again\n");
      // Messages of a chat are handed over one after the other, so the first host has ended with the one before.
      await say(dirs[0], "to nobody again", "bo", 1);
      await until(async () => expect(await dropped()).toEqual([{ message_count: 2 }]));
      expect(await say(dirs[0], "the last word")).toBe("the last word\n");
      expect(await dropped()).toEqual([{ message_count: 2 }]);
    },
  );

  test("a session moves from a host that was killed before its lease expires", slow, async () => {
    const { dirs, hosts, write } = await twoHosts();
    const [first]: readonly [HostProcess, HostProcess] = hosts;
    expect(await say(dirs[0], "hello")).toBe("hello\n");
    first.child.kill("SIGKILL");
    await first.ended;
    await write("update leases set expires_at = '2999-01-01T00:00:00.000Z'");
    expect(await say(dirs[1], "who is there?")).toBe("who is there?\n");
    expect(await log(dirs[1])).toMatch(/ host-gone /);
  });

  test("ends the host whose place a restored one takes, and refuses its next start", slow, async () => {
    const schema = (await newAddress()) ?? expect.fail("there is no server");
    onTestFinished(schema.drop);
    const [old, other] = [temporaryFolder(), temporaryFolder()];
    const [file, restored] = [join(other, "backup.tar"), join(other, "restored")];
    const place = ["--database", schema.address.url];
    const group = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--provider", "echo"];
    run(gatehouse, "init", ...group, "--data", old, ...place);
    const up = (dataDir: string, ...flags: readonly string[]): HostProcess => {
      const host = spawnHost(dataDir, [...place, ...flags]);
      onTestFinished(async () => {
        host.child.kill("SIGKILL");
        await host.ended;
      });
      return host;
    };
    const first = up(old);
    await first.ready();
    expect(await say(old, "one")).toBe("one\n");
    const env = { ...process.env, GATEHOUSE_DATABASE: schema.address.url };
    expect(spawnSync(process.execPath, [gatehouse, "backup", "--data", old, file], { env }).status).toBe(0);
    run(gatehouse, "restore", file, "--data", restored, "--in-place-of");
    const second = up(restored);
    await second.ready();
    expect(await first.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /The host \S+restored took the place of this one at 20.*\n.*--in-place-of/,
      ) as unknown,
    });
    expect(await say(restored, "two")).toBe("two\n");
    expect(tryRun(gatehouse, "up", "--data", old, ...place)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("took the place of this one") as unknown,
    });
    const back = up(old, "--in-place-of");
    await back.ready();
    expect(await second.ended).toMatchObject({ code: 1 });
    expect(await say(old, "three")).toBe("three\n");
  });
});
