import { expect, test } from "vitest";
import { createProgressLines } from "./progress-lines.ts";

const step = "asked";
const provider = "claude";

test("a line a folder is drawn anew each time, no wider and higher than the terminal, and then taken away", () => {
  const written: string[] = [];
  const lines = createProgressLines({ columns: 12, rows: 3, write: (text) => written.push(text) });
  lines.show({ workspace: "/a", provider, step, text: "starts" });
  lines.show({ workspace: "/b", provider, step, text: "starts with a long text" });
  lines.show({ workspace: "/a", provider, step, text: "asks" });
  lines.show({ workspace: "/c", provider, step, text: "starts" });
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
  lines.show({ workspace: "/a\x1b[2J\n\u202e", provider, step, text: "starts" });
  expect(written).toEqual(["/a\\u{1b}[2J\\u{a}\\u{202e}  starts\n"]);
});
