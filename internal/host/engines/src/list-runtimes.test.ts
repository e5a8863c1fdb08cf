import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { listRuntimes } from "./list-runtimes.ts";
import { placedFilesIn, processesInUse, readRuntimeInUse, writeRuntimeInUse } from "./runtime-in-use.ts";

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
  const env = { DOCKER_HOST: `unix://${socketPath}`, CONTAINER_HOST: "unix:///nowhere/podman.sock" };
  const list = () => listRuntimes({ dataDir, install: "here", env });
  return { dataDir, socketPath, list, asked: () => asked };
};

const listed = { ok: true, value: [] };
const processes = { name: "process", socketPath: null, isInUse: false, listed };

test("listRuntimes asks no engine if the data folder never had one", async () => {
  const { dataDir, list, asked } = await folderWithEngine();
  expect(await list()).toEqual({ inUse: null, runtimes: [processes] });
  await writeRuntimeInUse(dataDir, processesInUse);
  expect(await list()).toEqual({ inUse: processesInUse, runtimes: [{ ...processes, isInUse: true }] });
  expect(asked()).toBe(0);
});

test("listRuntimes asks the engine in use once", async () => {
  const { dataDir, socketPath, list, asked } = await folderWithEngine();
  mkdirSync(placedFilesIn(dataDir));
  const inUse = { name: "docker", version: "9.9", socketPath };
  await writeRuntimeInUse(dataDir, inUse);
  const engine = { name: "docker", socketPath, isInUse: true, listed };
  expect(await list()).toMatchObject({ inUse, runtimes: [engine, processes] });
  expect(asked()).toBe(1);
});

test("listRuntimes asks an engine that an earlier host used", async () => {
  const { dataDir, socketPath, list } = await folderWithEngine();
  mkdirSync(placedFilesIn(dataDir));
  await writeRuntimeInUse(dataDir, processesInUse);
  const engine = { name: "docker", socketPath, isInUse: false, listed };
  expect(await list()).toMatchObject({ runtimes: [{ isInUse: true }, engine] });
});

// The test's deadline is above these two seconds, and far below the client's default of a minute.
test("listRuntimes waits two seconds for an engine that does not answer", { timeout: 30_000 }, async () => {
  const { dataDir, socketPath, list } = await folderWithEngine({ answers: false });
  await writeRuntimeInUse(dataDir, { name: "docker", version: "9.9", socketPath });
  expect(await list()).toMatchObject({
    runtimes: [{ isInUse: true, listed: { ok: false, error: { code: "runtime-unavailable" } } }, processes],
  });
});

test.each([
  { what: "truncated", text: '{"name":"doc' },
  { what: "of other values", text: '{"name":7}' },
])("readRuntimeInUse returns null for a file that is $what", async ({ text }) => {
  const { dataDir } = await folderWithEngine();
  writeFileSync(join(dataDir, "runtime.json"), text);
  expect(await readRuntimeInUse(dataDir)).toBe(null);
});
