import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { endCgroup, makeCgroup } from "@gatehouse/processes/records";
import { describe, expect, test } from "vitest";
import type { Container } from "../../runtime.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";
import { exitOf, isAlive, makeInstallation, valueOf } from "./process-runtime.fixture.ts";

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
const stay = "setInterval(() => {}, 1000);";

test("a program gets the spec's arguments, folder and environment, and the mark variable", async () => {
  const { host, node, session, logFile } = makeInstallation();
  const env = {
    HOME: session,
    ODD: "a 'b' \"c\" $HOME `d`\n=E=f\n+g\n.\n",
    EMPTY: "",
    PATH: "/usr/bin:/bin",
  };
  const source = "process.stdout.write(JSON.stringify([process.env, process.cwd(), process.argv.slice(1)]))";
  const base = node(source, { env });
  const command = [...base.command, "--", "a b", "$HOME", "*"] as unknown as typeof base.command;
  const container = valueOf(await host().spawn({ ...base, command }));
  expect(await exitOf(container)).toMatchObject({ code: 0, signal: null });
  const marked = { ...env, GATEHOUSE_CONTAINER: container.reference };
  expect(JSON.parse(readFileSync(logFile, "utf8"))).toEqual([marked, session, ["a b", "$HOME", "*"]]);
});

test("the record is written with mode 0600 before the program runs, and removed after it ended", async () => {
  const { host, node, records, logFile } = makeInstallation();
  const source = `console.log(require("node:fs").readdirSync(${JSON.stringify(records)}).join()); ${stay}`;
  const container = valueOf(await host().spawn(node(source)));
  await expect.poll(() => textOf(logFile)).toBe(`${container.reference}.json\n`);
  expect(statSync(join(records, `${container.reference}.json`)).mode & 0o777).toBe(0o600);
  await container.kill(5_000);
  expect(readdirSync(records)).toEqual([]);
});

test("a program leads its own process group and session", async () => {
  const { host, node } = makeInstallation();
  const container = valueOf(await host().spawn(node(stay)));
  const stat = readFileSync(`/proc/${container.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  expect([stat[2], stat[3]]).toEqual([String(container.pid), String(container.pid)]);
  expect(process.kill(container.pid ?? 0, 0)).toBe(true);
  expect(await container.kill(5_000)).toMatchObject({ code: null, signal: "SIGTERM" });
});

const ignoresTerm = `process.on("SIGTERM", () => {}); console.log("up"); ${stay}`;

/** The process id that a program has printed. */
const otherIn = async (logFile: string): Promise<number> => {
  await expect.poll(() => textOf(logFile)).toMatch(/^\d+\n/);
  return Number.parseInt(textOf(logFile), 10);
};

describe("kill", () => {
  const nested = (inner: string) =>
    `const other = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}], { stdio: ["ignore", "pipe", "ignore"] });
     other.stdout.once("data", () => console.log(other.pid));`;
  test("ends a group that ignores SIGTERM by force, with all child processes", async () => {
    const { host, node, logFile } = makeInstallation();
    const source = `process.on("SIGTERM", () => {}); ${nested(ignoresTerm)} ${stay}`;
    const container = valueOf(await host().spawn(node(source)));
    const other = await otherIn(logFile);
    expect(await container.kill(100)).toMatchObject({ signal: "SIGKILL" });
    expect(isAlive(other)).toBe(false);
  });

  test("is not needed for child processes: they are ended before the leader's exit is reported", async () => {
    const { host, node, logFile } = makeInstallation();
    const container = valueOf(
      await host().spawn(node(`${nested(ignoresTerm)} process.on("SIGHUP", () => process.exit(4)); ${stay}`)),
    );
    const other = await otherIn(logFile);
    const told = exitOf(container).then((exit) => [exit.code, isAlive(other)]);
    process.kill(container.pid ?? 0, "SIGHUP");
    expect(await told).toEqual([4, false]);
  });

  test("ends processes that left the group", async ({ skip }) => {
    skip(process.platform !== "linux", "the variables of a process are read from /proc");
    const { host, node, logFile, records } = makeInstallation();
    const source = `const other = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(ignoresTerm)}], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
        other.stdout.once("data", () => console.log(other.pid)); ${stay}`;
    const container = valueOf(await host().spawn(node(source)));
    const other = await otherIn(logFile);
    const [, , group] = readFileSync(`/proc/${other}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    expect(group).toBe(String(other));
    expect(await container.kill(5_000)).toMatchObject({ signal: "SIGTERM" });
    expect([isAlive(other), readdirSync(records)]).toEqual([false, []]);
  });
});

