// @module-tag soak
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { hostDatabase, lockTables } from "@gatehouse/control-plane/testing";
import { onlyFirstSteps, spawnHost } from "./up/host.fixture.ts";
import { rawClient, tempFolder, type RawClient } from "@gatehouse/socket-server/testing";

const slow = { tags: ["slow"], timeout: 120_000 };
const holder = inject("programs")["hold-lock"];

/** Another program that writes to the database and takes its time; gives what ends it. */
const held = async (dataDir: string): Promise<() => Promise<void>> => {
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
    "a program that writes to the database holds up no command that reads; one that changes waits for it",
    slow,
    async () => {
      const dataDir = tempFolder();
      const host = spawnHost(dataDir);
      await host.ready();
      const release = await held(dataDir);
      const [changing, reading] = [rawClient(host.socket), rawClient(host.socket)];
      ask(changing, "w", "users-create", user);
      // More than the log of decisions writes at once: it cannot be written either.
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

  test("a change that waits too long is told why, and is no bug", slow, async () => {
    const dataDir = tempFolder();
    const host = spawnHost(dataDir);
    await host.ready();
    const release = await held(dataDir);
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
