// @module-tag rest
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test, vi } from "vitest";

const root = join(import.meta.dirname, "../..");
const gatehouse = join(root, "apps/host/bin/gatehouse.js");

// Other tests start programs that are bundled for them. These are the clone's own: its build, over pnpm's links.
test("in this clone `npm start`, init, up, chat and down work as they are", async () => {
  const built = spawnSync(process.execPath, [join(root, "tools/scripts/start.mjs")], { encoding: "utf8" });
  expect({ status: built.status, stderr: built.stderr }).toMatchObject({ status: 0 });
  const home = mkdtempSync(join(tmpdir(), "quick-start-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const env = {
    HOME: home,
    GATEHOUSE_DATA: join(home, "data"),
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
  };
  const run = (line: string, input = ""): string => {
    const args = [gatehouse, ...line.split(" ")];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, input, encoding: "utf8" });
    expect({ line, status, stderr }).toMatchObject({ line, status: 0 });
    return stdout;
  };
  run("init --name Home --folder home --owner local:ana --provider echo");
  const host = spawn(process.execPath, [gatehouse, "up", "--runtime", "process"], { env });
  onTestFinished(() => void host.kill("SIGKILL"));
  const ended = once(host, "close");
  let said = "";
  for (const stream of [host.stdout, host.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  await vi.waitFor(() => expect(said).toMatch(/^ready /m));
  expect(run("chat --group home", "hello\n")).toBe("hello\n");
  run("down");
  await ended;
});
