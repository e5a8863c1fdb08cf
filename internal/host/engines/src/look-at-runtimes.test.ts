import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lookAtRuntimes } from "./look-at-runtimes.ts";
import { placedFilesIn, processesInUse, readRuntimeInUse, writeRuntimeInUse } from "./runtime-in-use.ts";

/** A data folder, and an engine that lists no container. `asked` counts its requests. */
const folderWithEngine = async ({ answers = true } = {}) => {
  const folder = mkdtempSync(join(tmpdir(), "look-at-runtimes-"));
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
  const look = () => lookAtRuntimes({ dataDir, install: "here", env });
  return { dataDir, socketPath, look, asked: () => asked };
};

const listed = { ok: true, value: [] };
const processes = { name: "process", socketPath: null, isInUse: false, listed };

test("asks no engine where none was ever used", async () => {
  const { dataDir, look, asked } = await folderWithEngine();
  expect(await look()).toEqual({ inUse: null, runtimes: [processes] });
  await writeRuntimeInUse(dataDir, processesInUse);
  expect(await look()).toEqual({ inUse: processesInUse, runtimes: [{ ...processes, isInUse: true }] });
  expect(asked()).toBe(0);
});

test("asks the engine in use, once", async () => {
  const { dataDir, socketPath, look, asked } = await folderWithEngine();
  mkdirSync(placedFilesIn(dataDir));
  const inUse = { name: "docker", version: "9.9", socketPath };
  await writeRuntimeInUse(dataDir, inUse);
  const engine = { name: "docker", socketPath, isInUse: true, listed };
  expect(await look()).toMatchObject({ inUse, runtimes: [engine, processes] });
  expect(asked()).toBe(1);
});

test("asks an engine that an earlier host used", async () => {
  const { dataDir, socketPath, look } = await folderWithEngine();
  mkdirSync(placedFilesIn(dataDir));
  await writeRuntimeInUse(dataDir, processesInUse);
  const engine = { name: "docker", socketPath, isInUse: false, listed };
  expect(await look()).toMatchObject({ runtimes: [{ isInUse: true }, engine] });
});

// The deadline of the test is above the two seconds, and far below the usual minute.
test("waits two seconds for an engine that does not answer", { timeout: 30_000 }, async () => {
  const { dataDir, socketPath, look } = await folderWithEngine({ answers: false });
  await writeRuntimeInUse(dataDir, { name: "docker", version: "9.9", socketPath });
  expect(await look()).toMatchObject({
    runtimes: [{ isInUse: true, listed: { ok: false, error: { code: "runtime-unavailable" } } }, processes],
  });
});

test.each([
  { what: "torn", text: '{"name":"doc' },
  { what: "of other values", text: '{"name":7}' },
])("a record of the runtime that is $what is none", async ({ text }) => {
  const { dataDir } = await folderWithEngine();
  writeFileSync(join(dataDir, "runtime.json"), text);
  expect(await readRuntimeInUse(dataDir)).toBe(null);
});
