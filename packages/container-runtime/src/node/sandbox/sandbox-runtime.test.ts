// @module-tag rest
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readlink } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { exitOf, valueOf } from "../../testing/contract-case.ts";
import { explain } from "../../runtime-result.ts";
import { sandboxCommand } from "../../sandbox-command.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";
import { isAlive } from "../process/process-runtime.fixture.ts";
import { findPrograms, probeSandbox, problemIn } from "./probe-sandbox.ts";
import { runInSandbox, type SandboxScript } from "./run-in-sandbox.ts";
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

  test.runIf(process.getuid?.() === 0)(
    "has around it no other mount of the machine, whose end would end its start, and no file that may be replaced",
    async () => {
      const { host, spec, session } = makeSandboxes();
      const container = valueOf(await host().spawn(spec(': >"$HOME/up"; exec sleep 600')));
      await expect.poll(() => existsSync(join(session, "up"))).toBe(true);
      const leader = String(container.pid);
      const [around = ""] = readFileSync(`/proc/${leader}/task/${leader}/children`, "utf8").split(" ");
      const mountinfo = readFileSync(`/proc/${around}/mountinfo`, "utf8");
      const mounted = mountinfo.split("\n").map((line) => line.split(" ")[4]);
      const paths = ["/usr", "/etc", "/sys", "/etc/group"];
      expect(paths.filter((path) => mounted.includes(path))).toEqual(["/usr", "/etc"]);
      await container.kill(0);
    },
  );

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
    expect.poll(() => existsSync(file) && readFileSync(file, "utf8") !== "").toBe(true);

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

describe.runIf(probed.ok)("a sandbox beside hostile ones", { tags: ["soak"] }, () => {
  test("forks while five others have all their processes", async () => {
    const sandboxes = makeSandboxes();
    const runtime = sandboxes.host();
    // Each process waits for a writer. The inner shell ends when it cannot fork; the outer one forks no more.
    const storm = `mkfifo /tmp/wait; sh -c 'while :; do : </tmp/wait & done'; : >"$HOME/full-$NAME"; exec sleep 300`;
    const storms = [];
    for (const name of ["s-1", "s-2", "s-3", "s-4", "s-5"]) {
      const spec = sandboxes.spec(storm);
      const [env, label] = [
        { ...spec.env, NAME: name },
        { ...spec.label, sessionId: name },
      ];
      storms.push(valueOf(await runtime.spawn({ ...spec, env, label })));
    }
    const full = (): number => readdirSync(sandboxes.session).filter((name) => /^full-/.test(name)).length;
    await expect.poll(full).toBe(5);
    const forks = "for one in 1 2 3 4 5 6 7 8; do (sleep 0) || exit 9; done; echo forked";
    expect(await printed(forks)).toEqual(["forked"]);
    await Promise.all(storms.map((container) => container.kill(0)));
  });

  test("writes in its /tmp while another one's is full", async () => {
    const sandboxes = makeSandboxes();
    const fill =
      "head -c 600000000 /dev/zero >/tmp/full; stat -c %s /tmp/full; df --output=avail /tmp | tail -n 1";
    const script = `{ ${fill}; } >"$HOME/out" 2>&1; echo full >>"$HOME/out"; exec sleep 300`;
    const filling = valueOf(await sandboxes.host().spawn(sandboxes.spec(script)));
    const lines = (): readonly string[] => {
      const out = join(sandboxes.session, "out");
      return existsSync(out) ? readFileSync(out, "utf8").trimEnd().split("\n") : [];
    };
    await expect.poll(() => lines().at(-1)).toBe("full");
    expect(lines().slice(0, -1)).toEqual([
      expect.stringContaining("No space left on device"),
      ...["536870912", expect.stringMatching(/^ *0$/)],
    ]);
    expect(await printed("echo room >/tmp/file; cat /tmp/file")).toEqual(["room"]);
    await filling.kill(0);
  });
});

