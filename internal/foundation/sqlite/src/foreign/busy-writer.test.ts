import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { expect, inject, onTestFinished, test } from "vitest";
import { makeFile, readOf, scratchFolder } from "./foreign-file.fixture.ts";
import { foreignReader } from "./open-foreign-reader.ts";

test("never takes a file for a different one while its writer commits again and again", async () => {
  const [folder, remove] = scratchFolder();
  onTestFinished(remove);
  const file = makeFile(join(folder, "outbound.db"));
  const libsql = createRequire(import.meta.url).resolve("libsql");
  const program = `const writer = new (require(${JSON.stringify(libsql)}))(${JSON.stringify(file)});
    writer.exec("pragma journal_mode = delete; pragma busy_timeout = 5000");
    const commit = () => { writer.exec("update messages set content = 'x' where seq = 1"); setImmediate(commit); };
    commit(); process.stdout.write("writes");`;
  const writer = spawn(process.execPath, ["-e", program]);
  onTestFinished(() => void writer.kill("SIGKILL"));
  await once(writer.stdout, "data");
  const child = inject("programs")["foreign-child"];
  const reader = foreignReader({ program: [process.execPath, child], deadlineMs: 20_000 });
  onTestFinished(() => reader.close());
  const seen = new Set<string>();
  for (let reads = 0; reads < 500; reads += 1) {
    const read = await reader.read(readOf(file));
    seen.add(read.ok ? "read" : read.error.code);
  }
  seen.delete("read");
  seen.delete("busy");
  expect([...seen]).toEqual([]);
});
