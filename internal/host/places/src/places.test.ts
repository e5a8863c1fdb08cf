import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ok } from "@gatehouse/std";
import type { GroupImages, Place } from "@gatehouse/workloads";
import { explain, type Container, type ContainerRuntime } from "@nc/container-runtime";
import { engineRuntime, probeSandbox, processRuntime, sandboxRuntime } from "@nc/container-runtime/node";
import { describe, expect, onTestFinished } from "vitest";
import { agentSocketsIn, placeAgentPrograms } from "./local/agent-image.ts";
import type { WelcomedLine, MachineFrame } from "./machine/frames.ts";
import { machineOf, until, world } from "./machine/machines.fixture.ts";
import { newSecret } from "./machine/machine-rows.ts";
import { filesIn, workloadIn } from "./machine/sent-files.ts";
import { contractProgram, placeContract, type PlaceSubject } from "./place-contract.fixture.ts";
import { opened } from "./pod/pods.fixture.ts";
import { placeOfRuntime } from "./testing/place-of-runtime.ts";

const program = contractProgram();

type Make = (options: {
  folder: string;
  install: string;
  report: (text: string) => void;
}) => ContainerRuntime;
type More = Partial<Parameters<typeof placeOfRuntime>[0]>;

/** A place of this machine, and the same place for the next host. */
const localSubject = (make: Make, more: (dataDir: string) => More = () => ({})): PlaceSubject => {
  const dataDir = mkdtempSync(join(tmpdir(), "places-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const open = (): Place =>
    placeOfRuntime({
      runtime: make({ folder: join(dataDir, "records"), install: "here", report: () => {} }),
      dataDir,
      install: "here",
      runner: [process.execPath, program],
      ncl: [process.execPath, program],
      dial: { address: "unix:/proc/nowhere", pin: null },
      ...more(dataDir),
    });
  const place = open();
  return { place, next: async () => open(), adopts: true, running: () => count(place), dataDir };
};

const count = async ({ left }: Place): Promise<number> => {
  const found = await left();
  return found.ok ? found.value.length : -1;
};

const processes = (): PlaceSubject => localSubject(processRuntime);

describe("processes", () => placeContract(async () => processes()));

const noPackages = {
  build: () => expect.fail("nothing is built"),
  folderOf: async () => ok(null),
};

const sandbox = await probeSandbox();
describe("sandboxes", () =>
  placeContract(
    async () =>
      localSubject(sandboxRuntime, (dataDir) => {
        mkdirSync(agentSocketsIn(dataDir), { recursive: true });
        return { sandbox: { packages: noPackages, node: () => null } };
      }),
    { tags: ["rest"], missing: sandbox.ok ? null : explain(sandbox.error) },
  ));

describe.for([
  ["podman", process.env["GATEHOUSE_TEST_PODMAN"] ?? ""],
  ["docker", process.env["GATEHOUSE_TEST_DOCKER"] ?? ""],
] as const)("containers of %s", ([name, socketPath]) => {
  const subject = async (): Promise<PlaceSubject> => {
    const install = `here-${newSecret()}`;
    const make: Make = ({ folder, report }) => {
      const runtime = engineRuntime({ name, socketPath, facts: null, folder, install, report });
      // The Node of the tests' image is on the PATH, and not at a path of its own.
      const spawn: ContainerRuntime["spawn"] = ({ command: [, ...args], ...spec }) =>
        runtime.spawn({ ...spec, command: ["node", ...args] });
      return { ...runtime, spawn };
    };
    const programs = { runner: [process.execPath, program], ncl: [process.execPath, program] } as const;
    const made = localSubject(make, (dataDir) => {
      mkdirSync(agentSocketsIn(dataDir), { recursive: true });
      const image: GroupImages = {
        nameOf: async () => ok("gatehouse-test"),
        build: () => expect.fail("nothing is built"),
      };
      return { install, image };
    });
    await placeAgentPrograms(made.dataDir, programs);
    return made;
  };
  const missing =
    socketPath === "" ? `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}` : null;
  placeContract(subject, { tags: ["rest"], missing });
});

describe.for([
  ["is cut", 0],
  // Longer than a frame takes to be read, so that frames of both sides are on their way at once.
  ["is cut, and slow", 40],
] as const)("a machine over a line that %s", ([, delayMs]) =>
  placeContract(async () => {
    const far = processes();
    const net = await world(delayMs);
    onTestFinished(() => far.place.close());
    const placeAt = (machines: ReturnType<typeof net.host>): Promise<Place> =>
      until(async () => {
        const place = await machines.of("ag-1");
        if (place === null || "awayReason" in place) throw new Error("It is not connected.");
        return place;
      });
    const first = net.host();
    const token = { token: newSecret(), code: first.invite("ag-1") };
    const { groups } = machineOf(net, token, { start: far.place.start });
    await placeAt(first);
    net.cut();
    await until(() => expect(groups).toHaveLength(2));
    const place = await placeAt(first);
    const next = (): Promise<Place> => {
      const second = net.host();
      net.cut();
      return placeAt(second);
    };
    return { ...far, place, next, adopts: false };
  }),
);

/** The line of a Pod's program, which runs what it is told here. */
const lineTo = (
  there: Place,
  exited: (frame: Extract<MachineFrame, { type: "exited" }>) => void,
): WelcomedLine => {
  const agents = new Map<string, Container>();
  return {
    hello: {} as WelcomedLine["hello"],
    bye: () => {},
    send: (frame) => {
      if (frame.type === "kill") void agents.get(frame.sessionId)?.kill(frame.graceMs);
    },
    ask: async (frame) => {
      if (frame.type === "files") {
        const replaced = await agents.get(frame.sessionId)?.replaceFiles(filesIn(frame.files));
        return replaced?.ok === true
          ? { type: "done", id: 1 }
          : { type: "refused", id: 1, message: replaced?.error.message ?? "The agent has ended." };
      }
      const begun = await there.start(workloadIn(frame.workload), frame.token);
      if (!begun.ok) return { type: "refused", id: 1, message: begun.error.message };
      const { sessionId, incarnation } = frame.workload.label;
      agents.set(sessionId, begun.value);
      begun.value.onExit((exit) => exited({ type: "exited", sessionId, incarnation, exit }));
      return { type: "started", id: 1 };
    },
  };
};

describe("Pods over a scripted API", () =>
  placeContract(async () => {
    const bed = await opened();
    const far = processes();
    onTestFinished(() => far.place.close());
    const start: Place["start"] = async (workload, token) => {
      const starting = bed.pods.start(workload, token);
      const refused = await Promise.race([starting, bed.guest().then((guest) => ({ guest }))]);
      if ("ok" in refused) return refused;
      refused.guest.welcomed(lineTo(far.place, refused.guest.exited));
      return starting;
    };
    return {
      place: bed.pods,
      start,
      next: async () => {
        // The Pod ends with its program: the scripted cluster has no kubelet.
        await bed.pods.close();
        const left = await far.place.left();
        if (left.ok) await Promise.all(left.value.map((agent) => agent.kill(0)));
        return (await opened({}, { owner: "two" })).pods;
      },
      adopts: false,
      running: far.running,
      dataDir: far.dataDir,
    };
  }));
