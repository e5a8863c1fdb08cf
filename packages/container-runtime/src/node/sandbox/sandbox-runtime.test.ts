import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { exitOf, valueOf } from "../../testing/contract-case.ts";
import { explain } from "../../runtime-result.ts";
import { sandboxCommand } from "../../sandbox-command.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";
import { isAlive } from "../process/process-runtime.fixture.ts";
import { findPrograms, probeSandbox, problemIn } from "./probe-sandbox.ts";
import { makeSandboxes, type Sandboxes } from "./sandbox.fixture.ts";

/** The lines that a shell script prints in a sandbox. */
const printed = async (
  script: string,
  over: Partial<WorkloadSpec> = {},
  { host, spec, session }: Sandboxes = makeSandboxes(),
): Promise<readonly string[]> => {
  const exit = await exitOf(valueOf(await host().spawn(spec(`{ ${script}\n} >"$HOME/out" 2>&1`, over))));
  expect(exit.lastLines).toEqual([]);
  return readFileSync(join(session, "out"), "utf8").trimEnd().split("\n");
};

const own = { uid: process.getuid?.() || 1000, gid: process.getgid?.() || 1000 };

const probed = await probeSandbox();
if (!probed.ok) console.warn(`The tests of sandboxes are skipped: ${explain(probed.error)}`);

