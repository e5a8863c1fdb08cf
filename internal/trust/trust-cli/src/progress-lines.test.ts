import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { PreflightReport } from "@trust/preflight";
import { createProgressLines } from "./progress-lines.ts";

const event = { version: 1, type: "step", provider: "claude", step: "asked" } as const;

test("redraws one line per folder, within the terminal's size, and erases them at the end", () => {
  const written: string[] = [];
  const lines = createProgressLines(
    { isTTY: true, columns: 12, rows: 3, write: (text) => written.push(text) },
    1,
  );
  lines.show({ ...event, workspace: "/a", text: "starts" });
  lines.show({ ...event, workspace: "/b", text: "starts with a long text" });
  lines.show({ ...event, workspace: "/a", text: "asks" });
  lines.show({ ...event, workspace: "/c", text: "starts" });
  lines.clear();
  lines.clear();
  expect(written).toEqual([
    "/a  starts\n",
    "\x1b[1A\x1b[0J",
    "/a  starts\n/b  starts \n",
    "\x1b[2A\x1b[0J",
    "/a  asks\n/b  starts \n",
    "\x1b[2A\x1b[0J",
    "/b  starts \n/c  starts\n",
    "\x1b[2A\x1b[0J",
  ]);
});

test("cuts nothing on a terminal without a known size", () => {
  const written: string[] = [];
  const output = { isTTY: true, columns: 0, rows: 0, write: (text: string) => written.push(text) };
  createProgressLines(output, 1).show({ ...event, workspace: "/a", text: "starts" });
  expect(written).toEqual(["/a  starts\n"]);
});

test("escapes control characters in a folder's name", () => {
  const written: string[] = [];
  const lines = createProgressLines(
    { isTTY: true, columns: 80, rows: 24, write: (text) => written.push(text) },
    1,
  );
  lines.show({ ...event, workspace: "/a\x1b[2J\n\u202e", text: "starts" });
  expect(written).toEqual(["/a\\u{1b}[2J\\u{a}\\u{202e}  starts\n"]);
});

/** The progress of four folders on this kind of output, with a clock that the test moves. */
const batchOn = (isTTY: boolean) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const written: string[] = [];
  const output = { isTTY, columns: 80, rows: 24, write: (text: string) => written.push(text) };
  return { written, lines: createProgressLines(output, 4) };
};

type Result = PreflightReport["results"][number];

const reportOf = (...results: readonly Pick<Result, "status" | "launch">[]): PreflightReport => ({
  version: 1,
  ok: true,
  results: results as Result[],
});

describe("a batch", () => {
  test("shows on a terminal the number of finished folders and the seconds, also without events", () => {
    const { written, lines } = batchOn(true);
    lines.show({ ...event, workspace: "/a", step: "done", text: "trusted" });
    vi.advanceTimersByTime(2_000);
    lines.clear();
    vi.advanceTimersByTime(2_000);
    expect(written.filter((text) => !text.startsWith("\x1b"))).toEqual([
      "/a  trusted\n1 of 4 folders done, 0.0 s\n",
      "/a  trusted\n1 of 4 folders done, 1.0 s\n",
      "/a  trusted\n1 of 4 folders done, 2.0 s\n",
    ]);
    expect(written.at(-1)).toBe("\x1b[2A\x1b[0J");
  });

  test("counts a folder for which nothing was started, and prints no line for it", () => {
    const { written, lines } = batchOn(true);
    const result = { workspace: "/a", provider: "claude" } as Result;
    lines.show({ version: 1, type: "result", result });
    expect(written).toEqual(["1 of 4 folders done, 0.0 s\n"]);
    lines.clear();
  });

  test("prints the count every 10 s without a terminal, and nothing in between", () => {
    const { written, lines } = batchOn(false);
    for (const step of ["starting", "asked", "done"] as const)
      lines.show({ ...event, workspace: "/a", step, text: step });
    lines.show({ ...event, workspace: "/b", step: "done", text: "trusted" });
    vi.advanceTimersByTime(9_999);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1);
    lines.clear();
    vi.advanceTimersByTime(20_000);
    expect(written).toEqual(["2 of 4 folders done, 10.0 s\n"]);
  });

  test("closes with the number of each outcome, in the order of the folders", () => {
    const { lines } = batchOn(false);
    vi.advanceTimersByTime(4_120);
    lines.clear();
    const launch = { args: ["-c", "x"], env: {}, settings: {} };
    const closing = lines.closing(
      reportOf(
        { status: "blocked" },
        { status: "trusted" },
        { status: "not-needed", launch },
        { status: "trusted" },
      ),
    );
    expect(closing).toBe("4 folders in 4.1 s: 1 blocked, 2 trusted, 1 start as shown.\n");
  });

  test("of one folder has no closing line, since the report has the same", () => {
    const { lines } = batchOn(false);
    lines.clear();
    expect(lines.closing(reportOf({ status: "trusted" }))).toBe("");
  });
});
