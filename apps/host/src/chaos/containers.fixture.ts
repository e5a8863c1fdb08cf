import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { folderInMemory } from "@gatehouse/central-database/testing";
import { installOf } from "@gatehouse/data-folder";
import { expect, onTestFinished, vi } from "vitest";
import type { ChaosPlace } from "./places.fixture.ts";
import { kill, pidsHere, textOf } from "./processes.fixture.ts";

/** An engine of `tools/scripts/test-engines.sh`. */
export type ChaosEngine = { readonly name: string; readonly socket: string };

type Listed = {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
};

/** Agents in containers, which can be killed, as can their monitors and, of Podman, the engine's service. */
export const containers = async (engine: ChaosEngine): Promise<ChaosPlace> => {
  const service = engine.name === "podman" ? await ownPodman(dirname(engine.socket)) : null;
  const socket = service?.socket ?? engine.socket;
  // The test asks the engine that is never killed.
  const call = callTo(engine.socket);
  const foreign = await foreignContainer(call);
  const list = async (dataDir: string) => {
    const found: { pid: number; sessionId: string }[] = [];
    for (const { Id, Labels } of await ofInstall(call, installOf(dataDir))) {
      const { State } = (await call("GET", `/containers/${Id}/json`)) as {
        readonly State?: { readonly Pid: number };
      };
      const pid = State?.Pid ?? 0;
      if (pid > 0 && isAlive(pid)) found.push({ pid, sessionId: Labels["gatehouse.session"] ?? "" });
    }
    return found;
  };
  return {
    folders: [folderInMemory()],
    up: () => ({ flags: ["--runtime", engine.name, "--engine-socket", socket] }),
    notes: new RegExp(`Agents run in containers of ${engine.name} `),
    list,
    kill: ({ pid }) => kill(pid),
    killMonitor: ({ pid }) => kill(parentOf(pid)),
    ...(service === null ? {} : { killEngine: service.killAndStart }),
    isSettled: (dataDir) =>
      vi.waitFor(
        async () => {
          const there = await ofInstall(call, installOf(dataDir));
          expect(there.map(({ Names }) => Names[0])).toHaveLength((await list(dataDir)).length);
        },
        { timeout: 120_000, interval: 500 },
      ),
    isOver: async (dataDir) => {
      await vi.waitFor(async () => expect(await ofInstall(call, installOf(dataDir))).toEqual([]));
      expect(await foreign.isRunning()).toBe(true);
    },
    end: async (dataDir) => {
      for (const { Id } of await ofInstall(call, installOf(dataDir)))
        await call("DELETE", `/containers/${Id}?force=true`);
      if (service !== null) await endOrphans(call, dirname(engine.socket));
    },
  };
};

type Call = (method: string, path: string, body?: object) => Promise<unknown>;

const callTo =
  (socketPath: string): Call =>
  async (method, path, body) => {
    const sent = request({
      socketPath,
      method,
      path: `/v1.41${path}`,
      headers: body === undefined ? {} : { "content-type": "application/json" },
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = (await once(sent, "response")) as [NodeJS.ReadableStream];
    const said = await text(answer);
    return said === "" ? {} : (JSON.parse(said) as unknown);
  };

const ofInstall = async (call: Call, install: string): Promise<readonly Listed[]> => {
  const filters = encodeURIComponent(JSON.stringify({ label: [`gatehouse.install=${install}`] }));
  // Podman 4.3.1 answers with an error while a container is removed, or after it was killed in that: the host repairs it.
  return vi.waitFor(async () => {
    const listed = await call("GET", `/containers/json?all=true&filters=${filters}`);
    if (!Array.isArray(listed)) throw new Error(JSON.stringify(listed));
    return listed as readonly Listed[];
  });
};

/** A container of another installation, with a name like ours. It must be left alone. */
const foreignContainer = async (call: Call) => {
  const { Id } = (await call("POST", `/containers/create?name=gatehouse-se-foreign-${process.pid}`, {
    Image: "gatehouse-test",
    Entrypoint: ["/bin/sleep", "100000"],
    Labels: { "gatehouse.install": "another", "gatehouse.session": "se-foreign", "gatehouse.group": "ag-1" },
    HostConfig: { NetworkMode: "none", Init: true },
  })) as { readonly Id: string };
  onTestFinished(async () => void (await call("DELETE", `/containers/${Id}?force=true`)));
  await call("POST", `/containers/${Id}/start`);
  return {
    isRunning: async (): Promise<boolean> => {
      const { State } = (await call("GET", `/containers/${Id}/json`)) as {
        readonly State: { readonly Running: boolean };
      };
      return State.Running;
    },
  };
};

const isAlive = (pid: number): boolean => /^\d+ \(.*\) [^Z]/s.test(textOf(`/proc/${pid}/stat`));

/** The monitor of a container's first process; 0 if that has ended. */
const parentOf = (pid: number): number =>
  Number(/^\d+ \(.*\) \S (\d+)/s.exec(textOf(`/proc/${pid}/stat`))?.[1] ?? 0);

/**
 * Ends monitors of containers that are gone: Podman 4.3.1 leaves them, with the container's first process, if it is killed
 * between the creation of a container and its start.
 */
const endOrphans = async (call: Call, folder: string): Promise<void> => {
  const listed = (await call("GET", "/containers/json?all=true")) as readonly Listed[];
  for (const pid of pidsHere()) {
    const words = textOf(`/proc/${pid}/cmdline`).split("\0");
    const id = words[words.indexOf("-c") + 1];
    const isOurs = words[0]?.endsWith("conmon") === true && words.includes(join(folder, "podman"));
    if (!isOurs || listed.some(({ Id }) => Id === id)) continue;
    for (const child of textOf(`/proc/${pid}/task/${pid}/children`).split(" ")) kill(Number(child));
    kill(pid);
  }
};

/** A second service of the test's Podman, on the same containers, so that killing it disturbs no other test. */
const ownPodman = async (folder: string) => {
  const socket = join(folder, `chaos-${process.pid}.sock`);
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    rmSync(socket, { force: true });
    const places = ["podman", "podman-run", "podman-tmp"].map((name) => join(folder, name));
    const [root = "", runRoot = "", temporary = ""] = places;
    child = spawn(
      "podman",
      [
        ...["--root", root, "--runroot", runRoot, "--tmpdir", temporary],
        ...["system", "service", "--time=0", `unix://${socket}`],
      ],
      { stdio: "ignore", env: { ...process.env, CONTAINERS_CONF: join(folder, "containers.conf") } },
    );
    await vi.waitFor(() => callTo(socket)("GET", "/containers/json"));
  };
  const end = async (): Promise<void> => {
    child?.kill("SIGKILL");
    if (child?.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  await start();
  onTestFinished(async () => {
    await end();
    rmSync(socket, { force: true });
  });
  return {
    socket,
    killAndStart: async (): Promise<void> => {
      await end();
      await start();
    },
  };
};