/** Starts Node with a token, and prints what the sandbox's other programs see of it. */
const spying = [
  "TOKEN=hidden $NODE -e 'console.log(process.execPath); setInterval(() => {}, 1000)' >/tmp/said & pid=$!",
  "until [ -s /tmp/said ]; do sleep 0.1; done",
  "cat /tmp/said",
  "for file in environ mem maps; do cat /proc/$pid/$file 2>&1 | tr '\\0' '\\n' | grep -ao 'TOKEN=hidden\\|denied' | head -n 1; done",
  "ls /proc/$pid/fd 2>&1 | grep -o denied; readlink /proc/$pid/exe || echo no program",
  "chmod 755 $NODE 2>&1 | grep -o 'Read-only file system\\|not permitted'; cat $NODE 2>&1 | grep -ao denied",
  "kill $pid && echo ended",
].join("\n");

const hidden = [
  ...["denied", "denied", "denied", "denied", "no program"],
  "Read-only file system",
  "denied",
  "ended",
];

/** Node as a file that its owner can only run, like that of an agent's runner. */
const unreadableNode = (folder: string): string => {
  const file = join(folder, "node");
  copyFileSync(process.execPath, file);
  chmodSync(file, 0o111);
  return file;
};

describe.runIf(probed.ok)("a sandbox", () => {
  test("has the machine's time zone as a link, from which programs read its name", async ({ skip }) => {
    const zone = await readlink("/etc/localtime").catch(() => null);
    if (zone === null) return skip("this machine's /etc/localtime is no link");
    expect(await printed("readlink /etc/localtime")).toEqual([resolve("/etc", zone)]);
  });

  test("shows a program that its account cannot read to no other process of the account", async () => {
    const sandboxes = makeSandboxes();
    const mounts = [
      { source: unreadableNode(sandboxes.folder), target: "/opt/node", isReadOnly: true },
      { source: process.execPath, target: "/opt/usual", isReadOnly: true },
    ];
    const seen = (node: string) => printed(`NODE=${node}\n${spying}`, { mounts }, sandboxes);
    expect(await seen("/opt/node")).toEqual(["/opt/node", ...hidden]);
    expect((await seen("/opt/usual")).slice(0, 2)).toEqual(["/opt/usual", "TOKEN=hidden"]);
  });
});

describe.runIf(probed.ok && process.getuid?.() === 0)("a sandbox that an ordinary account starts", () => {
  const as = (script: string): string => {
    const { folder } = makeSandboxes();
    const place = join(folder, "place");
    mkdirSync(place);
    const node = unreadableNode(folder);
    execFileSync("chown", ["65534:65534", place, node]);
    execFileSync("chmod", ["755", folder]);
    const mounts = [
      { source: place, target: "/srv/place", isReadOnly: false },
      { source: node, target: "/opt/node", isReadOnly: true },
    ];
    const command = sandboxCommand({
      bwrap: execFileSync("which", ["bwrap"], { encoding: "utf8" }).trim(),
      localtime: null,
      switchTo: null,
      placed: [],
      identities: [],
      spec: {
        command: ["/bin/sh", "-c", script],
        folder: "/srv/place",
        mounts,
        network: "none",
        pids: null,
      },
    });
    const args = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--", ...command];
    return execFileSync("setpriv", args, { encoding: "utf8", cwd: "/" });
  };

  test("has the number of the account, and writes in its mount", () => {
    expect(as("id -u; echo x >made; ls")).toBe("65534\nmade\n");
  });

  test("shows its own unreadable program to no other process", () => {
    expect(as(`NODE=/opt/node\n${spying}`)).toBe(`${["/opt/node", ...hidden].join("\n")}\n`);
  });
});

