import { expect, test } from "vitest";
import { createProgressLines } from "./progress-lines.ts";

const event = { version: 1, type: "step", provider: "claude", step: "asked" } as const;

test("a line a folder is drawn anew each time, no wider and higher than the terminal, and then taken away", () => {
  const written: string[] = [];
  const lines = createProgressLines({ columns: 12, rows: 3, write: (text) => written.push(text) });
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

test("a folder's name commands no terminal", () => {
  const written: string[] = [];
  const lines = createProgressLines({ columns: 80, rows: 24, write: (text) => written.push(text) });
  lines.show({ ...event, workspace: "/a\x1b[2J\n\u202e", text: "starts" });
  expect(written).toEqual(["/a\\u{1b}[2J\\u{a}\\u{202e}  starts\n"]);
});
