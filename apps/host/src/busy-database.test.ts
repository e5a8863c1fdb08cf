// @module-tag soak
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { hostDatabase, lockTables } from "@gatehouse/central-database/testing";
import { onlyFirstSteps, spawnHost } from "./up/host.fixture.ts";
import { rawClient, tempFolder, type RawClient } from "@gatehouse/socket-server/testing";

const slow = { tags: ["slow"] };
const holder = inject("programs")["hold-lock"];

/** Holds the database's write lock as another program would. Returns a function that releases it. */
const lockDatabase = async (dataDir: string): Promise<() => Promise<void>> => {
  const server = hostDatabase();
  if (server !== null) return lockTables(server.url, "users", "decisions");
  const child = spawn(process.execPath, [holder, join(dataDir, "gatehouse.db")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const ended = once(child, "exit");
  return async () => {
    child.stdin.end();
    await ended;
  };
};

const ask = (client: RawClient, id: string, command: string, args: object = {}): void =>
  client.say(`${JSON.stringify({ id, command, args })}\n`);

const user = { id: "telegram:7", kind: "telegram" };

describe("a busy database", () => {
  test(
    "answers commands that read while another program writes, and delays commands that write until it is done",
    slow,
    async () => {
      const dataDir = tempFolder();
      const host = spawnHost(dataDir);
      await host.ready();
      const release = await lockDatabase(dataDir);
      const [changing, reading] = [rawClient(host.socket), rawClient(host.socket)];
      ask(changing, "w", "users-create", user);
      // More commands than the log of decisions writes in one batch: that log is blocked too.
      for (let count = 0; count < 700; count += 1) {
        ask(reading, `r${count}`, "users-list");
        await reading.hear(count + 1);
      }
      expect(reading.heard().at(-1)).toEqual({ id: "r699", ok: true, data: [] });
      expect(changing.heard()).toEqual([]);
      await release();
      expect(await changing.hear(1)).toMatchObject([{ id: "w", ok: true }]);
      host.child.kill("SIGTERM");
      expect(await host.ended).toMatchObject({ stderr: onlyFirstSteps });
    },
  );

  test("refuses a change that waits too long, with the reason, and reports no bug", slow, async () => {
    const dataDir = tempFolder();
    const host = spawnHost(dataDir);
    await host.ready();
    const release = await lockDatabase(dataDir);
    const client = rawClient(host.socket);
    ask(client, "w", "users-create", user);
    expect(await client.hear(1)).toEqual([
      {
        id: "w",
        ok: false,
        error: {
          code: "handler-error",
          message: expect.stringMatching(/^The database is busy:.*ask again/) as unknown,
        },
      },
    ]);
    await release();
    ask(client, "again", "users-create", user);
    expect((await client.hear(2))[1]).toMatchObject({ id: "again", ok: true });
    host.child.kill("SIGTERM");
    expect(await host.ended).toMatchObject({ stderr: onlyFirstSteps });
  });
});
