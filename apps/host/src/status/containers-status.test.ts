import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { installOf } from "@gatehouse/data-folder";
import { keepRuntime, processesInUse, recordsIn } from "@gatehouse/places";
import { unlimited } from "@nc/container-runtime";
import { processRuntime } from "@nc/container-runtime/node";
import { expect, onTestFinished, test } from "vitest";
import { printedBy } from "../ran-cli.fixture.ts";

/** What `gatehouse status` prints about containers: its lines, and with `--json` its part of the document. */
const containersOf = async (dataDir: string) => {
  const run = (...flags: readonly string[]) => printedBy(dataDir, "status", ...flags);
  const { containers } = JSON.parse(await run("--json")) as { readonly containers: unknown };
  const lines = (await run()).split("\n").filter((line) => /^(?:runtime|gone|unowned) /.test(line));
  return { containers, lines };
};

/** A data folder whose sessions are recorded as running, each in its first container. */
const folderOf = async (...sessions: readonly string[]): Promise<string> => {
  const dataDir = temporaryFolder();
  mkdirSync(dataDir, { recursive: true });
  const { db, close } = await openedCentral(dataDir);
  await addRow(db, "agent_groups", { id: "ag-1" });
  await addRow(db, "messaging_groups", { id: "mg-1" });
  for (const id of sessions) {
    const running = { container_status: "running", incarnation: 1, container_ref: "ref" };
    await addRow(db, "sessions", { id, thread_id: id, agent_group_id: "ag-1", status: "active", ...running });
  }
  await close();
  return dataDir;
};

/** Starts a process of a session, as a host that was killed would have left it. Returns its process id. */
const startProcess = async (dataDir: string, sessionId: string): Promise<number> => {
  const install = installOf(dataDir);
  const runtime = processRuntime({ folder: recordsIn.process(dataDir), install, report: expect.fail });
  const started = await runtime.spawn({
    label: { install, sessionId, groupId: "ag-1", incarnation: 1, token: 1 },
    command: [process.execPath, "-e", "setInterval(() => {}, 1000)"],
    env: {},
    folder: dataDir,
    files: { folder: join(dataDir, "files"), whole: [], entries: [] },
    account: null,
    graceMs: 0,
    ...unlimited,
    logFile: join(dataDir, "log"),
  });
  if (!started.ok) return expect.fail(started.error.message);
  const container = started.value;
  onTestFinished(async () => {
    await container.kill(0);
    await runtime.close();
  });
  return container.pid ?? 0;
};

test("status names the process of a deleted session, and the session whose process is gone", async () => {
  const dataDir = await folderOf("se-alive", "se-lost");
  await keepRuntime(dataDir, processesInUse);
  await startProcess(dataDir, "se-alive");
  const pid = await startProcess(dataDir, "se-deleted");
  const { containers, lines } = await containersOf(dataDir);
  expect(containers).toEqual({
    runtime: {
      name: "process",
      version: null,
      socket: null,
      running: 2,
      problem: null,
      waits: null,
      image: null,
    },
    unreadable: null,
    gone: [{ session: "se-lost", incarnation: 1 }],
    unowned: [
      {
        runtime: "process",
        reference: expect.any(String) as unknown,
        state: "running",
        pid,
        session: "se-deleted",
        incarnation: 1,
        fix: `gatehouse up, or kill -- -${pid}`,
      },
    ],
  });
  expect(lines.map((line) => line.replace(/process [\da-f]{8}-[\da-f]{3}/, "process ID"))).toEqual([
    "runtime    processes, 2 running",
    "gone       the container of se-lost, which runs by its row: gatehouse up goes on with its work",
    `unowned    process ID (running), of se-deleted: gatehouse up, or kill -- -${pid}`,
  ]);
});

test("status lists the containers of the engine that no session owns", async () => {
  const dataDir = await folderOf("se-lost");
  const reference = "0123456789abcdef";
  const other = { Id: reference, State: "exited", Labels: { "gatehouse.install": installOf(dataDir) } };
  const socketPath = join(dataDir, "engine.sock");
  const image = { Id: "sha256:a", RepoTags: ["gatehouse-agent:latest"], Labels: {}, Created: 1, Size: 1 };
  let images: readonly object[] = [image];
  const server = createServer(({ url = "" }, answer) =>
    answer.end(JSON.stringify(url.includes("/images/") ? images : [other])),
  );
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  onTestFinished(() => void server.close());
  await keepRuntime(dataDir, { name: "podman", version: "4.3.1", socketPath, ociRuntime: null });
  expect((await containersOf(dataDir)).lines).toEqual([
    `runtime    podman 4.3.1 at ${socketPath}, 0 running`,
    "gone       the container of se-lost, which runs by its row: gatehouse up goes on with its work",
    `unowned    podman 0123456789ab (ended), with labels of another version: podman --url unix://${socketPath} rm --force 0123456789ab`,
  ]);
  images = [];
  expect((await containersOf(dataDir)).lines[0]).toBe(
    `runtime    podman 4.3.1 at ${socketPath}, 0 running; agents wait: podman has no image "gatehouse-agent". Fix: gatehouse image build --runtime podman.`,
  );
});

test("status reports a choice of the runtime that cannot be read", async () => {
  const dataDir = await folderOf("se-1");
  writeFileSync(join(dataDir, "runtime.json"), '{"name":"pod');
  const { containers, lines } = await containersOf(dataDir);
  expect(containers).toMatchObject({ runtime: null, unreadable: expect.stringContaining("torn") as unknown });
  expect(lines[0]).toMatch(/^runtime {4}not known: .*runtime\.json \(it is torn\)\. Fix: .*--runtime/);
});

test("status reports an engine that does not answer, and reports no container as gone", async () => {
  const dataDir = await folderOf("se-1");
  await keepRuntime(dataDir, {
    name: "docker",
    version: "9.9",
    socketPath: "/proc/nowhere/d.sock",
    ociRuntime: null,
  });
  const { containers, lines } = await containersOf(dataDir);
  const problem = "/proc/nowhere/d.sock does not answer (ENOENT).";
  expect(containers).toMatchObject({ runtime: { running: null, problem }, unowned: [], gone: null });
  expect(lines).toEqual([
    `runtime    docker 9.9 at /proc/nowhere/d.sock, and what runs is not known: ${problem} Agents wait. Fix: start docker.`,
  ]);
});
