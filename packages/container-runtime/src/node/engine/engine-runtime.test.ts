// @module-tag rest
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test, type TestContext } from "vitest";
import { exitOf, valueOf } from "../../testing/contract-case.ts";
import { runtimeContract } from "../../testing/runtime-contract.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";
import { engineClient } from "./engine-client.ts";
import { engineRelay } from "./engine-relay.fixture.ts";
import { engineSubject, testEngines, testImage } from "./engine-subject.fixture.ts";
import { buildImage, pruneImages } from "../images.ts";

describe.for(testEngines)("the runtime $name", (engine) => {
  const { name, socketPath = "" } = engine;
  const onEngine = (
    title: string,
    run: (skip: TestContext["skip"]) => Promise<void>,
    tags: string[] = [],
  ): void =>
    test(title, { tags }, async ({ skip }) => {
      skip(socketPath === "", `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}`);
      await run(skip);
    });

  for (const { title, check } of runtimeContract)
    onEngine(`passes the contract: ${title}`, () => check(engineSubject(engine)));

  onEngine("hardens each container", async () => {
    const { host, sh } = engineSubject(engine);
    const script = [
      'echo "id $(id -u):$(id -g)"',
      "grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status | tr '\\t' ' '",
      "touch /made 2>&1; touch /tmp/made && echo tmp is writable",
      'for one in /sys/class/net/*; do echo "net ${one##*/}"; done',
      'echo "init $(cat /proc/1/comm)"',
    ].join("\n");
    const { lastLines } = await exitOf(valueOf(await host().spawn(sh(`{ ${script}\n} >&2`))));
    const { uid, gid } = { uid: process.getuid?.() || 1000, gid: process.getgid?.() || 1000 };
    expect(lastLines).toEqual([
      `id ${uid}:${gid}`,
      ...["CapEff: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2"],
      ...["touch: /made: Read-only file system", "tmp is writable", "net lo"],
      expect.stringMatching(/^init (podman-init|catatonit|docker-init|tini)/),
    ]);
  });

  onEngine(
    "connects a container with network open to the machine, and a container with network gateway not",
    async (skip) => {
      skip(!(await hasBridge(socketPath)), `${name} has no bridge network`);
      const { host, sh } = engineSubject(engine);
      const port = await servedHere();
      const findMachine = "at=$(ip route | awk '/^default/ { print $3 }')";
      // The image's wget crashes when it resolves names (busybox, linked statically), so bash connects to an address.
      const bash = (script: string, network: WorkloadSpec["network"]): WorkloadSpec =>
        sh("", { network, command: ["/bin/bash", "-c", `${script}; cat <"/dev/tcp/$at/${port}" >&2`] });
      const open = bash(`${findMachine}; echo "$at" >&2`, "open");
      const { lastLines } = await exitOf(valueOf(await host().spawn(open)));
      expect(lastLines).toEqual([expect.stringMatching(/^\d+(\.\d+){3}$/), "here is the machine"]);
      const closed = await exitOf(valueOf(await host().spawn(bash(`at=${lastLines[0]}`, "gateway"))));
      expect(closed.lastLines.join("\n")).toContain("Network is unreachable");
    },
  );

  onEngine("refuses the network open if the engine has no bridge, and leaves no container", async (skip) => {
    skip(await hasBridge(socketPath), `${name} has a bridge network`);
    const { host, sh, install } = engineSubject(engine);
    expect(await host().spawn(sh("exit 0", { network: "open" }))).toMatchObject({
      ok: false,
      error: { code: "unsupported", message: expect.stringContaining("The engine has no bridge network") },
    });
    expect(await containersOf(socketPath, install)).toEqual([]);
  });

  onEngine("limits processes and memory", async () => {
    const { host, sh } = engineSubject(engine);
    const limits = { pids: 77, memoryMb: 64, cpus: 0.5 };
    const { pid } = valueOf(await host().spawn(sh("while :; do sleep 1; done", limits)));
    expect(limitsOf(pid ?? 0)).toEqual({ pids: "77", memory: String(64 * 1024 * 1024), cpu: "50000" });
  });

  onEngine("limits the memory and the processes of a container whose spec has no limit", async () => {
    const { host, sh } = engineSubject(engine);
    const { pid } = valueOf(await host().spawn(sh("while :; do sleep 1; done")));
    const half = Math.floor(totalmem() / 2 / 1_048_576) * 1_048_576;
    const memory = String(Math.max(1_073_741_824, Math.min(4_294_967_296, half)));
    expect(limitsOf(pid ?? 0)).toMatchObject({ pids: "1024", memory });
  });

  onEngine("gives every folder in memory a size", async () => {
    const { host, sh } = engineSubject(engine);
    const script = [
      "while read -r _ at type _; do",
      '  [ "$type" = tmpfs ] && touch "$at/made" 2>/dev/null || continue',
      '  echo "$at $(df -k "$at" | awk \'END { print $2 }\')"',
      "done </proc/mounts | sort",
      'for at in /tmp /var/tmp /dev/shm; do dd if=/dev/zero "of=$at/x" bs=1M count=600 2>&1 | grep -o "No space.*"; done',
      "for at in /run /dev /sys/fs/cgroup; do touch $at/x 2>/dev/null && echo $at is writable; done; true",
    ].join("\n");
    const { lastLines } = await exitOf(valueOf(await host().spawn(sh(`{ ${script}\n} >&2`))));
    const full = "No space left on device";
    expect(lastLines).toEqual(["/dev/shm 65536", "/tmp 524288", "/var/tmp 65536", full, full, full]);
  });

  onEngine("counts no processes of an account over its containers", async () => {
    const { host, sh } = engineSubject(engine);
    const { lastLines } = await exitOf(valueOf(await host().spawn(sh("ulimit -u >&2; ulimit -Hu >&2"))));
    for (const limit of lastLines) expect(Number(limit)).toBeGreaterThanOrEqual(32_768);
    expect(lastLines).toHaveLength(2);
  });

  const forkStorm = async (): Promise<void> => {
    const { host, sh, session } = engineSubject(engine);
    const runtime = host();
    // Each process waits for a writer. The inner shell ends when it cannot fork; the outer one forks no more.
    const storm = `mkfifo /tmp/wait; sh -c 'while :; do : </tmp/wait & done'; : >"full-$HOSTNAME"; exec sleep 300`;
    const containers = [];
    for (const sessionId of ["s-1", "s-2", "s-3", "s-4", "s-5"]) {
      const spec = sh(storm);
      const started = await runtime.spawn({ ...spec, label: { ...spec.label, sessionId } });
      containers.push(valueOf(started));
    }
    const isFull = (name: string): boolean => name.startsWith("full-");
    await expect.poll(() => readdirSync(session).filter(isFull).length).toBe(5);
    const other = sh("for one in 1 2 3 4 5 6 7 8; do (sleep 0) || exit 9; done; echo forked >&2");
    const label = { ...other.label, sessionId: "s-6", groupId: "g-2" };
    const ended = await exitOf(valueOf(await runtime.spawn({ ...other, label })));
    await Promise.all(containers.map((container) => container.kill(0)));
    expect(ended).toMatchObject({ code: 0, lastLines: ["forked"] });
  };
  onEngine("lets a group fork while five containers of another one have all their processes", forkStorm, [
    "soak",
  ]);

  onEngine("shows a program that its account cannot read to no other process of the account", async () => {
    const { host, sh } = engineSubject(engine);
    const image = await unreadableNode(socketPath);
    const script = [
      "TOKEN=hidden $NODE -e 'console.log(process.execPath); setInterval(() => {}, 1000)' >/tmp/said & pid=$!",
      "until [ -s /tmp/said ]; do sleep 0.1; done",
      "cat /tmp/said",
      "for file in environ mem maps; do cat /proc/$pid/$file 2>&1 | tr '\\0' '\\n' | grep -ao 'TOKEN=hidden\\|denied' | head -n 1; done",
      "ls /proc/$pid/fd 2>&1 | grep -o denied; readlink /proc/$pid/exe || echo no program",
      "kill $pid && echo ended",
    ].join("\n");
    const spec = sh(`{ ${script}\n} >&2`, { image });
    const env = (node: string) => ({ ...spec.env, PATH: "/bin", NODE: node });
    const hidden = await exitOf(valueOf(await host().spawn({ ...spec, env: env("/opt/node") })));
    expect(hidden.lastLines).toEqual([
      ...["/opt/node", "denied", "denied", "denied", "denied", "no program", "ended"],
    ]);
    const usual = await exitOf(valueOf(await host().spawn({ ...spec, env: env("/usr/local/bin/node") })));
    expect(usual.lastLines.slice(0, 2)).toEqual(["/usr/local/bin/node", "TOKEN=hidden"]);
  });

  onEngine("passes standard input to the program, and shows it in no inspection", async () => {
    const { host, sh, session } = engineSubject(engine);
    const script = 'cat >&2; ls -A "$HOME" | grep input >&2; touch "$HOME/read"; while :; do sleep 1; done';
    const spec = sh(script, {
      input: "a secret\n",
    });
    const container = valueOf(await host().spawn({ ...spec, env: { ...spec.env, MARK: "1" } }));
    const client = engineClient(socketPath);
    const whole = await client.call({ method: "GET", path: `/containers/${container.reference}/json` });
    client.close();
    expect(whole.bytes.toString()).toContain("MARK=1");
    expect(whole.bytes.toString()).not.toContain("a secret");
    // The input file is removed before the program begins. The program must read all of it before it is killed.
    await expect.poll(() => existsSync(join(session, "read"))).toBe(true);
    expect(existsSync(join(session, ".input"))).toBe(false);
    expect((await container.kill(5_000)).lastLines).toEqual(["a secret"]);
  });

  onEngine("writes the output to a log that only the host can read", async () => {
    const { host, sh } = engineSubject(engine);
    const spec = sh("echo out; echo err >&2");
    await exitOf(valueOf(await host().spawn(spec)));
    expect(readFileSync(spec.logFile, "utf8").split("\n").sort()).toEqual(["", "err", "out"]);
    expect(statSync(spec.logFile).mode & 0o777).toBe(0o600);
  });

  onEngine("mounts folders and files at the spec's targets, read-only if the spec says so", async () => {
    const { host, sh, session } = engineSubject(engine);
    const source = join(session, "..", "shared");
    mkdirSync(source, { mode: 0o777 });
    writeFileSync(join(source, "word"), "shared\n", { mode: 0o644 });
    const script = "cat /data/word >&2; touch /data/made 2>&1 || cat /fixed/word >&2; touch /fixed/made 2>&1";
    const mounts = [
      { source, target: "/data", isReadOnly: true },
      { source: join(source, "word"), target: "/fixed/word", isReadOnly: true },
    ];
    const { lastLines } = await exitOf(valueOf(await host().spawn(sh(`{ ${script}; } >&2`, { mounts }))));
    expect(lastLines).toEqual([
      ...["shared", "touch: /data/made: Read-only file system"],
      ...["shared", "touch: /fixed/made: Read-only file system"],
    ]);
  });

  onEngine("keeps an agent from changing the files that the host replaces", async () => {
    const { host, sh, session } = engineSubject(engine);
    const files = {
      folder: session,
      whole: ["in/skills"],
      entries: [{ kind: "file", path: "in/container.json", mode: 0o600, content: "{}" }] as const,
    };
    const script =
      'cat in/container.json >&2; { touch in/x; rm in/container.json; rm -r .placed; mv .placed y; } 2>&1 | sed "s/.*: //" >&2';
    const { lastLines } = await exitOf(valueOf(await host().spawn(sh(script, { files }))));
    expect(lastLines[0]).toContain("{}");
    expect(lastLines.join("\n")).not.toContain("No such file");
    expect(readFileSync(join(session, "..", "records/placed/s-1/in/container.json"), "utf8")).toBe("{}");
  });

  onEngine("replaces files that an earlier run of the agent put at the paths of placed files", async () => {
    const { host, sh, session } = engineSubject(engine);
    const files = {
      folder: session,
      whole: ["in"],
      entries: [{ kind: "file", path: "in/word", mode: 0o600, content: "true" }] as const,
    };
    const runtime = host();
    const lie = "rm in; mkdir in; echo lie > in/word";
    await exitOf(valueOf(await runtime.spawn(sh(lie, { files }))));
    expect(readFileSync(join(session, "in/word"), "utf8")).toBe("lie\n");
    const { lastLines } = await exitOf(valueOf(await runtime.spawn(sh("cat in/word >&2", { files }))));
    expect(lastLines).toEqual(["true"]);
  });

  onEngine("refuses a missing image, and leaves no container", async () => {
    const { host, sh, install } = engineSubject(engine);
    const refused = await host().spawn({ ...sh("exit 0"), image: "gatehouse-test-nothing" });
    expect(refused).toMatchObject({ ok: false, error: { code: "image-missing" } });
    expect(await containersOf(socketPath, install)).toEqual([]);
  });

  onEngine("removes an ended container, and no container of another program", async () => {
    const { host, sh, install } = engineSubject(engine);
    const runtime = host();
    const foreign = await makeForeign(socketPath);
    await exitOf(valueOf(await runtime.spawn(sh("exit 0"))));
    valueOf(await runtime.running());
    await expect.poll(() => containersOf(socketPath, install)).toEqual([]);
    expect(await foreign.remove()).toBe(204);
  });

  onEngine("removes an ended container even if it is closed at once", async () => {
    const { host, sh, install } = engineSubject(engine);
    const runtime = host();
    await exitOf(valueOf(await runtime.spawn(sh("exit 0"))));
    await runtime.close();
    await expect.poll(() => containersOf(socketPath, install)).toEqual([]);
  });

  onEngine("reports an exit that happened while the engine did not answer", async () => {
    const relay = await engineRelay(socketPath);
    const { host, spec, isUp, crash } = engineSubject({ ...engine, socketPath: relay.path });
    const container = valueOf(await host().spawn(spec("stays")));
    await isUp(container);
    const exited = exitOf(container);
    relay.stop();
    await crash(container);
    await relay.start();
    expect(await exited).toMatchObject({ code: 137 });
  });

  onEngine("fails to start a container if the engine does not answer", async () => {
    const { host, sh } = engineSubject({ ...engine, socketPath: "/proc/nowhere/engine.sock" });
    const refused = await host().spawn(sh("exit 0"));
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: "runtime-unavailable",
        message: "/proc/nowhere/engine.sock does not answer (ENOENT).",
        fix: `Start ${name}, or name its socket.`,
      },
    });
  });

  onEngine("reports the exit of a container whose monitor was killed", async () => {
    const { host, spec, isUp } = engineSubject(engine);
    const container = valueOf(await host().spawn(spec("stays")));
    await isUp(container);
    const pid = container.pid ?? 0;
    const monitor = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    const exited = exitOf(container);
    process.kill(monitor, "SIGKILL");
    if (existsSync(`/proc/${pid}`)) process.kill(pid, "SIGKILL");
    const killed = container.kill(0);
    expect(await exited).toMatchObject({ signal: null });
    await killed;
  });
});

