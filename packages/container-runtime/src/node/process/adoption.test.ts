import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { endRest, recordOf } from "@gatehouse/processes/records";
import { describe, expect, onTestFinished, test } from "vitest";
import { markVariable } from "./process-container.ts";
import { isAlive, makeInstallation, valueOf } from "./process-runtime.fixture.ts";

const textOf = (file: string): string => readFileSync(file, "utf8");
const stay = "setInterval(() => {}, 1000);";

describe("processRuntime.running", () => {
  test("adopts its own records, and ignores torn records and those of other programs", async () => {
    const { host, node, records, reports } = makeInstallation();
    const first = host();
    const ours = valueOf(await first.spawn(node(stay)));
    const there = host("there");
    const theirs = valueOf(await there.spawn(node(stay, { label: { ...ours.label, install: "there" } })));
    const torn = join(records, "11111111-0000-4000-8000-000000000000.json");
    writeFileSync(torn, textOf(join(records, `${ours.reference}.json`)).slice(0, -20));
    const agent = JSON.parse(textOf(join(records, `${theirs.reference}.json`))) as Record<string, unknown>;
    const another = join(records, "22222222-0000-4000-8000-000000000000.json");
    const ofAgent = {
      ...agent,
      id: "22222222-0000-4000-8000-000000000000",
      label: { install: "here", agent: "bo" },
    };
    writeFileSync(another, JSON.stringify(ofAgent));
    const found = valueOf(await host().running());
    expect(found.map(({ reference }) => reference)).toEqual([ours.reference]);
    expect(reports).toEqual([`The record ${torn} is torn. Its process is not signalled.`]);
    await Promise.all(found.map((it) => it.kill(5_000)));
    expect([isAlive(ours.pid ?? 0), isAlive(theirs.pid ?? 0)]).toEqual([false, true]);
    expect([existsSync(torn), existsSync(another)]).toEqual([true, true]);
    await theirs.kill(5_000);
  });

  test("never signals a pid that another process has now, and removes the record", async () => {
    const { host, node, records } = makeInstallation();
    const stranger = spawn(process.execPath, ["-e", stay], { detached: true, stdio: "ignore" });
    onTestFinished(() => void stranger.kill("SIGKILL"));
    const container = valueOf(await host().spawn(node(stay)));
    const file = join(records, `${container.reference}.json`);
    const record = JSON.parse(textOf(file)) as { readonly process: { readonly start: string } };
    const { start } = record.process;
    writeFileSync(
      file,
      JSON.stringify({ ...record, process: { ...record.process, pid: stranger.pid, start: `${start}0` } }),
    );
    expect(valueOf(await host().running())).toEqual([]);
    expect([existsSync(file), isAlive(stranger.pid ?? 0)]).toEqual([false, true]);
    await container.kill(0);
  });

  test("does not signal an adopted process that has ended, and reports its exit", async () => {
    const { host, node } = makeInstallation();
    const first = host();
    const started = valueOf(await first.spawn(node(stay)));
    const [adopted] = valueOf(await host().running());
    await started.kill(0);
    expect(await adopted?.kill(60_000)).toEqual({ code: null, signal: null, lastLines: [] });
  });

  test("does not signal another process that has the pid of an adopted one", async () => {
    const stranger = spawn(process.execPath, ["-e", stay], { detached: true, stdio: "ignore" });
    onTestFinished(() => void stranger.kill("SIGKILL"));
    const record = recordOf(stranger.pid ?? 0, { id: "a", account: null, token: 1, label: {} });
    if (record === null) throw new Error("the stranger does not run");
    const before = { ...record, process: { ...record.process, start: "1" } };
    expect([await endRest(before, markVariable), isAlive(stranger.pid ?? 0)]).toEqual([true, true]);
  });
});
