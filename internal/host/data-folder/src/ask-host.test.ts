import { chmodSync, existsSync, linkSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { tempFolder } from "@gatehouse/socket-server/testing";
import { askHost, holdsFolder, runningHost } from "./ask-host.ts";
import { claimDataFolder } from "./claim-data-folder.ts";
import { hostSocketIn, serveHostSocket } from "./host-socket.ts";

const status = { command: "status", seconds: 60 } as const;

/** Makes a data folder that this process holds, as a host that starts. */
const claimed = async (): Promise<string> => {
  const dataDir = tempFolder();
  const claim = await claimDataFolder(dataDir);
  if (!claim.ok) return expect.fail(claim.error.code);
  onTestFinished(() => claim.value.release());
  return dataDir;
};

const serve = async (dataDir: string, reload: () => Promise<object> = async () => ({})) => {
  const report = (error: unknown): void => expect.fail(String(error));
  const served = await serveHostSocket({
    dataDir,
    version: "1.2.3+3f2a91c04d12",
    reload,
    leaveAgents: () => {},
    report,
  });
  if (!served.ok) return expect.fail(served.error.code);
  onTestFinished(() => served.value.close());
  return served.value;
};

/** Leaves the socket of a killed host. */
const leaveSocket = async (dataDir: string): Promise<void> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(dataDir, "left"), resolve));
  linkSync(join(dataDir, "left"), hostSocketIn(dataDir));
  await new Promise((resolve) => server.close(resolve));
};

describe("a host's socket", () => {
  test("answers what runs, to its own account alone", async () => {
    const dataDir = await claimed();
    await serve(dataDir);
    expect(statSync(hostSocketIn(dataDir)).mode & 0o777).toBe(0o600);
    expect(await runningHost(dataDir)).toEqual({
      pid: process.pid,
      version: "1.2.3+3f2a91c04d12",
      since: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      answers: true,
    });
  });

  test("answers a reload once it is done", async () => {
    const dataDir = await claimed();
    let finish = (_report: object): void => {};
    await serve(dataDir, () => new Promise((resolve) => (finish = resolve)));
    const asked = askHost(dataDir, { command: "reload", seconds: 60 });
    expect((await askHost(dataDir, status)).ok).toBe(true);
    finish({ users: 3 });
    expect(await asked).toEqual({ ok: true, value: { users: 3 } });
  });

  test("refuses another command by name", async () => {
    const dataDir = await claimed();
    await serve(dataDir);
    const command = "toString" as "status";
    const message = "There are status, reload, stop, take-over here.";
    expect(await askHost(dataDir, { ...status, command })).toEqual({
      ok: false,
      error: { code: "host-failed", message },
    });
  });

  test("replaces the socket of a killed host, and is gone after its host", async () => {
    const dataDir = await claimed();
    await leaveSocket(dataDir);
    const served = await serve(dataDir);
    expect((await runningHost(dataDir))?.pid).toBe(process.pid);
    await served.close();
    expect(existsSync(hostSocketIn(dataDir))).toBe(false);
  });
});

describe("askHost", () => {
  test.for([
    { what: "a missing folder", make: async () => join(tempFolder(), "missing") },
    { what: "an empty folder", make: async () => tempFolder() },
    {
      what: "the lock and the socket of a killed host",
      make: async () => {
        const dataDir = tempFolder();
        writeFileSync(join(dataDir, "host.lock"), "pid 4711 since 2026-11-20T08:00:00.000Z\n");
        await leaveSocket(dataDir);
        return dataDir;
      },
    },
  ])("finds no host for $what", async ({ make }) => {
    const dataDir = await make();
    expect(await askHost(dataDir, status)).toEqual({ ok: false, error: { code: "no-host" } });
    expect(await runningHost(dataDir)).toBeNull();
  });

  test("waits for a host that still starts", async () => {
    const dataDir = await claimed();
    await leaveSocket(dataDir);
    const asked = askHost(dataDir, status);
    await serve(dataDir);
    expect(await asked).toMatchObject({ ok: true, value: { pid: process.pid } });
  });

  test("names the holder of the folder if no host answers in time", async () => {
    const dataDir = await claimed();
    const holder = expect.stringMatching(`^pid ${process.pid} since `) as unknown;
    const silent = { ok: false, error: { code: "host-silent", holder } };
    expect(await askHost(dataDir, { ...status, seconds: 0.01 })).toEqual(silent);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(hostSocketIn(dataDir), resolve));
    onTestFinished(() => void server.close());
    expect(await askHost(dataDir, { ...status, seconds: 0.01 })).toEqual(silent);
  });

  test("gives up when its signal aborts", async () => {
    const dataDir = await claimed();
    const asked = await askHost(dataDir, { ...status, signal: AbortSignal.abort() });
    expect(asked).toMatchObject({ ok: false, error: { code: "host-silent" } });
  });

  test("tells an account that may not ask from a missing host", async ({ skip }) => {
    skip(process.geteuid?.() !== 0, "only root can become another account");
    const dataDir = await claimed();
    await serve(dataDir);
    chmodSync(dataDir, 0o711);
    process.seteuid?.(65_534);
    onTestFinished(() => process.seteuid?.(0));
    expect(await askHost(dataDir, status)).toEqual({ ok: false, error: { code: "not-permitted" } });
    expect(await runningHost(dataDir)).toBeNull();
  });
});

test("holdsFolder knows the holder of a folder by its process id", async () => {
  const dataDir = await claimed();
  expect(await holdsFolder(dataDir, process.pid)).toBe(true);
  expect(await holdsFolder(dataDir, process.pid + 1)).toBe(false);
  expect(await holdsFolder(tempFolder(), process.pid)).toBe(false);
});
