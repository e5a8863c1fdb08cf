// @module-tag rest
import process from "node:process";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { recordOf, type ProcessRecord } from "@gatehouse/processes/records";
import { describe, expect, onTestFinished, test } from "vitest";
import { agentVariable, heldPlaces } from "@gatehouse/held-client/records";
import { isRunning, makeHeldFixture, patience, type HeldFixture } from "./held.fixture.ts";

const slow = { tags: ["slow"], skip: process.platform !== "linux" };

/** A process that is not an agent, and leads a group as an agent does. */
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

/** Records an agent `ana`, ready, whose holder and group are this process, with the changes of `change`. */
const record = (fixture: HeldFixture, pid: number, change: Change): string => {
  const id = "00000000-0000-4000-8000-00000000000a";
  const places = heldPlaces(fixture.dataDir);
  const since = new Date().toISOString();
  const label = { member: "ana", provider: "claude", folder: fixture.project, since };
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

describe("a record whose process number belongs to another process now", () => {
  test.for<{ what: string; change: Change }>([
    { what: "the start time differs", change: start("1") },
    { what: "the boot differs", change: (made) => ({ ...made, boot: "another" }) },
  ])("is listed as an ended agent, and no process is ended ($what)", slow, async ({ change }) => {
    const fixture = makeHeldFixture();
    const bystander = startBystander();
    record(fixture, bystander, change);
    expect((await fixture.gatehouse("ps")).stdout).toMatch(/ana +claude +ended \?/);
    expect(await fixture.gatehouse("stop", "--all")).toMatchObject({ code: 0, stdout: "ana: had ended\n" });
    expect(isRunning(bystander)).toBe(true);
    expect(await fixture.agents()).toEqual([]);
  });

  test.for<{ what: string; change: Change; why: RegExp }>([
    { what: "the start time is unknown", change: start(null), why: /cannot tell its processes from later/ },
    {
      what: "the holder runs in another container",
      change: (made) => ({ ...made, process: { ...made.process, namespace: "pid:[1]" } }),
      why: /runs in another container.*stop it there/,
    },
  ])(
    "is listed unchanged, no process is ended, and stop names the file to remove ($what)",
    slow,
    async (row) => {
      const fixture = makeHeldFixture();
      const bystander = startBystander();
      const file = record(fixture, bystander, row.change);
      expect((await fixture.gatehouse("ps")).stdout).toMatch(/ana +claude +ready/);
      const stopped = await fixture.gatehouse("stop", "ana", "--json");
      expect(stopped.code).toBe(1);
      expect(JSON.parse(stopped.stdout)).toMatchObject({
        ok: false,
        agents: [{ code: "still-running", message: expect.stringMatching(row.why) as string }],
      });
      expect(stopped.stdout).toContain(`remove ${file}`);
      expect(isRunning(bystander)).toBe(true);
      expect(await fixture.agent("ana")).toMatchObject({ state: "ready" });
    },
  );
});

test("an unrecorded agent of a killed holder is listed as lost, and is ended by its mark", slow, async () => {
  const fixture = makeHeldFixture();
  const file = record(fixture, startBystander(), start("1"));
  const { id } = JSON.parse(readFileSync(file, "utf8")) as ProcessRecord;
  const [marked, unmarked] = [
    startBystander({ [agentVariable]: id }),
    startBystander({ [agentVariable]: "b" }),
  ];
  await expect.poll(() => fixture.agent("ana"), patience).toMatchObject({ state: "lost" });
  expect((await fixture.gatehouse("stop", "ana")).code).toBe(0);
  expect([marked, unmarked].map(isRunning)).toEqual([false, true]);
});

test("torn and unreadable files are named with a fix, hide no agent, and end no process", slow, async () => {
  const fixture = makeHeldFixture();
  const bystander = startBystander();
  const whole = readFileSync(record(fixture, bystander, start("1")), "utf8");
  const places = heldPlaces(fixture.dataDir);
  const half = whole.slice(0, whole.indexOf("token"));
  const torn = [join(places.holders, "half.json"), join(places.groups, "b.json"), places.stateOf("c")];
  for (const file of torn) write(file, half);
  const folder = join(places.holders, "folder.json");
  mkdirSync(folder);
  mkdirSync(places.stateOf("d"));

  const files = [folder, ...torn, places.stateOf("d")];
  const listed = await fixture.gatehouse("ps");
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(/ana +claude +ended/) as string });
  expect(listed.stderr.trimEnd().split("\n").sort()).toEqual(
    files
      .map((file) => `warning: ${file} is not a complete record of an agent. fix: look at it, then remove it`)
      .sort(),
  );
  const json = JSON.parse((await fixture.gatehouse("ps", "--json")).stdout) as { torn: readonly string[] };
  expect(json).toMatchObject({ ok: true, agents: [{ member: "ana" }] });
  expect([...json.torn].sort()).toEqual([...files].sort());

  // The agents of these files may run, so not all were stopped.
  const stopped = await fixture.gatehouse("stop", "--all");
  expect(stopped).toMatchObject({ code: 1, stdout: "ana: had ended\n" });
  // Records of groups are not read while no holder has ended.
  for (const file of files.filter((it) => !it.startsWith(places.groups)))
    expect(stopped.stderr).toContain(file);
  expect(isRunning(bystander)).toBe(true);
  expect(torn.map((file) => readFileSync(file, "utf8"))).toEqual([half, half, half]);
});