describe.runIf(probed.ok)("runInSandbox", () => {
  const seconds = String(300_000 + process.pid);

  const running = (over: Partial<SandboxScript> = {}) => {
    const { folder } = makeSandboxes();
    const place = join(folder, "place");
    mkdirSync(place);
    let output = "";
    const ended = runInSandbox({
      what: "The build",
      network: "open",
      script: "pwd; echo $WORD; echo x >made",
      env: { WORD: "here" },
      folder: place,
      target: "/srv/place",
      mounts: [],
      mostSeconds: 60,
      signal: new AbortController().signal,
      onOutput: (text) => void (output += text),
      ...over,
    });
    return { place, ended, output: () => output };
  };

  /** Programs in a session of their own, which no signal to a group reaches. */
  const escaping = `setsid sleep ${seconds} & sleep ${seconds} & wait`;

  test("runs a script that writes in its folder, and returns its output", async () => {
    const { place, ended, output } = running();
    expect(await ended).toEqual({ ok: true, value: null });
    expect([output(), readdirSync(place)]).toEqual(["/srv/place\nhere\n", ["made"]]);
  });

  test("runs it in a session of its own, which has no terminal of the starter", async () => {
    // The sixth field is the session: 0 for one of a process outside of the sandbox.
    const { ended, output } = running({
      script: "read -r _ _ _ _ _ session _ </proc/self/stat; echo $session",
    });
    expect(await ended).toMatchObject({ ok: true });
    expect(Number(output())).toBeGreaterThan(0);
  });

  test("reports the exit code", async () => {
    const { ended, output } = running({ script: "echo wrong >&2; exit 3" });
    expect(await ended).toMatchObject({
      error: { code: "build-failed", message: "The build ended with 3." },
    });
    expect(output()).toBe("wrong\n");
  });

  test("ends all programs after the time limit", async () => {
    const { ended } = running({ script: escaping, mostSeconds: 2 });
    expect(await ended).toMatchObject({ error: { message: "The build took longer than 2 s." } });
    await expect.poll(() => processesNamed("sleep", seconds)).toEqual([]);
  });

  test("ends all programs by its signal", async () => {
    const closing = new AbortController();
    const { ended } = running({ script: escaping, signal: closing.signal });
    await expect.poll(() => processesNamed("sleep", seconds)).toHaveLength(2);
    closing.abort();
    expect(await ended).toMatchObject({ error: { message: "The build was ended." } });
    await expect.poll(() => processesNamed("sleep", seconds)).toEqual([]);
  });
});

test.runIf(probed.ok)(
  "a sandbox that ends with its starter leaves no program when the starter is killed",
  async () => {
    const seconds = String(400_000 + process.pid);
    const programs = valueOf(await findPrograms(own));
    const command = sandboxCommand({
      ...programs,
      placed: [],
      identities: [],
      endsWithStarter: true,
      spec: {
        command: ["/bin/sh", "-c", `setsid sleep ${seconds} & sleep ${seconds} & wait`],
        folder: "/",
        mounts: [],
        network: "none",
        pids: null,
      },
    });
    const starter = spawn("sh", ["-c", '"$@"; true', "sh", ...command], { cwd: "/", stdio: "ignore" });
    await expect.poll(() => processesNamed("sleep", seconds)).toHaveLength(2);
    starter.kill("SIGKILL");
    await expect.poll(() => processesNamed("sleep", seconds)).toEqual([]);
  },
);

test("a program that loads code into the programs around a sandbox is refused", async () => {
  const { host, spec } = makeSandboxes();
  const refused = await host().spawn(spec("true", { env: { LD_PRELOAD: "/tmp/x.so" } }));
  expect(refused.ok ? null : refused.error).toMatchObject({ code: "unsupported" });
});

test.runIf(probed.ok)("the probe starts an empty sandbox and returns bubblewrap's version", async () => {
  expect(valueOf(await probeSandbox()).version).toMatch(/^\d+\.\d+/);
});

test("the probe names the packages of a missing program", async () => {
  const found = await probeSandbox({ PATH: "/proc/nowhere" });
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