/** The limits of a process's cgroups, read from the kernel. */
const limitsOf = (pid: number) => {
  const cgroups = readFileSync(`/proc/${pid}/cgroup`, "utf8");
  const read = (controller: string, file: string): string => {
    const [, path] = new RegExp(`^\\d+:(?:\\w+,)*${controller}(?:,\\w+)*:(.*)$`, "m").exec(cgroups) ?? [];
    const folder = join("/sys/fs/cgroup", controller, path ?? expect.fail(`no ${controller} in ${cgroups}`));
    return readFileSync(join(folder, file), "utf8").trim();
  };
  // cgroups v2 has one line without the name of a controller.
  if (/^0::/m.test(cgroups) && !/memory/.test(cgroups)) {
    const [cpu] = read("", "cpu.max").split(" ");
    return { pids: read("", "pids.max"), memory: read("", "memory.max"), cpu };
  }
  return {
    pids: read("pids", "pids.max"),
    memory: read("memory", "memory.limit_in_bytes"),
    cpu: read("cpu", "cpu.cfs_quota_us"),
  };
};

const call = async (socketPath: string, method: "GET" | "POST" | "DELETE", path: string, body?: object) => {
  const client = engineClient(socketPath);
  const answer = await client.call({ method, path, ...(body === undefined ? {} : { body }) });
  client.close();
  return answer;
};