/** The cgroup of the tests; null if this account may make none in it. */
const testsCgroup = async (): Promise<string | null> => {
  const folder = makeCgroup("gatehouse-probe-");
  if (folder !== null) await endCgroup(folder);
  return folder && dirname(folder);
};
const parent = await testsCgroup();
if (parent === null)
  console.log("skipped: the tests of processes in cgroups, because this account may make none");

describe.skipIf(parent === null)("a container in a cgroup", () => {
  const hidden = `const { spawn } = require("node:child_process");
    const other = spawn(process.execPath, ["-e", ${JSON.stringify(ignoresTerm)}], { detached: true, env: {}, stdio: ["ignore", "pipe", "ignore"] });
    other.stdout.once("data", () => console.log(other.pid));`;
  const cgroupOf = (records: string, { reference }: Container): string => {
    const text = readFileSync(join(records, `${reference}.json`), "utf8");
    return (JSON.parse(text) as { readonly cgroup: string }).cgroup;
  };

  /** Under a name of its own: a host of the same name, in another test, removes a cgroup that has no process yet. */
  const named = () => {
    const { host, node, ...made } = makeInstallation();
    const install = `cgroups-${randomUUID()}`;
    return {
      ...made,
      install,
      host: () => host(install),
      node: (source: string): WorkloadSpec => {
        const spec = node(source);
        return { ...spec, label: { ...spec.label, install } };
      },
    };
  };

  test.for([
    { how: "is ended", end: (it: Container) => it.kill(5_000) },
    {
      how: "has lost its leader",
      end: (it: Container) => (process.kill(it.pid ?? 0, "SIGKILL"), exitOf(it)),
    },
  ])("leaves no process that hid and no cgroup when it $how", async ({ end }) => {
    const { host, node, logFile, records } = named();
    const container = valueOf(await host().spawn(node(`${hidden} ${stay}`)));
    const other = await otherIn(logFile);
    const cgroup = cgroupOf(records, container);
    expect(readFileSync(join(cgroup, "cgroup.procs"), "utf8")).toContain(`${other}\n`);
    await end(container);
    expect([isAlive(other), existsSync(cgroup), readdirSync(records)]).toEqual([false, false, []]);
  });

  test("has its cgroup at the next host, which ends what an ended leader left behind", async () => {
    const { host, node, logFile, records } = named();
    const first = host();
    const container = valueOf(await first.spawn(node(`${hidden} ${stay}`)));
    const other = await otherIn(logFile);
    const cgroup = cgroupOf(records, container);
    await first.close();
    process.kill(container.pid ?? 0, "SIGKILL");
    await expect.poll(() => isAlive(container.pid ?? 0)).toBe(false);
    expect([isAlive(other), valueOf(await host().running())]).toEqual([true, []]);
    expect([isAlive(other), existsSync(cgroup), readdirSync(records)]).toEqual([false, false, []]);
  });

  test("leaves no cgroup if its process cannot be recorded", async () => {
    const { host, node, records, reports, install } = named();
    writeFileSync(records, "a file in place of the folder");
    const spawned = await host().spawn(node(stay));
    expect([spawned.ok, reports]).toEqual([false, []]);
    expect(readdirSync(parent ?? "").filter((name) => name.includes(install))).toEqual([]);
    rmSync(records);
  });
});

