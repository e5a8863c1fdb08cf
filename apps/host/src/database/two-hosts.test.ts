import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { newAddress, temporaryFolder } from "@gatehouse/control-plane/testing";
import type { CentralTables } from "@gatehouse/control-plane";
import { openReading } from "@gatehouse/postgres";
import { sql } from "kysely";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { spawnHost, type HostProcess } from "../up/host.fixture.ts";

const slow = { tags: ["slow"] };
const { gatehouse, ncl } = inject("programs");
const why = "skipped: GATEHOUSE_TEST_POSTGRES names no database";

const run = (program: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: "" });
  return stdout;
};

const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 60_000, interval: 10 });

/** Two hosts that are ready, on one database and one folder of sessions; the group Ana answers with echo. */
const twoHosts = async () => {
  const schema = (await newAddress()) ?? expect.fail("there is no server");
  const { url } = schema.address;
  const db = await openReading<CentralTables>(schema.address);
  onTestFinished(async () => {
    await db.destroy();
    await schema.drop();
  });
  const [one, other, sessions] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  const owner = ["--owner", "local:ana", "--database", url];
  run(gatehouse, "init", "--name", "Ana", "--folder", "ana", "--data", one, ...owner);
  const place = ["--database", url, "--sessions", sessions];
  const [first, second] = [spawnHost(one, place), spawnHost(other, place)];
  onTestFinished(async () => {
    for (const { child } of [first, second]) child.kill("SIGKILL");
    await Promise.all([first.ended, second.ended]);
  });
  await Promise.all([first.ready(), second.ready()]);
  run(ncl, "groups", "config", "update", "Ana", "--provider", "echo", "--socket", second.socket);
  const rows = async <T>(query: string): Promise<readonly T[]> => (await sql.raw<T>(query).execute(db)).rows;
  return { dirs: [one, other] as const, sessions, url, hosts: [first, second] as const, rows };
};

type Lease = { readonly owner: string; readonly token: number; readonly expires_at: string };

const log = (dataDir: string): string => run(gatehouse, "logs", "-n", "1000", "--data", dataDir);

/** One message in a pipe: what it prints, once it ended. */
const say = (dataDir: string, words: string): Promise<string> => {
  const chat = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
  const [said, exited] = [text(chat.stdout), once(chat, "exit")];
  chat.stdin.end(`${words}\n`);
  return exited.then(async (exit) => {
    expect({ words, exit }).toEqual({ words, exit: [0, null] });
    return said;
  });
};

const onServer = process.env["GATEHOUSE_TEST_POSTGRES"] === undefined ? describe.skip : describe;

onServer(`two hosts on one PostgreSQL (${why} unless it is set)`, () => {
  test(
    "one that is stopped for longer than its lease loses its session, and commits nothing afterwards",
    slow,
    async () => {
      const { dirs, hosts, rows, sessions } = await twoHosts();
      const [first, second]: readonly [HostProcess, HostProcess] = hosts;
      expect(await say(dirs[0], "hello")).toBe("hello\n");
      // The first host holds the session. What the second one takes for it is answered all the same.
      expect(await say(dirs[1], "from the other door")).toBe("from the other door\n");
      const lease = async (): Promise<Lease> =>
        (await rows<Lease>("select owner, token, expires_at from session_leases"))[0] ?? expect.fail("none");
      const session = () => rows<{ incarnation: number }>("select * from sessions");
      const before = await lease();
      expect(before.owner).toContain(`-${first.child.pid}-`);
      // Its runner is in the middle of a turn, and goes on: it is a process of its own.
      const slowTurn = say(dirs[0], "/slow 1500");
      await until(() => expect(log(dirs[0]).match(/ message-taken /g)).toHaveLength(2));
      first.child.kill("SIGSTOP");
      const { expires_at } = await lease();
      const meanwhile = say(dirs[1], "while it is stopped");
      const taken = await until(async () => {
        const now = await lease();
        expect(now.token).toBeGreaterThan(before.token);
        return now;
      });
      const [clock] = await rows<{ late: number }>(
        `select extract(epoch from clock_timestamp() - '${expires_at}'::timestamptz)::float8 * 1000 as late`,
      );
      console.log(`taken over ${Math.round(clock?.late ?? NaN)} ms after the lease ran out`);
      expect(taken.owner).toContain(`-${second.child.pid}-`);
      expect(clock?.late).toBeGreaterThan(0);
      expect(await meanwhile).toBe("while it is stopped\n");
      // The container that the first host started is not the newest any more: it ends, and another answers.
      const { incarnation } = (await session())[0] ?? expect.fail("no session");
      expect(incarnation).toBeGreaterThan(1);
      expect(log(dirs[1])).toMatch(/ container-started /);
      const started = log(dirs[0]).match(/ container-started /g)?.length;
      first.child.kill("SIGCONT");
      await until(() => expect(log(dirs[0])).toMatch(/ lease-lost /));
      await slowTurn;
      // Its container, which it started before, is ended, and it starts none.
      await until(() => expect(readdirSync(join(dirs[0], "processes"))).toEqual([]));
      expect(log(dirs[0]).match(/ container-started /g)).toHaveLength(started ?? 0);
      expect(await lease()).toMatchObject({ owner: taken.owner, token: taken.token });
      expect(await session()).toMatchObject([{ incarnation, container_status: "running" }]);
      const said = await rows<{ text: string }>(
        "select text from local_messages where direction = 'out' order by seq",
      );
      const texts = said.map(({ text: one }) => one);
      expect(texts.toSorted()).toEqual([...new Set(texts)].toSorted());
      expect(texts).toEqual(expect.arrayContaining(["hello", "from the other door", "while it is stopped"]));

      // The stale host was about to rename this. The next container finds it right.
      const [group = ""] = readdirSync(sessions).filter((name) => name.startsWith("ag-"));
      const [id = ""] = readdirSync(join(sessions, group));
      const file = join(sessions, group, id, "in", "container.json");
      const right = readFileSync(file, "utf8");
      writeFileSync(file, '{"stale":true}');
      // The first host carries it out, so the second one lets the session go.
      const restart = ["groups", "restart", "Ana", "--message", "once more", "--socket", first.socket];
      expect(run(ncl, ...restart)).toMatch(/restarted +1/);
      await until(async () => expect(await session()).toMatchObject([{ incarnation: incarnation + 1 }]));
      expect(readFileSync(file, "utf8")).toBe(right);
      expect((await lease()).token).toBeGreaterThan(taken.token);
      expect(await say(dirs[1], "and again")).toBe("and again\n");
    },
  );

  test("one with another folder of sessions is refused, and told which one is meant", slow, async () => {
    const { url, sessions } = await twoHosts();
    const dataDir = temporaryFolder();
    const up = ["up", "--data", dataDir, "--database", url, "--json"];
    const { status, stdout } = spawnSync(process.execPath, [gatehouse, ...up], { encoding: "utf8" });
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    expect({ status, code: error.code }).toEqual({ status: 1, code: "sessions-folder-differs" });
    expect(error.message).toContain(sessions);
    expect(readdirSync(dataDir)).not.toContain("sessions");
  });
});
