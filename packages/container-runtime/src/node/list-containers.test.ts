import { readdirSync } from "node:fs";
import process from "node:process";
import { expect, test } from "vitest";
import { valueOf } from "../testing/contract-case.ts";
import { labelsOf } from "./engine/engine-labels.ts";
import { engineSubject, testEngines } from "./engine/engine-subject.fixture.ts";
import { scriptedEngine } from "./scripted-engine.fixture.ts";
import { listContainers, listProcesses } from "./list-containers.ts";
import { isAlive, makeInstallation } from "./process/process-runtime.fixture.ts";

const query = { install: "here", withinMs: 10_000 };
const label = { install: "here", sessionId: "s-1", groupId: "g-1", incarnation: 4, token: 9 };
const labels = labelsOf({ label, placed: "/placed", logFile: "/log", user: { uid: 1, gid: 1 } });

test.each([
  { engine: "running", state: "running" },
  { engine: "paused", state: "running" },
  { engine: "created", state: "made" },
  { engine: "initialized", state: "made" },
  { engine: "exited", state: "ended" },
  { engine: "stopped", state: "ended" },
] as const)("listContainers shows the engine's state $engine as $state", async ({ engine, state }) => {
  const body = [{ Id: "c-1", State: engine, Labels: labels }];
  const { socketPath, asked } = await scriptedEngine(() => ({ body }));
  const listed = await listContainers(socketPath, query);
  expect(listed).toEqual({ ok: true, value: [{ reference: "c-1", label, state, pid: null }] });
  expect(asked).toEqual(["GET /containers/json"]);
});

test("listContainers shows no label for a container with labels of another version", async () => {
  const body = [{ Id: "c-1", State: "running", Labels: { "gatehouse.install": "here" } }];
  const { socketPath } = await scriptedEngine(() => ({ body }));
  expect(valueOf(await listContainers(socketPath, query))).toMatchObject([{ reference: "c-1", label: null }]);
});

test("listContainers leaves out a container that is being removed", async () => {
  const { socketPath } = await scriptedEngine(() => ({
    body: [{ Id: "c", State: "removing", Labels: null }],
  }));
  expect(valueOf(await listContainers(socketPath, query))).toEqual([]);
});

test("listContainers fails if the engine does not answer in time", async () => {
  const { socketPath } = await scriptedEngine(() => null);
  expect(await listContainers(socketPath, { ...query, withinMs: 50 })).toEqual({
    ok: false,
    error: { code: "runtime-unavailable", message: `${socketPath} does not answer (no answer).` },
  });
});

test("listContainers fails if the engine does not run", async () => {
  expect(await listContainers("/proc/nowhere/engine.sock", query)).toMatchObject({
    ok: false,
    error: { code: "runtime-unavailable", message: "/proc/nowhere/engine.sock does not answer (ENOENT)." },
  });
});

test.for(testEngines)(
  "listContainers finds the containers of one installation in $name",
  { tags: ["rest"] },
  async (engine, { skip }) => {
    const { name, socketPath = "" } = engine;
    skip(socketPath === "", `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}`);
    const { host, install, otherInstall, sh } = engineSubject(engine);
    const spec = sh("sleep 60");
    const container = valueOf(await host().spawn(spec));
    const { reference } = container;
    const list = async (of: string) =>
      valueOf(await listContainers(socketPath, { install: of, withinMs: 10_000 }));
    expect(await list(install)).toEqual([{ reference, label: spec.label, state: "running", pid: null }]);
    expect(await list(otherInstall)).toEqual([]);
    await container.kill(0);
    await expect.poll(() => list(install)).toEqual([]);
  },
);

const stays = "setInterval(() => {}, 1000)";

test("listProcesses finds the processes of one installation, and adopts none", async () => {
  const { records, host, node } = makeInstallation();
  const container = valueOf(await host().spawn(node(stays)));
  const { reference, label, pid } = container;
  const listed = [{ reference, label, state: "running", pid }];
  expect(valueOf(await listProcesses(records, "here"))).toEqual(listed);
  expect(valueOf(await listProcesses(records, "there"))).toEqual([]);
  await container.kill(0);
  expect(valueOf(await listProcesses(records, "here"))).toEqual([]);
});

test("listProcesses leaves out a process that ended while no host ran, and keeps its record", async () => {
  const { records, host, node } = makeInstallation();
  const first = host();
  const container = valueOf(await first.spawn(node(stays)));
  await first.close();
  process.kill(-(container.pid ?? 0), "SIGKILL");
  await expect.poll(() => isAlive(container.pid ?? 0)).toBe(false);
  expect(valueOf(await listProcesses(records, "here"))).toEqual([]);
  expect(readdirSync(records)).toHaveLength(1);
});

test("listProcesses returns an empty list for a folder without records", async () => {
  expect(valueOf(await listProcesses("/proc/nowhere/records", "here"))).toEqual([]);
});
