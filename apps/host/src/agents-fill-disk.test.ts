// @module-tag rest
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { openedCentral } from "@gatehouse/central-database/testing";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { logOfHost } from "./up/echo-group.fixture.ts";
import { spawnHost, type HostProcess } from "./up/host.fixture.ts";

const { gatehouse, ncl } = inject("programs");

const mebibyte = 2 ** 20;

/** Mounts a small disk in memory, which is removed at the end of the test. Null, or the reason if it cannot be mounted. */
const smallDisk = (): { readonly path: string; readonly refused: string | null } => {
  const path = mkdtempSync(join(tmpdir(), "gatehouse-small-"));
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=200m,mode=711", "tmpfs", path], {
    encoding: "utf8",
  });
  onTestFinished(() => {
    if (status === 0) spawnSync("umount", ["--lazy", path]);
    rmSync(path, { recursive: true, force: true });
  });
  return { path, refused: status === 0 ? null : `no tmpfs can be mounted: ${stderr}` };
};

const run = (program: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    timeout: 240_000,
    killSignal: "SIGKILL",
  });
  return { status, stdout, stderr };
};

/** Writes to a file until the disk is full, or up to a number of MiB. */
const fill = (file: string, count?: number): void =>
  void spawnSync("dd", [
    "if=/dev/zero",
    `of=${file}`,
    "bs=1M",
    ...(count === undefined ? [] : [`count=${count}`]),
  ]);

/** Starts a host on the small disk, with the groups Ana and Bo of the agent `echo`. */
const startedHost = async (dataDir: string): Promise<HostProcess> => {
  const ana = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--provider", "echo"];
  expect(run(gatehouse, "init", ...ana, "--data", dataDir)).toMatchObject({ status: 0 });
  const host = spawnHost(dataDir);
  await host.ready();
  for (const args of [
    ["create", "--name", "Bo", "--folder", "bo"],
    ["config", "update", "Bo", "--provider", "echo"],
  ])
    expect(run(ncl, "groups", ...args, "--socket", host.socket)).toMatchObject({ status: 0 });
  return host;
};

const ended = async (host: HostProcess): Promise<string> => {
  host.child.kill("SIGTERM");
  return (await host.ended).stderr;
};

const chat = (dataDir: string, group: string, text: string) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [gatehouse, "chat", "--group", group, "--data", dataDir],
    { encoding: "utf8", input: `${text}\n`, timeout: 240_000, killSignal: "SIGKILL" },
  );
  return { status, all: `${stdout}${stderr}` };
};

const isLogged = (dataDir: string, event: string): Promise<void> =>
  vi.waitFor(() => expect(logOfHost(dataDir)).toContain(`"event":"${event}"`), {
    interval: 50,
  });

describe("a disk that an agent fills", { tags: ["slow"] }, () => {
  test.for([
    { what: "its group's folder", at: (dataDir: string) => join(dataDir, "groups", "bo", "fill") },
    {
      what: "its session's folder",
      at: (dataDir: string, session: string) => join(dataDir, "sessions", session, "out", "fill"),
    },
  ])("by $what: its group is held, and the host and other groups go on", async ({ at }, { skip }) => {
    const { path: dataDir, refused } = smallDisk();
    if (refused !== null) skip(refused);
    const host = await startedHost(dataDir);
    for (const group of ["ana", "bo"]) expect(chat(dataDir, group, "before").all).toContain("before");
    expect(lstatSync(join(dataDir, "disk-reserve")).size).toBe(20 * mebibyte);
    const { db } = await openedCentral(dataDir);
    const sessions = await db
      .selectFrom("sessions")
      .innerJoin("agent_groups", "agent_groups.id", "sessions.agent_group_id")
      .select(["sessions.id", "agent_group_id", "folder"])
      .execute();
    const bo = sessions.find(({ folder }) => folder === "bo");
    const file = at(dataDir, `${bo?.agent_group_id ?? ""}/${bo?.id ?? ""}`);
    fill(file);
    await isLogged(dataDir, "disk-hold");
    await isLogged(dataDir, "disk-reserve-released");
    expect(chat(dataDir, "bo", "held").all).toContain("this group wrote most on it lately");
    for (const text of ["one", "two", "three"]) expect(chat(dataDir, "ana", text).all).toContain(text);
    const told = await db
      .selectFrom("owner_notices")
      .select("text")
      .where("id", "like", "disk-low/%")
      .execute();
    expect(told).toEqual([
      { text: expect.stringContaining(`The disk of ${dataDir} is nearly full`) as unknown },
    ]);
    expect(run(gatehouse, "status", "--data", dataDir).stdout).toMatch(
      /^disk {7}\d+ MB of 200 MB free: nearly full/m,
    );
    expect(run(gatehouse, "doctor", "--data", dataDir).stdout).toMatch(
      /FAIL disk\s+the disk of the data folder is nearly full/,
    );
    rmSync(file);
    await isLogged(dataDir, "disk-hold-ended");
    expect(chat(dataDir, "bo", "after").all).toContain("after");
    expect(existsSync(join(dataDir, "disk-reserve"))).toBe(true);
    await ended(host);
  });

  test("from outside of all groups: agents run until only the host's part is left, and messages are kept", async ({
    skip,
  }) => {
    const { path: dataDir, refused } = smallDisk();
    if (refused !== null) skip(refused);
    const host = await startedHost(dataDir);
    expect(chat(dataDir, "ana", "before").all).toContain("before");
    const reserve = join(dataDir, "disk-reserve");
    const others = [1, 2, 3].map((part) => join(dataDir, `other-program-${part}`));
    const [first = "", second = "", last = ""] = others;
    fill(first);
    await vi.waitFor(() => expect(existsSync(reserve)).toBe(false), { interval: 50 });
    // 3 MiB are less than the host's part, a quarter of the reserve, and enough for the lines of its log.
    fill(second, 17);
    await isLogged(dataDir, "disk-hold");
    fill(last);
    expect(chat(dataDir, "ana", "nobody here").status).not.toBeNull();
    expect(host.child.exitCode).toBeNull();
    for (const file of others) rmSync(file);
    await isLogged(dataDir, "disk-hold-ended");
    expect(chat(dataDir, "ana", "after").all).toContain("after");
    await ended(host);
  });

  test("gatehouse up on a disk that is nearly full says so", async ({ skip }) => {
    const { path: dataDir, refused } = smallDisk();
    if (refused !== null) skip(refused);
    await ended(await startedHost(dataDir));
    fill(join(dataDir, "other-program"), 165);
    const host = spawnHost(dataDir);
    await host.ready();
    expect(await ended(host)).toMatch(/The disk of .* is nearly full \(\d+ MB of 200 MB free\)/);
    expect(readFileSync(join(dataDir, "host.log"), "utf8")).toContain("host-started");
  });
});
