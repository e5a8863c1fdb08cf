import process from "node:process";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { isAlive, makeInstallation, valueOf } from "../process/process-runtime.fixture.ts";
import { listProcesses } from "./list-processes.ts";

const stays = "setInterval(() => {}, 1000)";

test("lists the processes of one installation, and adopts none", async () => {
  const { records, host, node } = makeInstallation();
  const container = valueOf(await host().spawn(node(stays)));
  const { reference, label, pid } = container;
  const listed = [{ reference, label, state: "running", pid }];
  expect(valueOf(await listProcesses(records, "here"))).toEqual(listed);
  expect(valueOf(await listProcesses(records, "there"))).toEqual([]);
  await container.kill(0);
  expect(valueOf(await listProcesses(records, "here"))).toEqual([]);
});

test("leaves out a process that ended while no host watched it, and keeps its record", async () => {
  const { records, host, node } = makeInstallation();
  const first = host();
  const container = valueOf(await first.spawn(node(stays)));
  await first.close();
  process.kill(-(container.pid ?? 0), "SIGKILL");
  await expect.poll(() => isAlive(container.pid ?? 0), { timeout: 20_000 }).toBe(false);
  expect(valueOf(await listProcesses(records, "here"))).toEqual([]);
  expect(readdirSync(records)).toHaveLength(1);
});

test("lists nothing where no host has started one", async () => {
  expect(valueOf(await listProcesses("/nowhere/records", "here"))).toEqual([]);
});
