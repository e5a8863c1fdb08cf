import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { explain } from "@nc/container-runtime";
import { probeSandbox } from "@nc/container-runtime/node";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { spawnHost, type HostProcess } from "./host.fixture.ts";
import { run, tryRun } from "./run.fixture.ts";

const { gatehouse, ncl } = inject("programs");

const probed = await probeSandbox();
if (!probed.ok) console.warn(`The tests of agents in sandboxes are skipped: ${explain(probed.error)}`);

/** A data folder with the group Ana, whose agent is `echo`. */
const folderWithAna = (): string => {
  const dataDir = temporaryFolder();
  const group = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--provider", "echo"];
  run(gatehouse, "init", ...group, "--data", dataDir);
  return dataDir;
};

const started = async (dataDir: string, runtime: string): Promise<HostProcess> => {
  const host = spawnHost(dataDir, ["--runtime", runtime]);
  await host.ready();
  return host;
};

const end = async (host: HostProcess): Promise<string> => {
  host.child.kill("SIGTERM");
  return (await host.ended).stderr;
};

const chat = async (dataDir: string, line: string): Promise<readonly [string, string]> => {
  const child = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.end(`${line}\n`);
  return Promise.all([text(child.stdout), text(child.stderr)]);
};

const log = (dataDir: string): string => readFileSync(join(dataDir, "host.log"), "utf8");

describe.runIf(probed.ok)("agents in sandboxes", { tags: ["slow"] }, () => {
  test("an agent answers, uses ncl, and is adopted by the next host after a kill", async () => {
    const dataDir = folderWithAna();
    const first = await started(dataDir, "sandbox");
    expect(await chat(dataDir, "hello")).toEqual(["hello\n", ""]);
    expect((await chat(dataDir, "/ncl groups list"))[0]).toContain("Ana");
    first.child.kill("SIGKILL");
    await first.ended;
    // The data folder keeps the choice.
    const second = await started(dataDir, "auto");
    expect(run(gatehouse, "status", "--data", dataDir)).toMatch(/^runtime {4}sandboxes, 1 running$/m);
    expect(await chat(dataDir, "again")).toEqual(["again\n", ""]);
    expect(log(dataDir).match(/"container-started"/g)).toHaveLength(1);
    expect(await end(second)).toContain("Agents run in sandboxes of bubblewrap ");
  });

  test("a group that ran in a sandbox is not run as a process, until the operator says so", async () => {
    const dataDir = folderWithAna();
    const sandboxes = await started(dataDir, "sandbox");
    await chat(dataDir, "hello");
    sandboxes.child.kill("SIGKILL");
    await sandboxes.ended;

    const processes = await started(dataDir, "process");
    expect(log(dataDir)).toContain('"container-reaped"');
    expect(run(gatehouse, "status", "--data", dataDir)).toMatch(
      /^waits {6}Ana runs only in a sandbox or a container, .*--isolation process --yes\.$/m,
    );
    expect((await chat(dataDir, "hello"))[1]).toContain("Ana runs only in a sandbox or a container");
    const update = ["groups", "config", "update", "Ana", "--isolation", "process"];
    const socket = ["--socket", processes.socket];
    expect(tryRun(ncl, ...update, ...socket).stderr).toContain("may do everything that their account may do");
    expect(run(ncl, ...update, "--yes", ...socket)).toContain('isolation: "sandbox" -> "process"');
    await end(processes);
  });

  test("doctor starts a sandbox", () => {
    const dataDir = temporaryFolder();
    const { stdout } = tryRun(gatehouse, "doctor", "--json", "--runtime", "sandbox", "--data", dataDir);
    const { checks } = JSON.parse(stdout) as { readonly checks: readonly { readonly name: string }[] };
    expect(checks.find(({ name }) => name === "containers")).toMatchObject({
      ok: true,
      message: expect.stringContaining("a sandbox starts.") as unknown,
    });
  });
});
