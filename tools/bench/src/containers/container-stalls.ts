import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import process from "node:process";
import { setTimeout as after } from "node:timers/promises";
import { unlimited, type Container, type WorkloadSpec } from "@nc/container-runtime";
import { buildImage, engineRuntime } from "@nc/container-runtime/node";
import { contender, type Measurement } from "../measurement.ts";

const floor = "a second of doing nothing";

/** The image of `tools/scripts/test-engines.sh`, and the variables with the sockets of the engines that it starts. */
const image = "gatehouse-test";
const engines = { podman: "GATEHOUSE_TEST_PODMAN", docker: "GATEHOUSE_TEST_DOCKER" } as const;

/** The longest time for which the host's event loop handles nothing else, while an engine works for it. */
export const containerStalls: Measurement = {
  name: "container-stalls",
  title: "The longest stall of the event loop while an engine works (the first of Podman and Docker)",
  unit: "ms",
  floor,
  rounds: { full: 5, quick: 1 },
  prepare: async () => {
    const name = (["podman", "docker"] as const).find((each) => process.env[engines[each]]);
    const socketPath = name === undefined ? undefined : process.env[engines[name]];
    if (name === undefined || socketPath === undefined)
      return { ok: false, error: "no engine was named: tools/scripts/test-engines.sh podman npm run bench" };
    const root = await mkdtemp(join(tmpdir(), "bench-stalls-"));
    const install = `bench-${process.pid}`;
    const runtime = engineRuntime({
      ...{ name, socketPath, cannot: {}, install, folder: join(root, "records") },
      report: (problem) => process.stderr.write(`${problem}\n`),
    });
    let started = 0;
    const start = async (): Promise<Container> => {
      const folder = join(root, `session-${(started += 1)}`);
      await mkdir(folder, { mode: 0o700 });
      const spec: WorkloadSpec = {
        label: { install, sessionId: `s-${started}`, groupId: "g", incarnation: 1, token: 1 },
        ...{ command: ["/bin/sh", "-c", "sleep 600"], env: { HOME: folder, PATH: "/bin" }, folder },
        files: { folder, whole: [], entries: [] },
        ...unlimited,
        ...{ image, network: "none", account: null, graceMs: 2_000 },
        logFile: join(root, `log-${started}`),
      };
      const container = await runtime.spawn(spec);
      if (!container.ok) throw new Error(container.error.message);
      return container.value;
    };
    const startAndStop = async (count: number): Promise<void> => {
      const all: Container[] = [];
      for (let index = 0; index < count; index += 1) all.push(await start());
      await Promise.all(all.map((container) => container.kill(0)));
    };
    const contenders = [
      contender(floor, () => stallIn(() => after(1_000))),
      contender("an image is built, with 20 MB of output", () => stallIn(() => build(root, socketPath))),
      contender("20 containers are started, and stopped at once", () => stallIn(() => startAndStop(20))),
    ];
    const dispose = async (): Promise<void> => {
      await runtime.close();
      await rm(root, { recursive: true, force: true });
    };
    return { ok: true, value: { contenders, dispose } };
  },
};

/** The longest delay of the event loop during the work, ms. */
const stallIn = async (work: () => Promise<unknown>): Promise<number> => {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.max / 1e6;
};

const build = async (root: string, socketPath: string): Promise<void> => {
  const context = await mkdtemp(join(root, "context-"));
  const output = "RUN for i in $(seq 1 20); do head -c 750000 /dev/urandom | base64; done";
  // The folder's name differs each time, so that no step comes from the engine's cache.
  await writeFile(join(context, "Containerfile"), `FROM ${image}\nENV CONTEXT=${context}\n${output}\n`);
  const built = await buildImage({
    ...{ socketPath, context, name: "gatehouse-bench-stalls", arguments: {}, labels: {} },
    onOutput: () => {},
    signal: AbortSignal.timeout(120_000),
  });
  if (!built.ok) throw new Error(built.error.message);
};
