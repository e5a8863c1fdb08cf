// @module-tag rest
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { driveDialogs } from "../drive/drive-dialogs.ts";
import type { DriveResult } from "../drive/drive-types.ts";
import type { Key } from "../drive/keys.ts";
import { claudePack } from "../packs/claude.ts";
import { openPty } from "./open-pty.ts";
import { systemClock } from "./system-clock.ts";

type Row = {
  /** A file of test-fixtures/programs/hostile. Its header describes its behaviour. */
  readonly program: string;
  readonly ends: string;
  readonly keys: readonly Key[] | "arrows only";
};

const unknown = "unknown-dialog claude/unknown";

const rows: readonly Row[] = [
  { program: "other-path", ends: unknown, keys: [] },
  { program: "extra-consent", ends: unknown, keys: [] },
  { program: "widened-sentence", ends: unknown, keys: [] },
  { program: "doubled", ends: unknown, keys: [] },
  { program: "quoted-above", ends: unknown, keys: [] },
  { program: "quoted-above-frame", ends: unknown, keys: [] },
  { program: "quoted-below", ends: unknown, keys: [] },
  { program: "footer-anchors", ends: unknown, keys: [] },
  { program: "second-question", ends: unknown, keys: ["down", "enter"] },
  { program: "second-folder", ends: unknown, keys: ["down", "enter"] },
  { program: "second-wording", ends: "consent-needed claude/trust-files", keys: ["down", "enter"] },
  { program: "late", ends: "ready", keys: [] },
  { program: "two-pointers", ends: unknown, keys: [] },
  { program: "concealed-pointer", ends: "unknown-dialog claude/unknown", keys: [] },
  { program: "same-colour-pointer", ends: "unknown-dialog claude/unknown", keys: [] },
  { program: "wide", ends: unknown, keys: [] },
  { program: "homoglyphs", ends: unknown, keys: [] },
  { program: "zero-width", ends: unknown, keys: [] },
  { program: "right-to-left", ends: unknown, keys: [] },
  { program: "overlong-label", ends: unknown, keys: [] },
  { program: "alternate-screen", ends: unknown, keys: [] },
  { program: "scroll-region", ends: unknown, keys: [] },
  { program: "head-scrolled-away", ends: unknown, keys: [] },
  // A busy machine may stop the program for a moment. One of its two questions then stays on the screen.
  { program: "storm", ends: "timeout", keys: "arrows only" },
  { program: "flood", ends: "ready", keys: ["down", "enter"] },
  { program: "queries", ends: unknown, keys: [] },
  { program: "reordered", ends: "timeout", keys: "arrows only" },
  { program: "restless-pointer", ends: "timeout", keys: "arrows only" },
  { program: "renamed", ends: unknown, keys: ["down"] },
  { program: "partial-redraw", ends: unknown, keys: ["down"] },
  { program: "split-frames", ends: "ready", keys: ["down", "enter"] },
];

const programs = fileURLToPath(new URL("../../../../test-fixtures/programs/hostile/", import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), "hostile-")));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Starts the program in the named folder with consent to trust it. Returns the outcome within `ms`, and the keys.
 * `onOutput` is called with each piece of output.
 */
const run = async (
  program: string,
  ms: number,
  onOutput?: (output: { readonly data: string; readonly hasPressed: boolean }) => void,
): Promise<{ readonly ends: string; readonly keys: readonly Key[] }> => {
  const opened = await openPty({
    file: process.execPath,
    args: [join(programs, `${program}.mjs`)],
    cwd: folder,
    env: { PATH: process.env["PATH"], TERM: "xterm-256color" },
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const terminal = opened.value;
  const ended = new Promise<void>((resolve) => terminal.onExit(() => resolve()));
  const keys: Key[] = [];
  const result = await driveDialogs({
    terminal,
    clock: systemClock,
    pack: claudePack,
    consents: { trust: "accept" },
    folder: { path: folder },
    until: "ready",
    limits: { phaseMs: ms, totalMs: ms },
    onEvent: (event) => {
      if (event.type === "key") keys.push(event.key);
      if (event.type === "output") onOutput?.({ data: event.data, hasPressed: keys.length > 0 });
    },
  });
  terminal.kill();
  await ended;
  return { ends: endingOf(result), keys };
};

const endingOf = (result: DriveResult): string =>
  result.outcome === "blocked" ? `${result.code} ${result.dialog}` : result.outcome;

/**
 * Reduces successive arrows to the first one. A busy machine may stop a program for a moment; the engine then presses a
 * seemingly lost arrow again, and later undoes the extra move.
 */
const withoutRetries = (keys: readonly Key[]): readonly Key[] =>
  keys.filter((key, index) => key === "enter" || index === 0 || keys[index - 1] === "enter");

describe("0 wrong keys on hostile screens", () => {
  test("has a row for every program", () => {
    const files = readdirSync(programs).filter((file) => file !== "screen.mjs");
    expect(rows.map(({ program }) => `${program}.mjs`).sort()).toEqual(files.sort());
  });

  test.concurrent.each(rows)(
    "$program: $ends, $keys",
    { tags: ["slow"] },
    async ({ program, ends, keys }) => {
      // A busy machine may need long for two megabytes of text. An expected timeout can be short.
      const ran = await run(program, ends === "timeout" ? 6_000 : 60_000);
      if (keys === "arrows only") expect(ran.keys).not.toContain("enter");
      else expect(withoutRetries(ran.keys)).toEqual(keys);
      expect(ran.ends).toBe(ends);
    },
  );

  // Node runs a timer that is due before it reads what arrived, unless it was stopped while it ran timers. 600 ms is
  // longer than a pointer must rest. On a busy machine the program itself may let its pointer rest so long: soak.
  test(
    "a process that was stopped reads what the program drew meanwhile before it presses a key",
    { tags: ["soak"] },
    async () => {
      let stops = 0;
      const { keys } = await run("restless-pointer", 6_000, ({ data, hasPressed }) => {
        const isOnYes = data.includes("❯ Yes") && !data.includes("❯ No");
        if (!isOnYes || !hasPressed || stops === 5) return;
        stops += 1;
        setTimeout(() => setImmediate(() => stopProcess(600)), 30);
      });
      expect(stops).toBeGreaterThan(1);
      expect(keys).not.toContain("enter");
    },
  );
});

/** Stops this whole process for so many ms, as a busy machine or a signal does. */
const stopProcess = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};
