import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { readCentral } from "@gatehouse/control-plane";
import { temporaryFolder } from "@gatehouse/control-plane/testing";
import { systemCode } from "@gatehouse/std";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { spawnHost, type HostProcess } from "../up/host.fixture.ts";
import { chancesFrom } from "./random.fixture.ts";

const share = inject("shareOfCases");
const [groups, messages, kills] = share === 1 ? [8, 60, 16] : [3, 10, 4];
const seed = Number(process.env["GATEHOUSE_CHAOS_SEED"] ?? Date.now() % 1_000_000);
const options = { tags: ["slow"], timeout: 300_000 };
const { gatehouse, ncl } = inject("programs");

const run = (program: string, ...args: readonly string[]): void => {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: "" });
};

const namesOfGroups = Array.from({ length: groups }, (_, index) => `group${index}`);

/** The process ids of the containers that are recorded. */
const runnersIn = (dataDir: string): readonly number[] =>
  (existsSync(join(dataDir, "processes")) ? readdirSync(join(dataDir, "processes")) : [])
    .filter((name) => name.endsWith(".json"))
    .map(
      (name) => (JSON.parse(readFileSync(join(dataDir, "processes", name), "utf8")) as { pid: number }).pid,
    );

/** One that has ended by itself meanwhile is no matter. */
const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    expect(systemCode(error)).toBe("ESRCH");
  }
};

/** A person who sends all their messages at once, and waits for the answers over every restart. */
const chatter = (dataDir: string, group: string): Promise<readonly unknown[]> => {
  const args = ["chat", "--group", group, "--json", "--data", dataDir];
  const child = spawn(process.execPath, [gatehouse, ...args], { stdio: ["pipe", "ignore", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const texts = Array.from({ length: messages }, (_, index) => `${group} says ${index}`);
  child.stdin.end(`${texts.join("\n")}\n`);
  return once(child, "exit") as Promise<readonly unknown[]>;
};

type Answer = { readonly text: string; readonly failed: number };

/** For each message of a person, what the chat shows in answer to it. */
const answersIn = async (dataDir: string): Promise<ReadonlyMap<string, readonly Answer[]>> => {
  const read = await readCentral({ dataDir, database: null }, (db) =>
    db.selectFrom("local_messages").select(["id", "direction", "text", "in_reply_to", "failed"]).execute(),
  );
  const rows = read.ok ? (read.value ?? []) : expect.fail(read.error.message);
  const said = rows.filter(({ direction, text }) => direction === "in" && text.includes(" says "));
  return new Map(
    said.map(({ id, text }) => [
      text,
      rows
        .filter(({ in_reply_to }) => in_reply_to === id)
        .map((row) => ({ text: row.text, failed: Number(row.failed) })),
    ]),
  );
};

const what = `kill -9 of host and runners ${kills} times while ${groups} people send ${messages} messages each`;

test(
  `${what} (GATEHOUSE_CHAOS_SEED=${seed}): each is answered once, or told as failed`,
  options,
  async () => {
    const chances = chancesFrom(seed);
    const dataDir = temporaryFolder();
    run(
      gatehouse,
      "init",
      "--name",
      "group0",
      "--folder",
      "group0",
      "--owner",
      "local:ana",
      "--data",
      dataDir,
    );
    let host: HostProcess = spawnHost(dataDir);
    await host.ready();
    for (const name of namesOfGroups.slice(1))
      run(ncl, "groups", "create", "--name", name, "--folder", name, "--socket", host.socket);
    for (const name of namesOfGroups)
      run(ncl, "groups", "config", "update", name, "--provider", "echo", "--socket", host.socket);
    const talking = Promise.all(namesOfGroups.map((name) => chatter(dataDir, name)));
    // A client that never reached a host says so and ends.
    await vi.waitFor(
      async () => {
        const texts = [...(await answersIn(dataDir)).keys()];
        expect(namesOfGroups.filter((name) => !texts.some((text) => text.startsWith(name)))).toEqual([]);
      },
      { timeout: 30_000, interval: 20 },
    );
    for (let left = kills; left > 0; left -= 1) {
      // Not a wait for something: it says when the kill strikes.
      await pause(chances.below(1_500));
      const runners = runnersIn(dataDir);
      const victim = runners[chances.below(runners.length)];
      if (chances.below(2) === 0 && victim !== undefined) killGroup(victim);
      else {
        host.child.kill("SIGKILL");
        await host.ended;
        host = spawnHost(dataDir);
        await host.ready();
      }
    }
    const exits = await talking;
    const answers = await answersIn(dataDir);
    const odd = [...answers].filter(
      ([text, [first, ...others]]) =>
        others.length > 0 || first === undefined || (first.failed === 0 && first.text !== text),
    );
    expect({ seed, odd, messages: answers.size }).toEqual({ seed, odd: [], messages: groups * messages });
    const failed = [...answers.values()].some(([first]) => first?.failed === 1);
    expect(exits.map(([code]) => code).every((code) => code === 0 || (failed && code === 1))).toBe(true);
    host.child.kill("SIGTERM");
    await host.ended;
    expect(runnersIn(dataDir)).toEqual([]);
  },
);
