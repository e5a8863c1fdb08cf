import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { darwinTable, parseLsof, parsePs, type RunProgram } from "./darwin-table.ts";
import { linuxTable } from "./linux-table.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/darwin/${name}`, import.meta.url), "utf8");

const outputs: Readonly<Record<string, string>> = {
  "/bin/ps": fixture("ps.txt"),
  "/usr/sbin/lsof": fixture("lsof.txt"),
  "/usr/sbin/sysctl": fixture("bootsessionuuid.txt"),
};

describe("darwinTable, on the fixtures,", () => {
  const table = darwinTable((file) => outputs[file] ?? null);

  test.for([
    { pid: 9001, entry: { pid: 9001, group: 9001, isZombie: false, start: "Mon Nov 23 01:37:55 2026" } },
    { pid: 9002, entry: { pid: 9002, group: 9001, isZombie: false, start: "Mon Nov 23 01:37:56 2026" } },
    { pid: 9003, entry: { pid: 9003, group: 9003, isZombie: true, start: "Mon Nov 23 01:38:00 2026" } },
    { pid: 9004, entry: { pid: 9004, group: 9004, isZombie: false, start: "Thu Jan 1 00:00:09 2026" } },
    { pid: 900, entry: null },
    { pid: 2345, entry: null },
  ])("finds the process $pid", ({ pid, entry }) => {
    expect(table.find(pid)).toEqual(entry);
  });

  test("lists every process", () => {
    expect(table.all()?.map(({ pid }) => pid)).toEqual([1, 412, 9001, 9002, 9003, 9004, 12345]);
  });

  test("reads working folders, escaped letters too, and skips a process without one", () => {
    expect(table.working()).toEqual([
      { pid: 1, folder: "/" },
      { pid: 412, folder: "/private/tmp/gatehouse-x" },
      { pid: 9001, folder: "/Users/ada/Repo" },
      { pid: 9002, folder: "/Users/ada/Repo/café \\ \n" },
    ]);
  });

  test("names the boot, and no namespace", () => {
    expect([table.boot(), table.namespace()]).toEqual(["6F1D2C3B-4A59-4E68-8D77-9C0B1A2F3E4D", null]);
  });

  test("returns no data if no program can be started", () => {
    const none = darwinTable(() => null);
    expect([none.find(1), none.all(), none.boot(), none.working()]).toEqual([null, null, null, []]);
  });
});

test.for([
  { what: "a header", text: "  PID  PGID STAT STARTED" },
  { what: "an error", text: "ps: 1: Operation not permitted" },
  { what: "an incomplete line", text: "9001 9001 Ss Mon Nov 23 01:37" },
  { what: "a negative number", text: "-1 9001 Ss Mon Nov 23 01:37:55 2026" },
  { what: "an empty text", text: "" },
])("parsePs ignores $what", ({ text }) => {
  expect(parsePs(text)).toEqual([]);
});

test.for([
  { what: "a folder without a process", text: "n/x\n" },
  { what: "a process without a number", text: "pabc\nn/x\n" },
  { what: "a relative path", text: "p1\nfcwd\nnno such file\n" },
])("parseLsof ignores $what", ({ text }) => {
  expect(parseLsof(text)).toEqual([]);
});

test(
  "Linux's own ps and lsof take the same arguments, and agree with /proc",
  { tags: ["slow"] },
  ({ skip }) => {
    skip(process.platform !== "linux", "it compares with /proc");
    const run: RunProgram = (file, args) => {
      const name = file.slice(file.lastIndexOf("/") + 1);
      return execFileSync(name, args, { encoding: "utf8", env: { ...process.env, LC_ALL: "C", TZ: "UTC" } });
    };
    const [darwin, own] = [darwinTable(run), linuxTable.find(process.pid)];
    expect(darwin.find(process.pid)).toEqual({
      ...own,
      start: expect.stringMatching(/^\w{3} \w{3} \d+ [\d:]{8} \d{4}$/) as string,
    });
    expect(darwin.working()).toContainEqual({ pid: process.pid, folder: realpathSync(process.cwd()) });
  },
);