describe.runIf(probed.ok)("a program in a sandbox", () => {
  test("has its account's number, no other group, no capability and no new rights", async () => {
    const script = `id -u; id -g; grep -E "^(CapPrm|CapEff|CapBnd|NoNewPrivs):" /proc/self/status | tr "\\t" " "`;
    expect(await printed(script)).toEqual([
      ...[String(own.uid), String(own.gid)],
      ...["CapPrm: 0000000000000000", "CapEff: 0000000000000000", "CapBnd: 0000000000000000"],
      "NoNewPrivs: 1",
    ]);
  });

  test("cannot make a user namespace, in which it would have capabilities", async () => {
    expect(await printed("unshare -U true && echo made")).toEqual([
      expect.stringContaining("unshare failed"),
    ]);
  });

  test("sees only its own processes", async () => {
    const beside = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    onTestFinished(() => void beside.kill("SIGKILL"));
    expect(await printed("cat /proc/[0-9]*/comm | sort -u | tr '\\n' ' '")).toEqual([
      expect.stringMatching(/^bwrap( cat)? sh/),
    ]);
    expect(await printed(`kill -0 ${beside.pid} && echo reached`)).toEqual([
      expect.stringContaining("No such process"),
    ]);
  });

  test("finds nothing of the machine but its programs and a few files of /etc", async () => {
    const sandboxes = makeSandboxes();
    const listed = await printed("ls -A /; ls -A /etc; ls -A /var /tmp", {}, sandboxes);
    // The folders on the way to the session's folder are there, and empty.
    const [onTheWay] = sandboxes.session.split("/").slice(1);
    const absent = ["home", "root", "work", "mnt", "run", "sys", "srv", "boot"].filter(
      (it) => it !== onTheWay,
    );
    const secret = ["shadow", "sudoers", "ssh", "gshadow", "machine-id", "resolv.conf"];
    for (const name of [...absent, ...secret]) expect(listed).not.toContain(name);
    expect(await printed("ls /etc/ssl")).toEqual(["certs", "openssl.cnf"]);
  });

  test.each(["/", "/usr", "/usr/bin", "/etc", "/dev", "/var", "/proc/sys/kernel"])(
    "cannot write in %s",
    async (folder) => {
      expect(await printed(`echo x >${folder}/made && echo written; true`)).toEqual([
        expect.stringMatching(/Read-only file system|Permission denied|Directory nonexistent/),
      ]);
    },
  );

  test("has no memory without a size to write in", async () => {
    const rows = await printed("grep -E '^(tmpfs|devtmpfs) ' /proc/mounts");
    const open = rows.filter((row) => / rw,/.test(row) && row.startsWith("tmpfs"));
    expect(open.map((row) => /^tmpfs (\S+) .*size=(\d+)k/.exec(row)?.slice(1))).toEqual([
      ["/dev/shm", "65536"],
      ["/tmp", "524288"],
    ]);
  });

  test.runIf(process.getuid?.() === 0)("does not see files of its host's account", async () => {
    const sandboxes = makeSandboxes();
    const secret = join(sandboxes.folder, "secrets.json");
    writeFileSync(secret, "the key", { mode: 0o600 });
    const lines = await printed(`cat ${secret}; ls ${sandboxes.folder}; cat /proc/1/environ`, {}, sandboxes);
    expect(lines.join("\n")).not.toContain("the key");
    expect(lines.slice(0, 2)).toEqual([expect.stringContaining("No such file"), "session"]);
  });

  test("reads and writes in its mounts, as each allows", async () => {
    const sandboxes = makeSandboxes();
    const [shared, fixed] = [join(sandboxes.folder, "shared"), join(sandboxes.folder, "fixed")];
    for (const folder of [shared, fixed]) {
      mkdirSync(folder, { mode: 0o777 });
      execFileSync("chmod", ["777", folder]);
      writeFileSync(join(folder, "word"), folder === shared ? "shared\n" : "fixed\n");
    }
    const mounts = [
      { source: shared, target: "/srv/shared", isReadOnly: false, isReal: true },
      { source: fixed, target: "/srv/fixed", isReadOnly: true },
    ];
    const script = "cat /srv/*/word; echo x >/srv/shared/made; echo x >/srv/fixed/made";
    expect(await printed(script, { mounts }, sandboxes)).toEqual([
      ...["fixed", "shared"],
      expect.stringContaining("Read-only file system"),
    ]);
    expect([existsSync(join(shared, "made")), existsSync(join(fixed, "made"))]).toEqual([true, false]);
  });

  test("does not start with a mount whose folder has become a link", async () => {
    const { host, spec, folder } = makeSandboxes();
    mkdirSync(join(folder, "there"));
    renameSync(join(folder, "there"), join(folder, "moved"));
    symlinkSync("/etc", join(folder, "there"));
    const mounts = [{ source: join(folder, "there"), target: "/srv/there", isReadOnly: true }];
    const refused = await host().spawn(spec("true", { mounts }));
    expect(refused.ok ? null : refused.error.code).toBe("mount-missing");
  });

  test("with network gateway reaches no address of the machine, and with open it does", async () => {
    const server = createServer((socket) => socket.end("here is the machine\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const command = (source: string) => ["/bin/bash", "-c", source] as const;
    const connect = command(
      `cat <"/dev/tcp/127.0.0.1/${port}" >"$HOME/out" 2>&1 || echo refused >"$HOME/out"`,
    );
    const sandboxes = makeSandboxes();
    const said = async (network: WorkloadSpec["network"]): Promise<string> => {
      const spec = { ...sandboxes.spec("", { network }), command: connect };
      await exitOf(valueOf(await sandboxes.host().spawn(spec)));
      return readFileSync(join(sandboxes.session, "out"), "utf8");
    };
    expect([await said("gateway"), await said("open")]).toEqual(["refused\n", "here is the machine\n"]);
  });

  test("may start as many processes as its spec allows, whatever others of its account do", async () => {
    const forks = `perl -e 'for (1 .. 100) { $p = fork; last unless defined $p; if (!$p) { sleep 20; exit } $n++ } print "$n\\n"'`;
    const both = await Promise.all([printed(forks, { pids: 40 }), printed(forks, { pids: 40 })]);
    for (const [count] of both) expect(Number(count)).toBeGreaterThan(30);
    for (const [count] of both) expect(Number(count)).toBeLessThan(40);
  });

  test("gets its standard input", async () => {
    expect(await printed("cat", { input: "a secret\n" })).toEqual(["a secret"]);
  });
});

describe.runIf(probed.ok)("the end of a sandbox", () => {
  /** No other test run sleeps as long. */
  const seconds = String(100_000 + process.pid);

  const pidIn = async (file: string): Promise<void> =>
    expect.poll(() => existsSync(file) && readFileSync(file, "utf8") !== "", { timeout: 10_000 }).toBe(true);

  test("ends programs that have left their session and their environment", async () => {
    const { host, spec, session } = makeSandboxes();
    const escaped = `env -i setsid sh -c 'echo up >"$0/up"; exec sleep ${seconds}' "$HOME" & wait`;
    const container = valueOf(await host().spawn(spec(escaped)));
    await pidIn(join(session, "up"));
    const below = processesNamed("sleep", seconds);
    await container.kill(0);
    expect([below.length, below.filter(isAlive)]).toEqual([1, []]);
  });

  test("ends with its leader, if something kills the leader", async () => {
    const { host, spec, session } = makeSandboxes();
    const container = valueOf(
      await host().spawn(spec(`setsid sleep ${seconds} & echo up >"$HOME/up"; wait`)),
    );
    await pidIn(join(session, "up"));
    const below = processesNamed("sleep", seconds);
    process.kill(container.pid ?? 0, "SIGKILL");
    await exitOf(container);
    expect([below.length, below.filter(isAlive)]).toEqual([1, []]);
  });
});

/** The pids of processes of the machine with this name and argument. */
const processesNamed = (name: string, argument: string): readonly number[] =>
  execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((row) => row.trim().endsWith(` ${name} ${argument}`))
    .map((row) => Number.parseInt(row, 10));

test.runIf(probed.ok && process.getuid?.() === 0)("a sandbox starts as an ordinary account", async () => {
  const { folder } = makeSandboxes();
  const place = join(folder, "place");
  mkdirSync(place);
  execFileSync("chown", ["65534:65534", place]);
  execFileSync("chmod", ["755", folder]);
  const programs = valueOf(await findPrograms({ uid: 65_534, gid: 65_534 }));
  const mounts = [{ source: place, target: "/srv/place", isReadOnly: false }];
  const command = sandboxCommand({
    ...{ bwrap: programs.bwrap, switchTo: null, placed: [], identities: [] },
    spec: {
      command: ["/bin/sh", "-c", "id -u; echo x >made; ls"],
      folder: "/srv/place",
      mounts,
      network: "none",
      pids: null,
    },
  });
  const as = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--", ...command];
  expect(execFileSync("setpriv", as, { encoding: "utf8", cwd: "/" })).toBe("65534\nmade\n");
});

test("a program that loads code into the programs around a sandbox is refused", async () => {
  const { host, spec } = makeSandboxes();
  const refused = await host().spawn(spec("true", { env: { LD_PRELOAD: "/tmp/x.so" } }));
  expect(refused.ok ? null : refused.error).toMatchObject({ code: "unsupported" });
});

test.runIf(probed.ok)("the probe starts an empty sandbox and returns bubblewrap's version", async () => {
  expect(valueOf(await probeSandbox()).version).toMatch(/^\d+\.\d+/);
});

test("the probe names the packages of a missing program", async () => {
  const found = await probeSandbox({ PATH: "/nowhere" });
  expect(found.ok ? null : found.error.fix).toContain("apt-get install bubblewrap");
});

/** Messages of bubblewrap 0.8.0, and of an older one. */
test.each([
  [
    "bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.",
    "forbids user namespaces",
  ],
  ["bwrap: setting up uid map: Permission denied", "forbids user namespaces"],
  ["bwrap: Creating new namespace failed: No space left on device", "forbids user namespaces"],
  ["bwrap: Unknown option --disable-userns", "older than 0.8.0"],
  ["bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "forbids user namespaces"],
  ["bwrap: something else", "No sandbox starts here: bwrap: something else"],
])("explains %s", (output, message) => {
  expect(problemIn(output).message).toContain(message);
});