/** Makes an image with a copy of Node that only root may read, as that of agents has. Returns its name. */
const unreadableNode = async (socketPath: string): Promise<string> => {
  const context = mkdtempSync(join(tmpdir(), "unreadable-node-"));
  const mark = randomBytes(4).toString("hex");
  onTestFinished(async () => {
    rmSync(context, { recursive: true });
    await pruneImages(socketPath, `gatehouse.test=${mark}`, () => true);
  });
  const made = "RUN mkdir /opt && cp /usr/local/bin/node /opt/node && chmod 0111 /opt/node";
  writeFileSync(join(context, "Containerfile"), [`FROM ${testImage}`, made].join("\n"));
  const name = `gatehouse-unreadable-${mark}`;
  const { signal } = new AbortController();
  const shared = { socketPath, context, name, arguments: {}, labels: { "gatehouse.test": mark } };
  valueOf(await buildImage({ ...shared, onOutput: () => {}, signal }));
  return name;
};

/** True if the engine has the network `bridge`. */
const hasBridge = async (socketPath: string): Promise<boolean> => {
  const { bytes } = await call(socketPath, "GET", "/networks");
  const networks = JSON.parse(bytes.toString()) as readonly { readonly Name: string }[];
  return networks.some(({ Name }) => Name === "bridge");
};

