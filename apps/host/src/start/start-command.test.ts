import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { acquireFileLock } from "@gatehouse/fs-kit";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { ranCli, type RanCli } from "../ran-cli.fixture.ts";
import { spawnHost } from "../up/host.fixture.ts";

const slow = { tags: ["slow"] };
const ana = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--provider", "echo"];

/** Starts `gatehouse start`. Its agents are processes, also on a machine with an engine or bubblewrap. */
const start = (dataDir: string, ...args: readonly string[]): ChildProcess => {
  const argv = [inject("programs").gatehouse, "start", "--data", dataDir, "--runtime", "process", ...args];
  const child = spawn(process.execPath, argv, { env: { ...process.env, HOME: dataDir } });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
};

const ended = async (child: ChildProcess) => {
  const [[code, signal], stdout, stderr] = await Promise.all([
    once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>,
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { code: code ?? signal, stdout, stderr };
};

/** A `start` that starts no host, in this process. */
const refused = (dataDir: string, ...args: readonly string[]): Promise<RanCli> =>
  ranCli({ dataDir }, "start", "--data", dataDir, "--runtime", "process", ...args);

/** True if no process holds the data folder, as a host does. */
const isFree = async (dataDir: string): Promise<boolean> => {
  const lock = await acquireFileLock({ path: join(dataDir, "host.lock"), timeoutMs: 0 });
  if (lock.ok) await lock.value.release();
  return lock.ok;
};

const folder = (): string => join(temporaryFolder(), "data");

describe("gatehouse start", () => {
  test("makes the group, runs the host, chats in a pipe, and ends the host", slow, async () => {
    const dataDir = folder();
    const child = start(dataDir, ...ana);
    child.stdin?.end("hello\nagain\n");
    const { code, stdout, stderr } = await ended(child);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "hello\nagain\n" });
    expect(stderr).toMatch(/^Made "Ana", the owner's group/);
    expect(stderr).toContain("The host ends with this chat.");
    expect(stderr).not.toMatch(/Next: gatehouse up|sandboxes of bubblewrap/);
    expect(await isFree(dataDir)).toBe(true);
    expect(existsSync(join(dataDir, "host.json"))).toBe(false);
    const again = start(dataDir);
    again.stdin?.end("once more\n");
    expect(await ended(again)).toMatchObject({ code: 0, stdout: "once more\n" });
    expect(await isFree(dataDir)).toBe(true);
  });

  test("uses a host that runs already, and leaves it running", slow, async () => {
    const dataDir = folder();
    const first = start(dataDir, ...ana);
    first.stdin?.end("");
    expect(await ended(first)).toMatchObject({ code: 0 });
    const host = spawnHost(dataDir);
    await host.ready();
    const child = start(dataDir);
    child.stdin?.end("hello\n");
    expect(await ended(child)).toMatchObject({
      code: 0,
      stdout: "hello\n",
      stderr: `The host that runs already (pid ${host.child.pid}) goes on after this chat.\n`,
    });
    expect(host.child.exitCode).toBeNull();
    expect(await isFree(dataDir)).toBe(false);
  });

  test.for([
    { signal: "SIGINT", code: 130 },
    { signal: "SIGTERM", code: 143 },
    { signal: "SIGHUP", code: 143 },
    { signal: "SIGKILL", code: "SIGKILL" },
  ] as const)("leaves no host behind after $signal", slow, async ({ signal, code }) => {
    const dataDir = folder();
    const child = start(dataDir, ...ana);
    const gone = ended(child);
    await vi.waitFor(() => expect(existsSync(join(dataDir, "chat.sock"))).toBe(true));
    child.kill(signal);
    expect((await gone).code).toBe(code);
    expect(await isFree(dataDir)).toBe(true);
  });

  test.for([
    { what: "without a name and a folder", args: [], says: "--name and --folder are missing" },
    {
      what: "with the key on stdin, which the chat reads",
      args: [...ana, "--key-stdin"],
      says: "no line of it is left for the chat.\nfix: gatehouse init --key-stdin",
    },
    { what: "with an unknown runtime", args: [...ana, "--runtime", "jail"], says: 'no runtime "jail"' },
    { what: "with an unknown provider", args: ["--provider", "none"], says: "Allowed choices are" },
    {
      what: "with no address of PostgreSQL",
      args: [...ana, "--database", "mysql://x"],
      says: "is not the address of a PostgreSQL database",
    },
  ])("is a usage error $what", async ({ args, says }) => {
    const { code, stderr } = await refused(folder(), ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/^fix: /m);
  });

  test("fails with the fix in a folder that is no data folder", async () => {
    const dataDir = folder();
    mkdirSync(join(dataDir, "groups", "old"), { recursive: true });
    const { code, stderr } = await refused(dataDir, ...ana);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/^fix: /m) as unknown });
  });
});
