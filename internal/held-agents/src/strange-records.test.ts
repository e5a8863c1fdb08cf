import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { recordOf, type ProcessRecord } from "@gatehouse/processes/records";
import { describe, expect, onTestFinished, test } from "vitest";
import { isRunning, makeHeldBed, patience, type HeldBed } from "./held.fixture.ts";
import { agentVariable, heldPlaces } from "./records/held-places.ts";

const slow = { tags: ["slow"], skip: process.platform !== "linux" };

/** A process of somebody else, which leads a group as an agent does. */
const startBystander = (env: NodeJS.ProcessEnv = {}): number => {
  const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore", env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child.pid ?? 0;
};

const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

type Change = (record: ProcessRecord) => ProcessRecord;

/** Records an agent `ana`, ready, whose holder and group are this process, as `change` has it. */
const record = (bed: HeldBed, pid: number, change: Change): string => {
  const id = "00000000-0000-4000-8000-00000000000a";
  const places = heldPlaces(bed.dataDir);
  const since = new Date().toISOString();
  const label = { member: "ana", provider: "claude", folder: bed.project, since };
  const made = recordOf(pid, { id, account: null, token: 1, label });
  if (made === null) throw new Error("the bystander has ended");
  for (const folder of [places.holders, places.groups])
    write(join(folder, `${id}.json`), JSON.stringify(change(made)));
  write(places.stateOf(id), JSON.stringify({ v: 1, id, team: null, ...label, pid, state: "ready" }));
  return join(places.holders, `${id}.json`);
};

const start =
  (value: string | null): Change =>
  (made) => ({ ...made, process: { ...made.process, start: value } });

describe("a record of an agent whose process number is another's now", () => {
  test.for<{ what: string; change: Change }>([
    { what: "by the start of that process", change: start("1") },
    { what: "by the boot of the machine", change: (made) => ({ ...made, boot: "another" }) },
  ])("is an agent that has ended, and ends nobody ($what)", slow, async ({ change }) => {
    const bed = makeHeldBed();
    const bystander = startBystander();
    record(bed, bystander, change);
    expect((await bed.gatehouse("ps")).stdout).toMatch(/ana +claude +ended \?/);
    expect(await bed.gatehouse("stop", "--all")).toMatchObject({ code: 0, stdout: "ana: had ended\n" });
    expect(isRunning(bystander)).toBe(true);
    expect(await bed.agents()).toEqual([]);
  });

  test.for<{ what: string; change: Change; why: RegExp }>([
    { what: "the start was never known", change: start(null), why: /cannot tell its processes from later/ },
    {
      what: "it runs in another container",
      change: (made) => ({ ...made, process: { ...made.process, namespace: "pid:[1]" } }),
      why: /runs in another container.*stop it there/,
    },
  ])("is shown as it was, ends nobody, and says which file to remove ($what)", slow, async (row) => {
    const bed = makeHeldBed();
    const bystander = startBystander();
    const file = record(bed, bystander, row.change);
    expect((await bed.gatehouse("ps")).stdout).toMatch(/ana +claude +ready/);
    const stopped = await bed.gatehouse("stop", "ana", "--json");
    expect(stopped.code).toBe(1);
    expect(JSON.parse(stopped.stdout)).toMatchObject({
      ok: false,
      agents: [{ code: "still-running", message: expect.stringMatching(row.why) as string }],
    });
    expect(stopped.stdout).toContain(`remove ${file}`);
    expect(isRunning(bystander)).toBe(true);
    expect(await bed.agent("ana")).toMatchObject({ state: "ready" });
  });
});

test(
  "an agent whose holder was killed before it was recorded is lost, and is ended by its mark",
  slow,
  async () => {
    const bed = makeHeldBed();
    const file = record(bed, startBystander(), start("1"));
    const { id } = JSON.parse(readFileSync(file, "utf8")) as ProcessRecord;
    const [marked, unmarked] = [
      startBystander({ [agentVariable]: id }),
      startBystander({ [agentVariable]: "b" }),
    ];
    await expect.poll(() => bed.agent("ana"), patience).toMatchObject({ state: "lost" });
    expect((await bed.gatehouse("stop", "ana")).code).toBe(0);
    expect([marked, unmarked].map(isRunning)).toEqual([false, true]);
  },
);

test("torn and unreadable files are named with what to do, hide no agent, and end nobody", slow, async () => {
  const bed = makeHeldBed();
  const bystander = startBystander();
  const whole = readFileSync(record(bed, bystander, start("1")), "utf8");
  const places = heldPlaces(bed.dataDir);
  const half = whole.slice(0, whole.indexOf("token"));
  const torn = [join(places.holders, "half.json"), join(places.groups, "b.json"), places.stateOf("c")];
  for (const file of torn) write(file, half);
  const folder = join(places.holders, "folder.json");
  mkdirSync(folder);
  mkdirSync(places.stateOf("d"));

  const files = [folder, ...torn, places.stateOf("d")];
  const listed = await bed.gatehouse("ps");
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(/ana +claude +ended/) as string });
  expect(listed.stderr.trimEnd().split("\n").sort()).toEqual(
    files
      .map((file) => `warning: ${file} is not a complete record of an agent. fix: look at it, then remove it`)
      .sort(),
  );
  const json = JSON.parse((await bed.gatehouse("ps", "--json")).stdout) as { torn: readonly string[] };
  expect(json).toMatchObject({ ok: true, agents: [{ member: "ana" }] });
  expect([...json.torn].sort()).toEqual([...files].sort());

  // What they recorded may run, so these were not all.
  const stopped = await bed.gatehouse("stop", "--all");
  expect(stopped).toMatchObject({ code: 1, stdout: "ana: had ended\n" });
  // Of a group's record nobody asks while no holder is gone.
  for (const file of files.filter((it) => !it.startsWith(places.groups)))
    expect(stopped.stderr).toContain(file);
  expect(isRunning(bystander)).toBe(true);
  expect(torn.map((file) => readFileSync(file, "utf8"))).toEqual([half, half, half]);
});
