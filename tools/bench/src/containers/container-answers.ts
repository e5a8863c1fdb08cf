import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Result } from "@gatehouse/std";
import type { Chat } from "../host/chat.ts";
import type { Contender, Measurement, Prepared } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { engineWithImage, image, type BenchEngine, type EngineName } from "./engines.ts";
import { startEchoHost, type EchoHost } from "./echo-host.ts";

const bare = "the engine's client runs Node, which prints a byte";
const cold = "a new session's first message, to its answer";

/** The first answer of a new session: its container and its runner start first. */
const containerCold = (name: EngineName): Measurement => ({
  name: `container-cold-${name}`,
  title: `${name}, cold: a container is started and answers (echo)`,
  unit: "ms",
  floor: bare,
  bounds: { [cold]: { atMost: 1.5 } },
  rounds: { full: 15, quick: 3 },
  prepare: () =>
    withEngine(name, async ({ client }, startHost) => {
      const host = await startHost(name);
      return [
        contender(bare, () =>
          timed(() =>
            client("run", "--rm", "--network=none", image, "node", "-e", "process.stdout.write('x')"),
          ),
        ),
        contender(cold, async () => (await host.openGroup()).roundTrip("hello")),
      ];
    }),
});

const asProcess = "a message to an agent that is a process";
const inContainer = "a message to an agent in a container";

/** The answers of an agent that runs already. */
const containerWarm = (name: EngineName): Measurement => ({
  name: `container-warm-${name}`,
  title: `${name}, warm: a message to a running agent and its answer back (echo)`,
  unit: "ms",
  floor: asProcess,
  bounds: { [inContainer]: { atMost: 1.2 } },
  rounds: { full: 25, quick: 5 },
  prepare: () =>
    withEngine(name, async (_engine, startHost) => {
      const [process, container] = [await startHost("process"), await startHost(name)];
      const [one, other] = [await process.openGroup(), await container.openGroup()];
      await Promise.all([one, other].map(({ roundTrip }) => roundTrip("the first starts the agent")));
      return [contender(asProcess, () => often(one)), contender(inContainer, () => often(other))];
    }),
});

/** Messages of one run, one after the other. */
const messages = 20;

const often = async ({ roundTrip }: Chat): Promise<number> => {
  const times: number[] = [];
  for (let count = 0; count < messages; count += 1) times.push(await roundTrip("hello"));
  return times.reduce((sum, ms) => sum + ms, 0) / messages;
};

const contender = (name: string, measure: () => Promise<number>): Contender => ({
  name,
  run: async () => ({ ok: true, value: await measure() }),
});

const timed = async (act: () => void): Promise<number> => {
  const startedAt = performance.now();
  act();
  return performance.now() - startedAt;
};

type StartHost = (runtime: EngineName | "process") => Promise<EchoHost>;

/** Prepares contenders with an engine, and hosts that are stopped afterwards. */
const withEngine = async (
  name: EngineName,
  make: (engine: BenchEngine, startHost: StartHost) => Promise<readonly Contender[]>,
): Promise<Result<Prepared, string>> => {
  const built = builtPrograms();
  if (!built.ok) return built;
  const engine = await engineWithImage(name, built.value.gatehouse);
  if (!engine.ok) return engine;
  const root = await mkdtemp(join(tmpdir(), "bench-containers-"));
  const hosts: EchoHost[] = [];
  const dispose = async (): Promise<void> => {
    const stopped = await Promise.allSettled(hosts.map(({ stop }) => stop()));
    await rm(root, { recursive: true, force: true });
    for (const one of stopped) if (one.status === "rejected") throw one.reason;
  };
  try {
    const contenders = await make(engine.value, async (runtime) => {
      const flags = runtime === "process" ? [] : ["--engine-socket", engine.value.socket];
      const named = ["--runtime", runtime, ...flags];
      const host = await startEchoHost(built.value.gatehouse, join(root, runtime), named);
      hosts.push(host);
      return host;
    });
    return { ok: true, value: { contenders, dispose } };
  } catch (error) {
    await dispose();
    throw error;
  }
};

/** For each engine. */
export const containerAnswers: readonly Measurement[] = (["podman", "docker"] as const).flatMap((name) => [
  containerCold(name),
  containerWarm(name),
]);
