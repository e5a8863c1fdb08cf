// @module-tag rest
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { npmRegistry } from "@gatehouse/places/testing";
import { explain } from "@nc/container-runtime";
import { probeSandbox } from "@nc/container-runtime/node";
import { describe, expect, inject, test } from "vitest";
import { spawnHost, type HostProcess } from "./host.fixture.ts";
import { chatWithAna, endHost, folderWithAna, logOfHost } from "./echo-group.fixture.ts";
import { run, tryRun } from "./run.fixture.ts";

const { gatehouse, ncl } = inject("programs");

const probed = await probeSandbox();
if (!probed.ok) console.warn(`The tests of agents in sandboxes are skipped: ${explain(probed.error)}`);

const started = async (dataDir: string, runtime: string): Promise<HostProcess> => {
  const host = spawnHost(dataDir, ["--runtime", runtime]);
  await host.ready();
  return host;
};

describe.runIf(probed.ok)("agents in sandboxes", { tags: ["slow"] }, () => {
  test("an agent answers, uses ncl, and is adopted by the next host after a kill", async () => {
    const dataDir = await folderWithAna();
    const first = await started(dataDir, "sandbox");
    expect(await chatWithAna(dataDir, "hello")).toEqual(["hello\n", ""]);
    expect((await chatWithAna(dataDir, "/ncl groups list"))[0]).toContain("Ana");
    first.child.kill("SIGKILL");
    await first.ended;
    // The data folder keeps the choice.
    const second = await started(dataDir, "auto");
    expect(run(gatehouse, "status", "--data", dataDir)).toMatch(/^runtime {4}sandboxes, 1 running$/m);
    expect(await chatWithAna(dataDir, "again")).toEqual(["again\n", ""]);
    expect(logOfHost(dataDir).match(/"container-started"/g)).toHaveLength(1);
    expect(await endHost(second)).toContain("Agents run in sandboxes of bubblewrap ");
  });

  test("a group that ran in a sandbox is not run as a process, until the operator says so", async () => {
    const dataDir = await folderWithAna();
    const sandboxes = await started(dataDir, "sandbox");
    await chatWithAna(dataDir, "hello");
    sandboxes.child.kill("SIGKILL");
    await sandboxes.ended;

    const processes = await started(dataDir, "process");
    expect(logOfHost(dataDir)).toContain('"container-reaped"');
    expect(run(gatehouse, "status", "--data", dataDir)).toMatch(
      /^waits {6}Ana runs only in a sandbox or a container, .*--isolation process --yes\.$/m,
    );
    expect((await chatWithAna(dataDir, "hello"))[1]).toContain("Ana runs only in a sandbox or a container");
    const update = ["groups", "config", "update", "Ana", "--isolation", "process"];
    const socket = ["--socket", processes.socket];
    expect(tryRun(ncl, ...update, ...socket).stderr).toContain("may do everything that their account may do");
    expect(run(ncl, ...update, "--yes", ...socket)).toContain('isolation: "sandbox" -> "process"');
    await endHost(processes);
  });

  test("a group gets npm packages in a folder, and Debian packages are refused with the way", async () => {
    const dataDir = await folderWithAna();
    const { url } = await npmRegistry({ name: "one", source: "" }, { name: "two", source: "" });
    const host = spawnHost(dataDir, ["--runtime", "sandbox", "--npm-age", "0"], { npm_config_registry: url });
    await host.ready();
    const folders = (): readonly string[] => readdirSync(join(dataDir, "packages"));
    // The registry is in this process, so no command may block it.
    const command = (...words: readonly string[]) =>
      new Promise<{ readonly status: unknown; readonly stdout: string; readonly stderr: string }>((resolve) =>
        execFile(process.execPath, [ncl, ...words, "--socket", host.socket], (error, stdout, stderr) =>
          resolve({ status: error?.code ?? 0, stdout, stderr }),
        ),
      );
    await chatWithAna(dataDir, "hello");
    const apt = await command("groups", "install-packages", "Ana", "--apt", "jq", "--npm", "one");
    expect(apt.stderr).toMatch(/no Debian packages .*apt-get install NAME.*--runtime podman \(or docker\)/);
    expect(await command("groups", "install-packages", "Ana", "--npm", "one")).toMatchObject({ status: 0 });
    expect(await chatWithAna(dataDir, "with one")).toEqual(["with one\n", ""]);
    const [first] = folders();
    await command("groups", "config", "add-package", "Ana", "--npm", "two");
    expect((await command("groups", "restart", "Ana", "--rebuild")).stdout).toMatch(/rebuilt:? +true/);
    expect(await chatWithAna(dataDir, "with two")).toEqual(["with two\n", ""]);
    expect([folders().length, folders().includes(first ?? "")]).toEqual([1, false]);
    await endHost(host);
  });

  test("doctor starts a sandbox", () => {
    const dataDir = temporaryFolder();
    const { stdout } = tryRun(gatehouse, "doctor", "--json", "--runtime", "sandbox", "--data", dataDir);
    const { checks } = JSON.parse(stdout) as { readonly checks: readonly { readonly name: string }[] };
    expect(checks.find(({ name }) => name === "sandbox")).toMatchObject({
      ok: true,
      message: expect.stringContaining("a sandbox starts.") as unknown,
    });
  });
});
