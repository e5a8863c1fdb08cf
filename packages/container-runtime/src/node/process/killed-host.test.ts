// @module-tag soak
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import type { ContainerRuntime } from "../../runtime.ts";
import type { HostJob } from "./host.fixture.ts";
import { type Installation, exitOf, isAlive, makeInstallation, valueOf } from "./process-runtime.fixture.ts";

const stay = `require("fs").writeFileSync("ran-" + process.pid, ""); setInterval(() => {}, 1000);`;
const slow = { tags: ["slow"], skip: process.platform !== "linux" };

type How = { readonly source: string; readonly killAfter: number };

/** Runs a host that starts containers and is killed. Returns the pids of the processes in its gates. */
const runHost = async (
  { records, session, node }: Installation,
  { source = stay, killAfter = Infinity, ...job }: Pick<HostJob, "dies" | "count"> & Partial<How>,
): Promise<readonly number[]> => {
  const spec = node(source);
  mkdirSync(records, { recursive: true });
  const args = [inject("programs")["container-host"], JSON.stringify({ records, spec, ...job })];
  const host = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], cwd: session });
  onTestFinished(() => void host.kill("SIGKILL"));
  const exited = once(host, "exit");
  const pids: number[] = [];
  for await (const line of createInterface({ input: host.stdout }))
    if (pids.push(Number(line)) >= killAfter) host.kill("SIGKILL");
  expect(await exited).toEqual([null, "SIGKILL"]);
  return pids;
};

const pidsOf = async (host: ContainerRuntime) =>
  valueOf(await host.running())
    .map(({ pid }) => pid)
    .sort();

describe("after a SIGKILL of the host,", () => {
  test.for(["gate-started", "record-half-written", "record-written"] as const)(
    "at the step %s, its container ends in the gate and its program never runs",
    slow,
    async (dies) => {
      const it = makeInstallation();
      const [pid = 0] = await runHost(it, { dies, count: 1 });
      await expect.poll(() => isAlive(pid)).toBe(false);
      expect(readdirSync(it.session)).toEqual([]);
      expect(await pidsOf(it.host())).toEqual([]);
      expect(readdirSync(it.records).filter((name) => name.endsWith(".json"))).toEqual([]);
    },
  );

  test("at the step gate-opened, the next host adopts the container and gets its exit", slow, async () => {
    const it = makeInstallation();
    const [pid = 0] = await runHost(it, { dies: "gate-opened", count: 1 });
    await expect.poll(() => readdirSync(it.session)).toEqual([`ran-${pid}`]);
    const host = it.host();
    const [adopted, ...others] = valueOf(await host.running());
    if (adopted === undefined) throw new Error("nothing was adopted");
    expect(others).toEqual([]);
    expect(adopted).toMatchObject({ pid, label: it.node("").label });
    const told = exitOf(adopted);
    process.kill(pid, "SIGKILL");
    expect(await told).toEqual({ code: null, signal: null, lastLines: [] });
    expect([await adopted.kill(0), await pidsOf(host)]).toEqual([await told, []]);
    expect(readdirSync(it.records)).toEqual([]);
  });

  test("the next host ends adopted containers with grace, then by force", slow, async () => {
    const it = makeInstallation();
    const pids = await runHost(it, { dies: "gate-opened", count: 3 });
    const adopted = valueOf(await it.host().running());
    await Promise.all(adopted.map((container) => container.kill(2_000)));
    expect(pids.map(isAlive)).toEqual([false, false, false]);
    expect(readdirSync(it.records)).toEqual([]);
  });

  test("the next host ends the rest of a group whose leader has ended", slow, async () => {
    const it = makeInstallation();
    const source = `${stay} require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(stay)}])`;
    const [pid = 0] = await runHost(it, { dies: "gate-opened", count: 1, source });
    await expect.poll(() => readdirSync(it.session)).toHaveLength(2);
    const members = readdirSync(it.session).map((name) => Number(name.slice("ran-".length)));
    process.kill(pid, "SIGKILL");
    await expect.poll(() => members.filter(isAlive)).toEqual(members.filter((member) => member !== pid));
    expect(await pidsOf(it.host())).toEqual([]);
    expect([members.filter(isAlive), readdirSync(it.records)]).toEqual([[], []]);
  });

  test("at any moment, the next host adopts exactly the processes that are alive", slow, async () => {
    for (let killAfter = 1; killAfter <= 8; killAfter += 1) {
      const it = makeInstallation();
      const pids = await runHost(it, { dies: "never", count: 100, killAfter });
      expect(pids.length).toBeGreaterThanOrEqual(killAfter);
      const unknown = async (): Promise<readonly number[]> => {
        const adopted = await pidsOf(it.host());
        return pids.filter((pid) => isAlive(pid) !== adopted.includes(pid));
      };
      await expect.poll(unknown).toEqual([]);
    }
  });
});
