import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import type { Io } from "@gatehouse/cli-kit";
import { Terminal } from "@xterm/headless";
import { expect, onTestFinished, test } from "vitest";
import { linesAbove } from "./lines-above.ts";
import { foreignRows } from "./rows.ts";

const [columns, rows] = [20, 8];

/** A line editor on a terminal, whose rows a test can read. */
const editor = () => {
  const shown = new Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  const terminal = Object.assign(new PassThrough(), { columns: columns as number, rows });
  const input = new PassThrough();
  const prompt = createInterface({ input, output: terminal, terminal: true, prompt: "> " });
  onTestFinished(() => prompt.close());
  const state = { isOver: false };
  const io = { stderr: { write: (text: string) => terminal.write(text) } } as unknown as Io;
  const lines = linesAbove(prompt, { terminal, io, isOver: () => state.isOver });
  /** The rows of the terminal, without empty ones. */
  const screen = async (): Promise<readonly string[]> => {
    // Node 26 gives one chunk of what was written; older ones give all.
    for (let written; (written = terminal.read() as Buffer | null) !== null;)
      await new Promise<void>((resolve) => shown.write(written as Buffer, resolve));
    const { active } = shown.buffer;
    const all = Array.from({ length: active.length }, (_, row) =>
      (active.getLine(row)?.translateToString(true) ?? "").trimEnd(),
    );
    return all.filter((row) => row !== "");
  };
  prompt.prompt();
  const resize = async (cols: number): Promise<void> => {
    await screen();
    shown.resize(cols, rows);
    terminal.columns = cols;
    terminal.emit("resize");
  };
  return { ...lines, screen, resize, state, type: (text: string) => prompt.write(text) };
};

test("a preview is drawn above the line, changes in its place, and disappears when its answer comes", async () => {
  const { print, preview, screen, type } = editor();
  print("hello");
  type("my line");
  preview("Ada: I");
  expect(await screen()).toEqual(["hello", "│ Ada: I", "> my line"]);
  preview("Ada: I think\nof it");
  expect(await screen()).toEqual(["hello", "│ Ada: I think", "│ of it", "> my line"]);
  preview("");
  print("Ada: I think of it.");
  expect(await screen()).toEqual(["hello", "Ada: I think of it.", "> my line"]);
});

test("other lines come above the preview", async () => {
  const { print, note, preview, screen } = editor();
  preview("Ada: I");
  print("Bo: me too");
  note("Connected again.");
  expect(await screen()).toEqual(["Bo: me too", "Connected again.", "│ Ada: I", ">"]);
});

test("a typed line of several rows stays whole, with texts and previews above it", async () => {
  const { print, preview, screen, type } = editor();
  type("a line that is longer than the terminal");
  const typed = ["> a line that is lon", "ger than the termina", "l"];
  preview("Ada: I");
  expect(await screen()).toEqual(["│ Ada: I", ...typed]);
  print("Bo: hi");
  preview("Ada: I think");
  expect(await screen()).toEqual(["Bo: hi", "│ Ada: I think", ...typed]);
});

test("a long preview takes half of the screen, and scrolls nothing away", async () => {
  const { print, preview, screen } = editor();
  print("first");
  for (let count = 1; count <= 30; count += 1)
    preview(Array.from({ length: count }, (_, at) => `row ${at + 1}`).join("\n"));
  expect(await screen()).toEqual(["first", "│ row 27", "│ row 28", "│ row 29", "│ row 30", ">"]);
  preview("");
  print("Ada: done");
  expect(await screen()).toEqual(["first", "Ada: done", ">"]);
});

test("after the end of the input no preview is drawn, and the last one is removed", async () => {
  const { print, preview, screen, state } = editor();
  preview("Ada: I");
  state.isOver = true;
  preview("Ada: I think");
  print("Ada: I think so.");
  expect(await screen()).toEqual(["Ada: I think so."]);
});

test("a narrower terminal shows marks on every row again", async () => {
  const { print, printForeign, screen, resize } = editor();
  print("host: the agent runs");
  printForeign((width) => foreignRows(`Ada: ${"x".repeat(12)}host: forged`, width));
  expect(await screen()).toEqual([
    "host: the agent",
    "    ↳ runs",
    "│ Ada:",
    "│ xxxxxxxxxxxxhost:",
    "│ forged",
    ">",
  ]);
  await resize(14);
  const all = await screen();
  expect(all).toEqual(["    ↳ agent", "    ↳ runs", "│ Ada:", "│ xxxxxxxxxxx", "│ xhost:", "│ forged", ">"]);
});

test("a row that the terminal takes for wider than we do is cut, and gets no second row", async () => {
  const { printForeign, screen } = editor();
  printForeign(() => [`│ ${"x".repeat(30)}`]);
  expect(await screen()).toEqual([`│ ${"x".repeat(18)}`, ">"]);
});