/** Starts a server on all addresses of this machine until the test ends. Returns its port. */
const servedHere = async (): Promise<number> => {
  const server = createServer((socket) => void socket.end("here is the machine\n"));
  onTestFinished(() => void server.close());
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

/** The ids of an installation's containers, also of ended ones. */
const containersOf = async (socketPath: string, install: string): Promise<readonly string[]> => {
  const filters = encodeURIComponent(JSON.stringify({ label: [`gatehouse.install=${install}`] }));
  const { bytes } = await call(socketPath, "GET", `/containers/json?all=true&filters=${filters}`);
  return (JSON.parse(bytes.toString()) as readonly { readonly Id: string }[]).map(({ Id }) => Id);
};

/** Makes a container of another program, with a name like those of the runtime. */
const makeForeign = async (socketPath: string) => {
  const body = { Image: testImage, Entrypoint: ["/bin/true"], HostConfig: { NetworkMode: "none" } };
  const path = `/containers/create?name=gatehouse-s-1-1-${Date.now().toString(36)}`;
  const made = await call(socketPath, "POST", path, body);
  const { Id } = JSON.parse(made.bytes.toString()) as { readonly Id: string };
  return {
    remove: async (): Promise<number> => (await call(socketPath, "DELETE", `/containers/${Id}`)).status,
  };
};
