// @module-tag rest
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { recordOf } from "../process-record.ts";
import { cgroupFolders, endCgroup, makeCgroup, removeEmptyCgroups } from "./cgroup.ts";
import { endRest } from "./end-rest.ts";
import { startGate } from "./gate.ts";

describe("cgroupFolders", () => {
  const v1 = "36 31 0:33 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer";
  const at = (root: string, point: string): string =>
    `30 24 0:26 ${root} ${point} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate`;

  test.for([
    {
      what: "a service of systemd",
      mounts: [at("/", "/sys/fs/cgroup")],
      own: "0::/system.slice/gatehouse.service",
      folders: ["/sys/fs/cgroup/system.slice/gatehouse.service"],
    },
    {
      what: "the root of a hierarchy beside controllers of v1",
      mounts: [v1, at("/", "/sys/fs/cgroup/unified")],
      own: "9:freezer:/jail\n0::/",
      folders: ["/sys/fs/cgroup/unified/"],
    },
    {
      what: "a mounted part of the hierarchy",
      mounts: [at("/box", "/cg")],
      own: "0::/box/agent",
      folders: ["/cg/agent"],
    },
    { what: "the mounted part itself", mounts: [at("/box", "/cg")], own: "0::/box", folders: ["/cg"] },
    { what: "a part with a longer name", mounts: [at("/box", "/cg")], own: "0::/box2", folders: [] },
    { what: "a part outside of the namespace", mounts: [at("/..", "/cg")], own: "0::/", folders: [] },
    {
      what: "a folder with a space",
      mounts: [at("/", "/my\\040groups")],
      own: "0::/a",
      folders: ["/my groups/a"],
    },
    { what: "v1 alone", mounts: [v1], own: "9:freezer:/", folders: [] },
    { what: "no hierarchy that is mounted", mounts: [], own: "0::/a", folders: [] },
  ])("finds the folder of $what", ({ mounts, own, folders }) => {
    expect(cgroupFolders(`${mounts.join("\n")}\n`, `${own}\n`)).toEqual(folders);
  });
});

/** A mount namespace with cgroup v2, which ends with its first process. Null where this account may make none. */
const mountCgroups = async (): Promise<string | null> => {
  const folder = mkdtempSync(join(tmpdir(), "cgroups-"));
  const script = 'mount -t cgroup2 none "$1" && echo mounted && read end';
  const holder = spawn("unshare", ["-m", "sh", "-c", script, "sh", folder], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  onTestFinished(() => {
    holder.stdin.end();
    rmSync(folder, { recursive: true });
  });
  const isMounted = await Promise.race([
    once(holder.stdout, "data").then(() => true),
    once(holder, "exit").then(() => false),
  ]);
  return isMounted ? `/proc/${String(holder.pid)}/root${folder}` : null;
};

const canMount =
  process.platform === "linux" &&
  spawnSync("unshare", ["-m", "sh", "-c", 'mount -t cgroup2 none "$1"', "sh", tmpdir()]).status === 0;
if (!canMount) console.log("skipped: the tests of cgroups need root, and Linux with cgroup v2");

/** Left its group, has no variables, and forks every 0.2 ms, with a process that lives no longer. Ends by itself. */
const forker = `
  use POSIX; POSIX::setsid(); open my $beats, ">>", $ARGV[0];
  for (1 .. 50000) { exit if fork; syswrite $beats, "."; select undef, undef, undef, 0.0002 }
`;

describe.runIf(canMount)("a cgroup of an agent", { tags: ["slow"] }, () => {
  const made = (parent: string | null, prefix = "gatehouse-test-"): string => {
    const cgroup = makeCgroup(prefix, parent);
    if (cgroup === null) throw new Error("no cgroup can be made here");
    onTestFinished(async () => void (await endCgroup(cgroup)));
    return cgroup;
  };
  const inCgroup = async (command: readonly [string, ...string[]], folder: string) => {
    const parent = await mountCgroups();
    const cgroup = made(parent);
    const log = openSync(join(folder, "log"), "w");
    const gate = await startGate({ command, folder: "/", output: log, account: null, cgroup });
    closeSync(log);
    if (typeof gate === "string") throw new Error(gate);
    const record = recordOf(gate.pid, { id: "r", account: null, cgroup, token: 1, label: {} });
    if (record === null) throw new Error("the gate has ended");
    const members = (): string => readFileSync(join(cgroup, "cgroup.procs"), "utf8");
    await vi.waitFor(() => expect(members()).toBe(`${gate.pid}\n`));
    return { parent, cgroup, gate, record };
  };
  const makeFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), "in-cgroup-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return folder;
  };

  test("ends processes that fork all the time and show neither their group nor their mark", async () => {
    const folder = makeFolder();
    const beats = join(folder, "beats");
    writeFileSync(beats, "");
    const forkers = `for i in 1 2 3 4; do env -i perl -e '${forker}' "$1" & done; wait; sleep 600`;
    const { cgroup, gate, record } = await inCgroup(["/bin/sh", "-c", forkers, "sh", beats], folder);
    gate.open({ PATH: "/usr/bin:/bin" }, "");
    await vi.waitFor(() => expect(statSync(beats).size).toBeGreaterThan(100));
    expect(await endRest(record, "NO_MARK")).toBe(true);
    expect(await gate.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(existsSync(cgroup)).toBe(false);
  });

  test("has the program from its beginning, and nothing but the program", async () => {
    const folder = makeFolder();
    const { cgroup, gate, record } = await inCgroup(["/bin/cat", "/proc/self/cgroup"], folder);
    gate.open({}, "");
    expect(await gate.exited).toEqual({ code: 0, signal: null });
    expect(readFileSync(join(folder, "log"), "utf8")).toContain(`0::/${cgroup.split("/").at(-1) ?? ""}\n`);
    expect(await endRest(record, "NO_MARK")).toBe(true);
    expect(existsSync(cgroup)).toBe(false);
  });

  test("is removed with the cgroups that its processes made in it", async () => {
    const cgroup = made(await mountCgroups());
    mkdirSync(join(cgroup, "a", "b"), { recursive: true });
    expect([await endCgroup(cgroup), existsSync(cgroup)]).toEqual([true, false]);
    expect(await endCgroup(cgroup)).toBe(true);
  });

  test("is removed at the next start if it is empty and of the same installation", async () => {
    const { parent, cgroup, gate, record } = await inCgroup(["/bin/cat"], makeFolder());
    const [empty, other] = [made(parent), made(parent, "gatehouse-test2-")];
    removeEmptyCgroups("gatehouse-test-", parent);
    expect([cgroup, empty, other].map((it) => existsSync(it))).toEqual([true, false, true]);
    await gate.close();
    expect([await endRest(record, "NO_MARK"), existsSync(cgroup)]).toEqual([true, false]);
  });

  test("is missing, and its program runs all the same", async () => {
    const folder = makeFolder();
    const log = openSync(join(folder, "log"), "w");
    const command = ["/bin/echo", "ran"] as const;
    const gate = await startGate({ command, folder: "/", output: log, account: null, cgroup: "/none" });
    closeSync(log);
    if (typeof gate === "string") throw new Error(gate);
    gate.open({}, "");
    expect(await gate.exited).toEqual({ code: 0, signal: null });
    expect(readFileSync(join(folder, "log"), "utf8")).toBe("ran\n");
  });
});

test.for([
  ["there is no cgroup v2", null],
  ["the account may not write there", "/proc/self"],
] as const)("makeCgroup returns null if %s", ([, parent]) => {
  expect(makeCgroup("gatehouse-test-", parent)).toBeNull();
});
