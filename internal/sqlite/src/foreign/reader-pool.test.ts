import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { bothRows, makeEndless, makeFile, readOf, scratchFolder } from "./foreign-file.fixture.ts";
import type { ForeignReader } from "./foreign-reader.ts";
import { foreignReader, type ForeignReaderOptions } from "./open-foreign-reader.ts";

let folder: string;
let remove: () => void;
const readers: ForeignReader[] = [];

beforeEach(() => {
  [folder, remove] = scratchFolder();
});
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.close()));
  remove();
});

const child = (): string => inject("programs")["foreign-child"];
const open = (options: ForeignReaderOptions = {}): ForeignReader => {
  const reader = foreignReader({ program: [process.execPath, child()], ...options });
  readers.push(reader);
  return reader;
};
const at = (name: string): string => join(folder, name);

/** The processes that a process has started. */
const childrenOf = (pid: number): readonly number[] =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes("gatehouse-foreign-"))
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([own, parent]) => (own !== undefined && parent === pid ? [own] : []));

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Ends in the middle of a read of a file with "crash" in its name, as libsql does on a byte of text. */
const crashing = `
  console.log("ready");
  require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
    if (JSON.parse(line).file.includes("crash")) process.abort();
    console.log(JSON.stringify({ ok: true, value: [[]] }));
  });`;

describe("beside a file that is never read to its end", () => {
  test("others are answered first, and the process is not held up", async () => {
    const deadlineMs = 4_000;
    const reader = open({ deadlineMs });
    const good = [at("a.db"), at("b.db"), at("c.db")].map((file) => makeFile(file));
    makeEndless(at("endless.db"));
    const round = async (): Promise<number> => {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      for (let time = 0; time < 20; time += 1)
        for (const answer of await Promise.all(good.map((file) => reader.read(readOf(file)))))
          expect(answer).toEqual(bothRows);
      delay.disable();
      return delay.max / 1e6;
    };
    await round();
    const order: string[] = [];
    const slow = reader
      .read(readOf(at("endless.db"), "content"))
      .then(({ ok }) => order.push(`endless ${ok}`));
    await round();
    order.push("others");
    await slow;
    expect(order).toEqual(["others", "endless false"]);
  });

  test("a second read of it waits for the first, and the first of another does not", async () => {
    const reader = open({ deadlineMs: 4_000 });
    makeEndless(at("endless.db"));
    const order: string[] = [];
    const read = (name: string, file: string): Promise<unknown> =>
      reader.read(readOf(file, "content")).then(() => order.push(name));
    await reader.read(readOf(makeFile(at("good.db"))));
    await Promise.all([
      read("1", at("endless.db")),
      read("2", at("endless.db")),
      read("good", at("good.db")),
    ]);
    expect(order).toEqual(["good", "1", "2"]);
  });

  test("more such files at once than there are children", async () => {
    const reader = open({ deadlineMs: 300 });
    const bad = Array.from({ length: 8 }, (_, number) => at(`endless-${number}.db`));
    for (const file of bad) makeEndless(file);
    const all = bad.map((file) => reader.read(readOf(file, "content")));
    expect(await reader.read(readOf(makeFile(at("good.db"))))).toEqual(bothRows);
    for (const answer of await Promise.all(all))
      expect(answer).toMatchObject({ error: { code: "too-slow" } });
  });

  test("changed all the time, such files wait for one another, and nobody for them", async () => {
    const reader = open({ deadlineMs: 1_000 });
    const good = makeFile(at("good.db"));
    const bad = Array.from({ length: 3 }, (_, number) => at(`endless-${number}.db`));
    for (const file of bad) makeEndless(file);
    for (const answer of await Promise.all(bad.map((file) => reader.read(readOf(file, "content")))))
      expect(answer).toMatchObject({ error: { code: "too-slow" } });
    // Children that were ended are there again.
    await reader.read(readOf(good));
    for (const file of bad) utimesSync(file, 1, 1);
    const order: string[] = [];
    const again = bad.map((file) => reader.read(readOf(file, "content")).then(() => order.push("bad")));
    for (let time = 0; time < 20; time += 1) expect(await reader.read(readOf(good))).toEqual(bothRows);
    order.push("good");
    await Promise.all(again);
    expect(order[0]).toBe("good");
  });
});

describe("a child that ends in the middle of a read", () => {
  test("costs that read alone, until the file changes", async () => {
    writeFileSync(at("child.cjs"), crashing);
    const reader = open({ program: [process.execPath, at("child.cjs")] });
    writeFileSync(at("crash.db"), "");
    const names = ["a.db", "crash.db", "b.db", "c.db", "d.db"];
    const answers = await Promise.all(names.map((name) => reader.read(readOf(at(name)))));
    expect(answers.map((answer) => (answer.ok ? "ok" : answer.error.code))).toEqual(
      names.map((name) => (name === "crash.db" ? "crashed" : "ok")),
    );
    const again = expect.stringContaining("not read again until it changes");
    expect(await reader.read(readOf(at("crash.db")))).toMatchObject({
      error: { code: "crashed", detail: again },
    });
    truncateSync(at("crash.db"), 10);
    expect(await reader.read(readOf(at("crash.db")))).toMatchObject({
      error: { code: "crashed", detail: expect.stringContaining("SIGABRT") },
    });
  });

  test.each([
    ["is not there", ["/nowhere/at/all"] as const],
    ["ends at once", [process.execPath, "-e", "process.exitCode = 3"] as const],
  ])("a program that %s is an answer too", async (_name, program) => {
    const reader = open({ program: [...program] });
    expect(await reader.read(readOf(makeFile(at("good.db"))))).toMatchObject({
      error: { code: "crashed", detail: expect.stringContaining("could not be started") },
    });
  });
});

describe("children end", () => {
  test("with `close`, which answers what still waits", async () => {
    // Another test file of this process may have a reader that goes on.
    const others = childrenOf(process.pid);
    const reader = open({ deadlineMs: 60_000 });
    makeEndless(at("endless.db"));
    await reader.read(readOf(makeFile(at("good.db"))));
    const reads = [1, 2, 3].map(() => reader.read(readOf(at("endless.db"), "content")));
    const children = childrenOf(process.pid).filter((pid) => !others.includes(pid));
    expect(children.length).toBeGreaterThan(0);
    await reader.close();
    expect(children.filter(isRunning)).toEqual([]);
    for (const answer of await Promise.all(reads)) expect(answer).toMatchObject({ ok: false });
    expect(await reader.read(readOf(at("good.db")))).toMatchObject({ error: { code: "closed" } });
  });

  test("with a host that is killed in the middle of a read without end", { tags: ["slow"] }, async () => {
    makeEndless(at("endless.db"));
    const args = [inject("programs")["foreign-host"], child(), makeFile(at("good.db")), at("endless.db")];
    const host = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    await once(host.stdout, "data");
    const children = childrenOf(host.pid ?? 0);
    expect(children.length).toBeGreaterThan(1);
    host.kill("SIGKILL");
    await expect.poll(() => children.filter(isRunning), { timeout: 20_000 }).toEqual([]);
  });
});
