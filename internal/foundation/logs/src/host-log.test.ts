import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { logFileIn, openHostLog, readLog, shownLine } from "./index.ts";

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "gatehouse-log-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

/** Reads the last lines of a file. */
const linesOf = async (file: string, most: number): Promise<readonly string[]> => {
  const { lines, close } = await readLog(file, most);
  await close();
  return lines;
};

const eventsIn = (lines: readonly string[]): readonly unknown[] =>
  lines.map((line) => (JSON.parse(line) as { readonly event: unknown }).event);

describe("the host's log", () => {
  test("writes a line of JSON for each event, readable only by its owner, and continues after a restart", async () => {
    const dataDir = folder();
    const first = openHostLog(dataDir);
    first.event("message-taken", { session: "se-1", tries: 0 });
    first.close();
    const second = openHostLog(dataDir);
    second.error(new Error("no room"));
    second.close();
    const lines = await linesOf(logFileIn(dataDir), 10);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      pid: process.pid,
      session: "se-1",
      tries: 0,
      event: "message-taken",
    });
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ level: "error", err: { message: "no room" } });
    expect(statSync(logFileIn(dataDir)).mode & 0o777).toBe(0o600);
  });

  test("writes nothing more once it is closed, also to what has its descriptor by then", () => {
    const dataDir = folder();
    const other = join(dataDir, "other");
    const log = openHostLog(dataDir);
    log.close();
    // The system gives it the lowest free number, which was the log's.
    const descriptor = openSync(other, "w");
    log.event("message-taken");
    log.close();
    expect(writeSync(descriptor, "its own")).toBe(7);
    closeSync(descriptor);
    expect(readFileSync(other, "utf8")).toBe("its own");
    expect(readFileSync(logFileIn(dataDir), "utf8")).toBe("");
  });

  test("begins a new file when it is large, and keeps a number of older files", async () => {
    const dataDir = folder();
    const log = openHostLog(dataDir, { maxBytes: 300, kept: 2 });
    for (let number = 0; number < 40; number += 1) log.event("message-taken", { number });
    log.close();
    expect(readdirSync(dataDir).sort()).toEqual(["host.log", "host.log.1", "host.log.2"]);
    for (const name of ["host.log.1", "host.log.2"])
      expect(readFileSync(join(dataDir, name), "utf8").length).toBeLessThan(500);
    const [newest, older] = await Promise.all(
      ["host.log", "host.log.1"].map((name) => linesOf(join(dataDir, name), 1)),
    );
    const last = newest?.[0] ?? older?.[0] ?? "";
    expect(JSON.parse(last)).toMatchObject({ number: 39 });
  });

  test("reads older files if the newest has too few lines", async () => {
    const dataDir = folder();
    const log = openHostLog(dataDir, { maxBytes: 300, kept: 2 });
    let number = 0;
    while (!readdirSync(dataDir).includes("host.log.2")) log.event(`event-${(number += 1)}`);
    log.event("last");
    log.close();
    const all = [...Array.from({ length: number }, (_, index) => `event-${index + 1}`), "last"];
    expect(eventsIn(await linesOf(logFileIn(dataDir), 100))).toEqual(all);
    expect(eventsIn(await linesOf(logFileIn(dataDir), 4))).toEqual(all.slice(-4));
  });

  test("has no lines before the first event", async () =>
    expect(await linesOf(logFileIn(folder()), 5)).toEqual([]));

  test("returns each new line once when followed, also those of a new file", async () => {
    const dataDir = folder();
    const log = openHostLog(dataDir, { maxBytes: 2_000, kept: 1 });
    log.event("before");
    const seen: string[] = [];
    const stop = new AbortController();
    const read = await readLog(logFileIn(dataDir), 10);
    const following = read.follow((line) => void seen.push(line), stop.signal);
    log.event("first");
    await expect.poll(() => eventsIn(seen)).toEqual(["first"]);
    for (let number = 0; number < 25; number += 1) {
      log.event(`event-${number}`);
      await expect.poll(() => eventsIn(seen).at(-1)).toBe(`event-${number}`);
    }
    expect(new Set(seen).size).toBe(26);
    expect(readdirSync(dataDir)).toContain("host.log.1");
    stop.abort();
    await following;
    await read.close();
    log.close();
  });
});

// A full disk is simulated by a limit on the file's size; prlimit removes the limit again.
test("the host's log loses lines on a full disk, and the next line that fits has their number", () => {
  const dataDir = folder();
  const troubles: string[] = [];
  const log = openHostLog(dataDir, { trouble: (code) => troubles.push(code) });
  const limit = (bytes: string): void => {
    const limited = spawnSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:unlimited`]);
    expect(limited.status).toBe(0);
  };
  onTestFinished(() => limit("unlimited"));
  log.event("before");
  // A part of the next line fits.
  limit(String(statSync(logFileIn(dataDir)).size + 20));
  for (const event of ["one", "two", "three"]) log.event(event);
  limit("unlimited");
  log.event("after");
  log.event("later");
  log.close();
  expect(troubles).toEqual(["EFBIG"]);
  const lines = readFileSync(logFileIn(dataDir), "utf8").split("\n").filter(Boolean);
  const torn = lines.splice(1, 1);
  expect(torn.join()).toHaveLength(20);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { event: "before" },
    { event: "log-lines-lost", lines: 3, level: "warn" },
    { event: "after" },
    { event: "later" },
  ]);
});

test("readLog follows a log without a gap if several files are begun between two reads", async () => {
  const dataDir = folder();
  const log = openHostLog(dataDir, { maxBytes: 400, kept: 3 });
  log.event("before");
  const read = await readLog(logFileIn(dataDir), 10);
  // Three files are full before the first read: the file that was open is host.log.3 by then.
  let number = 0;
  while (!readdirSync(dataDir).includes("host.log.3")) log.event(`event-${(number += 1)}`);
  log.event("last");
  const seen: string[] = [];
  const stop = new AbortController();
  const following = read.follow((line) => void seen.push(line), stop.signal);
  const all = [...Array.from({ length: number }, (_, index) => `event-${index + 1}`), "last"];
  await expect.poll(() => eventsIn(seen).length).toBeGreaterThanOrEqual(all.length);
  expect(eventsIn(seen)).toEqual(all);
  stop.abort();
  await following;
  await read.close();
  log.close();
});

describe("shownLine", () => {
  test.for([
    {
      line: `{"level":"info","time":"T","pid":1,"event":"message-taken","session":"se-1","why":"a b"}`,
      shown: `T message-taken session=se-1 why="a b"`,
    },
    { line: "torn {", shown: "torn {" },
    { line: `{"time":"T","event":"a\\u001b[2Jb"}`, shown: "T a\\u{1b}[2Jb" },
  ])("formats a line as $shown", ({ line, shown }) => expect(shownLine(line)).toBe(shown));
});
