import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { unlimited, type Container } from "@nc/container-runtime";
import { fakeRuntime, type FakeRuntime } from "@nc/container-runtime/testing";
import { expect, onTestFinished, vi } from "vitest";
import { dialAsMachine, type DialledMachine, type MachineOptions } from "./dial/dial-as-machine.ts";
import type { Central } from "@gatehouse/central-database";
import { openMachines, type Machines, type MachinesOptions } from "./machines.ts";

export const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { interval: 5 });

export type World = {
  readonly central: Central;
  readonly path: string;
  /** Opens the machines of a host, which all new connections reach from then on. */
  readonly host: (over?: Partial<MachinesOptions>) => Machines;
  /** Cuts all lines. They are dialled again. */
  readonly cut: () => void;
  /** Takes the line away from every machine, as a network without a route. */
  readonly lose: () => void;
  readonly logged: readonly string[];
  readonly connect: () => Socket;
};

/**
 * A database with the group Ana, and a way to a host of it that can be cut and closed. Each piece of data takes `delayMs` in
 * either direction, and so does the end of a line.
 */
export const world = async (delayMs = 0): Promise<World> => {
  const dataDir = temporaryFolder();
  const central = await openedCentral(dataDir);
  onTestFinished(() => central.close());
  await addRow(central.db, "agent_groups", { id: "ag-1", name: "Ana" });
  const path = join(dataDir, "machines.sock");
  const streams = new Set<Socket>();
  let accept: (socket: Socket) => void = (socket) => void socket.destroy();
  const server = createServer((socket) => {
    streams.add(socket.once("close", () => streams.delete(socket)));
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const cut = (): void => streams.forEach((socket) => void socket.destroy());
  onTestFinished(() => {
    cut();
    server.close();
  });
  const logged: string[] = [];
  const host = (over: Partial<MachinesOptions> = {}) => {
    const machines = openMachines({
      db: central.loop,
      host: "host-1",
      now: () => new Date().toISOString(),
      connected: () => {},
      log: (event) => logged.push(event),
      report: (error) => expect.fail(String(error)),
      ...over,
    });
    accept = machines.accept;
    onTestFinished(machines.close);
    return machines;
  };
  const lose = (): void => {
    accept = (socket) => void socket.destroy();
    cut();
  };
  const door = delayMs === 0 ? path : await slowDoor(path, delayMs);
  return { central, path, host, cut, lose, logged, connect: () => connect(door) };
};

/** Opens a door that passes all on to another one, late. Returns its path. */
const slowDoor = async (to: string, delayMs: number): Promise<string> => {
  const door = `${to}-slow`;
  const server = createServer((near) => {
    const far = connect(to);
    for (const [from, onto] of [
      [near, far],
      [far, near],
    ] as const) {
      // Timers of one delay run in the order in which they were set.
      from.on("data", (part) => void setTimeout(() => onto.write(part), delayMs));
      from.on("error", () => {}).on("close", () => void setTimeout(() => onto.destroy(), delayMs));
    }
  });
  await new Promise<void>((resolve) => server.listen(door, resolve));
  onTestFinished(() => void server.close());
  return door;
};

type Machine = {
  readonly dialled: DialledMachine;
  readonly fake: FakeRuntime;
  readonly groups: string[];
  readonly served: string[];
  readonly troubles: string[];
};

/** A machine whose containers are those of a fake runtime. */
export const machineOf = (
  { connect: dial }: Pick<World, "connect">,
  credential: MachineOptions["credential"],
  {
    fake = fakeRuntime({ install: "there" }),
    running = [] as readonly Container[],
    since = "",
    start,
  }: {
    readonly fake?: FakeRuntime;
    readonly running?: readonly Container[];
    readonly since?: string;
    /** Starts its agents. Default: in the fake runtime. */
    readonly start?: MachineOptions["start"];
  } = {},
): Machine => {
  const [groups, served, troubles]: [string[], string[], string[]] = [[], [], []];
  const dialled = dialAsMachine({
    connect: dial,
    credential,
    since,
    name: "gpu",
    running,
    runtime: "sandbox",
    start:
      start ??
      ((workload, token) => {
        const label = { ...workload.label, install: "there" };
        const spec = { ...unlimited, label, command: ["agent"], env: {}, input: token, folder: "/" } as const;
        const files = { folder: "/", ...workload.files };
        return fake.runtime.spawn({ ...spec, files, account: null, graceMs: 0, logFile: "/log" });
      }),
    welcomed: (group) => void groups.push(group),
    served: (latest) => void served.push(latest),
    trouble: (message) => void troubles.push(message),
    say: () => {},
    report: (error) => expect.fail(String(error)),
  });
  onTestFinished(dialled.close);
  return { dialled, fake, groups, served, troubles };
};
