import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { listRuntimes } from "./list-runtimes.ts";
import { keepRuntime, placedFilesIn, processesInUse, readKeptRuntime } from "./runtime-in-use.ts";

/** Creates a data folder and a fake engine without containers. `asked` counts the engine's requests. */
const folderWithEngine = async ({ answers = true } = {}) => {
  const folder = mkdtempSync(join(tmpdir(), "list-runtimes-"));
  const [dataDir, socketPath] = [join(folder, "data"), join(folder, "engine.sock")];
  mkdirSync(dataDir);
  let asked = 0;
  const server = createServer((_, answer) => {
    asked += 1;
    if (answers) answer.end("[]");
  });
  server.listen(socketPath);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });
  const env = { DOCKER_HOST: `unix://${socketPath}`, CONTAINER_HOST: "unix:///proc/nowhere/podman.sock" };
  const list = () => listRuntimes({ dataDir, install: "here", installInCluster: null, env });
  return { dataDir, socketPath, list, asked: () => asked };
};

const listed = { ok: true, value: [] };
const processes = { name: "process", socketPath: null, isInUse: false, listed };

test("listRuntimes asks no engine if the data folder never had one", async () => {
  const { dataDir, list, asked } = await folderWithEngine();
  expect(await list()).toEqual({ inUse: null, unreadable: null, runtimes: [processes] });
  await keepRuntime(dataDir, processesInUse);
  expect(await list()).toEqual({
    inUse: processesInUse,
    unreadable: null,
    runtimes: [{ ...processes, isInUse: true }],
  });
  expect(asked()).toBe(0);
});

test("listRuntimes lists sandboxes in use before the first one has started", async () => {
  const { dataDir, list } = await folderWithEngine();
  const inUse = { ...processesInUse, name: "sandbox" };
  await keepRuntime(dataDir, inUse);
  const sandboxes = { name: "sandbox", isInUse: true, listed: { ok: true, value: [] } };
  expect(await list()).toMatchObject({ inUse, runtimes: [processes, sandboxes] });
});

test("listRuntimes asks the engine in use once", async () => {
  const { dataDir, socketPath, list, asked } = await folderWithEngine();
  mkdirSync(placedFilesIn(dataDir));
  const inUse = { name: "docker", version: "9.9", socketPath, ociRuntime: null };
  await keepRuntime(dataDir, inUse);
  const engine = { name: "docker", socketPath, isInUse: true, listed };
  expect(await list()).toMatchObject({ inUse, runtimes: [engine, processes] });
  expect(asked()).toBe(1);
});

test("listRuntimes asks an engine that an earlier host used", async () => {
  const { dataDir, socketPath, list } = await folderWithEngine();
  mkdirSync(placedFilesIn(dataDir));
  await keepRuntime(dataDir, processesInUse);
  const engine = { name: "docker", socketPath, isInUse: false, listed };
  expect(await list()).toMatchObject({ runtimes: [{ isInUse: true }, engine] });
});

// The test's deadline is above these two seconds, and far below the client's default of a minute.
test("listRuntimes waits two seconds for an engine that does not answer", async () => {
  const { dataDir, socketPath, list } = await folderWithEngine({ answers: false });
  await keepRuntime(dataDir, { name: "docker", version: "9.9", socketPath, ociRuntime: null });
  expect(await list()).toMatchObject({
    runtimes: [{ isInUse: true, listed: { ok: false, error: { code: "runtime-unavailable" } } }, processes],
  });
});

const socketPath = "/run/podman/podman.sock";
const kept = { name: "podman", version: "4.3.1", socketPath, ociRuntime: null };

test.for<[string, string, object]>([
  ["the choice of an engine", JSON.stringify(kept), kept],
  ["the choice of processes", '{"name":"process"}', processesInUse],
])("readKeptRuntime returns %s", async ([, text, value]) => {
  const { dataDir } = await folderWithEngine();
  writeFileSync(join(dataDir, "runtime.json"), text);
  expect(await readKeptRuntime(dataDir)).toEqual({ ok: true, value });
});

test("readKeptRuntime returns null in a folder where no host has started", async () => {
  const { dataDir } = await folderWithEngine();
  expect(await readKeptRuntime(dataDir)).toEqual({ ok: true, value: null });
});

test.for([
  ["truncated", '{"name":"pod'],
  ["empty", ""],
  ["of zero bytes, as after a power cut", "\0\0\0\0"],
  ["a number as a name", '{"name":7}'],
  ["an unknown name", '{"name":"constructor"}'],
  ["an engine without a socket", '{"name":"podman","version":"4.3.1"}'],
  ["processes with a socket", `{"name":"process","socketPath":"${socketPath}"}`],
  ["a list", "[]"],
  ["null", "null"],
])("readKeptRuntime and listRuntimes report a file that is or has %s", async ([, text = ""]) => {
  const { dataDir, list } = await folderWithEngine();
  writeFileSync(join(dataDir, "runtime.json"), text);
  const error = {
    code: "runtime-choice-unreadable",
    fix: expect.stringContaining("gatehouse up --runtime") as unknown,
  };
  expect(await readKeptRuntime(dataDir)).toMatchObject({ ok: false, error });
  expect(await list()).toMatchObject({
    inUse: null,
    unreadable: expect.stringContaining("runtime.json") as unknown,
  });
});

test("readKeptRuntime reports a file that it may not read", async () => {
  const { dataDir } = await folderWithEngine();
  mkdirSync(join(dataDir, "runtime.json"));
  expect(await readKeptRuntime(dataDir)).toMatchObject({
    ok: false,
    error: { code: "runtime-choice-unreadable" },
  });
});
