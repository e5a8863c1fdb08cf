import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import process from "node:process";
import { unlimited, type Container, type ContainerRuntime, type WorkloadSpec } from "@nc/container-runtime";
import { buildImage, engineRuntime } from "@nc/container-runtime/node";
import type { Contender, Measurement } from "../measurement.ts";
import { engineSocket, type EngineName } from "./engines.ts";

const idle = "a second of doing nothing";
const building = "an image is built, with 20 MB of output";
const stopping = "20 containers are stopped at once";
const printing = "a container prints 10 MB a second, for 3 s";

/** The longest time for which the host's event loop answers nobody, while the engine works for it. */
const containerStalls = (name: EngineName): Measurement => ({
  name: `container-stalls-${name}`,
  title: `${name}: the longest stall of the event loop`,
  unit: "ms",
  floor: idle,
  bounds: {
    [building]: { figureAtMost: 50 },
    [stopping]: { figureAtMost: 50 },
    [printing]: { figureAtMost: 50 },
  },
  rounds: { full: 5, quick: 1 },
  prepare: async () => {
    const socket = engineSocket(name);
    if (!socket.ok) return socket;
    const root = await mkdtemp(join(tmpdir(), "bench-stalls-"));
    const sandbox = sandboxIn(root, name, socket.value);
    const contenders: readonly Contender[] = [
      contender(idle, () => new Promise((resolve) => setTimeout(resolve, 1_000))),
      contender(building, () => build(root, socket.value)),
      contender(stopping, () => sandbox.stopMany(20)),
      contender(printing, () => sandbox.print(3)),
    ];
    return {
      ok: true,
      value: {
        contenders,
        dispose: async () => {
          await sandbox.close();
          await rm(root, { recursive: true, force: true });
        },
      },
    };
  },
});

const contender = (name: string, work: () => Promise<unknown>): Contender => ({
  name,
  run: async () => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await work();
    delay.disable();
    return { ok: true, value: delay.max / 1e6 };
  },
});

const build = async (root: string, socketPath: string): Promise<void> => {
  const context = await mkdtemp(join(root, "context-"));
  const words = "RUN for i in $(seq 1 20); do head -c 750000 /dev/urandom | base64; done";
  await writeFile(join(context, "Containerfile"), `FROM gatehouse-test\n${words}\nRUN echo ${context}\n`);
  const built = await buildImage({
    ...{ socketPath, context, name: "gatehouse-bench-stalls", arguments: {}, labels: {} },
    onOutput: () => {},
    signal: AbortSignal.timeout(120_000),
  });
  if (!built.ok) throw new Error(built.error.message);
};

type Sandbox = {
  readonly stopMany: (count: number) => Promise<void>;
  readonly print: (seconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Starts containers of the tests' image, as a host does. */
const sandboxIn = (root: string, name: EngineName, socketPath: string): Sandbox => {
  const install = `bench-${process.pid}`;
  const runtime: ContainerRuntime = engineRuntime({
    ...{ name, socketPath, cannot: {}, install, folder: join(root, "records") },
    report: (problem) => process.stderr.write(`${problem}\n`),
  });
  let started = 0;
  const spawn = async (script: string): Promise<Container> => {
    const session = join(root, `session-${(started += 1)}`);
    await mkdir(session, { mode: 0o700 });
    const spec: WorkloadSpec = {
      label: { install, sessionId: `s-${started}`, groupId: "g", incarnation: 1, token: 1 },
      ...{ command: ["/bin/sh", "-c", script], env: { HOME: session, PATH: "/bin" }, folder: session },
      files: { folder: session, whole: [], entries: [] },
      ...unlimited,
      ...{ image: "gatehouse-test", network: "none", account: null, graceMs: 2_000 },
      logFile: join(root, `log-${started}`),
    };
    const container = await runtime.spawn(spec);
    if (!container.ok) throw new Error(container.error.message);
    return container.value;
  };
  return {
    stopMany: async (count) => {
      const all: Container[] = [];
      for (let index = 0; index < count; index += 1) all.push(await spawn("sleep 600"));
      await Promise.all(all.map((container) => container.kill(0)));
    },
    print: async (seconds) => {
      const script = `for i in $(seq 1 ${seconds}); do head -c 10000000 /dev/zero | tr '\\0' 'x' | fold -w 99; sleep 1; done`;
      const container = await spawn(script);
      await new Promise((ended) => container.onExit(ended));
    },
    close: () => runtime.close(),
  };
};

/** For each engine. */
export const stalls: readonly Measurement[] = (["podman", "docker"] as const).map(containerStalls);