describe("the last lines in a container's exit", () => {
  test("are the newest lines of this container only", async () => {
    const { host, node, logFile } = makeInstallation();
    writeFileSync(logFile, "an earlier one\n");
    const source = `for (let i = 1; i <= 2000; i += 1) console.error("line " + i); process.exitCode = 1`;
    const { lastLines } = await exitOf(valueOf(await host().spawn(node(source))));
    expect([lastLines.length, lastLines[0], lastLines.at(-1)]).toEqual([20, "line 1981", "line 2000"]);
    const short = await exitOf(valueOf(await host().spawn(node("throw new Error('no config')"))));
    expect([short.code, short.lastLines.join()]).toEqual([1, expect.stringContaining("Error: no config")]);
    expect(short.lastLines.join()).not.toContain("line 2000");
    expect(textOf(logFile)).toMatch(/^an earlier one\nline 1\n/);
  });

  test("come from a log that is emptied at the start if it is too large", async () => {
    const { host, node, logFile } = makeInstallation();
    writeFileSync(logFile, "");
    truncateSync(logFile, 4 * 1024 * 1024 + 1);
    const exit = await exitOf(valueOf(await host().spawn(node("console.log('new')"))));
    expect([textOf(logFile), exit.lastLines]).toEqual(["new\n", ["new"]]);
  });
});

test("a log that grows too large while its container runs is cut, and its last part is copied", async () => {
  const { host, node, logFile } = makeInstallation();
  const line = "x".repeat(99);
  const source = `const write = () => { for (let i = 0; i < 300; i += 1) console.log(${JSON.stringify(line)}); };
    write(); process.on("SIGUSR1", () => { console.log("after"); process.exit(1); }); ${stay}`;
  const runtime = host("here", { maxLogBytes: 10_000, logEveryMs: 20 });
  const container = valueOf(await runtime.spawn(node(source)));
  await expect.poll(() => textOf(`${logFile}.1`)).toContain(line);
  await expect.poll(() => textOf(logFile).length).toBeLessThanOrEqual(10_000);
  expect(statSync(`${logFile}.1`).mode & 0o777).toBe(0o600);
  process.kill(container.pid ?? 0, "SIGUSR1");
  expect((await exitOf(container)).lastLines.at(-1)).toBe("after");
});

test("spawn throws for a spec of another installation", async () => {
  const { host, node } = makeInstallation();
  await expect(host("there").spawn(node(""))).rejects.toThrow(TypeError);
});

describe("an agent that put something at its log", () => {
  test.for([
    {
      what: "a link to a file of the host",
      make: (path: string, secret: string) => symlinkSync(secret, path),
    },
    { what: "a link to nothing", make: (path: string) => symlinkSync("nothing", path) },
    { what: "a second name of a file", make: (path: string, secret: string) => linkSync(secret, path) },
    { what: "a folder", make: (path: string) => mkdirSync(join(path, "deep"), { recursive: true }) },
    { what: "a pipe", make: (path: string) => spawnSync("mkfifo", [path]) },
  ])(
    "$what: it starts, the entry is renamed and reported, and nothing is written to it",
    async ({ make }) => {
      const { host, node, folder, logFile, reports } = makeInstallation();
      const secret = join(folder, "secret");
      writeFileSync(secret, "of the host");
      make(logFile, secret);
      await exitOf(valueOf(await host().spawn(node("console.log('new')"))));
      expect([textOf(logFile), readFileSync(secret, "utf8")]).toEqual(["new\n", "of the host"]);
      expect(reports).toEqual([
        expect.stringContaining("was not a log of the host, and was renamed to log."),
      ]);
    },
  );

  test("a folder in the place of the older part does not keep a log from being cut", async () => {
    const { host, node, logFile } = makeInstallation();
    mkdirSync(join(`${logFile}.1`, "deep"), { recursive: true });
    const runtime = host("here", { maxLogBytes: 10_000, logEveryMs: 20 });
    const container = valueOf(await runtime.spawn(node(`console.log("x".repeat(20_000)); ${stay}`)));
    await expect.poll(() => lstatSync(`${logFile}.1`).isFile()).toBe(true);
    await expect.poll(() => textOf(logFile).length).toBeLessThanOrEqual(10_000);
    await container.kill(0);
  });
});
