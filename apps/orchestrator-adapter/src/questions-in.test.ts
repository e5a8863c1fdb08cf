import { describe, expect, test } from "vitest";
import { questionsIn } from "./questions-in.ts";

const asked = [
  ...[
    "\x1b[c",
    "\x1b[0c",
    "\x1b[>c",
    "\x1b[>0c",
    "\x1b[=c",
    "\x9bc",
    "\x1b[5n",
    "\x1b[6n",
    "\x1b[?6n",
    "\x1b[?996n",
  ],
  ...["\x1b[>0q", "\x1b[>q", "\x1b[?u", "\x1b[?2026$p", "\x1b[4$p", "\x1b[18t"],
  ...["\x1b]10;?\x07", "\x1b]11;?\x1b\\", "\x9d11;?\x9c", "\x1bP$qm\x1b\\", "\x1bP$q q\x1b\\"],
];

describe("questionsIn", () => {
  test.for(asked)("finds %j, split at any place", (question) => {
    const output = `Thinking\x1b[31m ...\r\n${question}\x1b[2K done`;
    for (let at = 0; at <= output.length; at += 1) {
      const find = questionsIn();
      expect(find(output.slice(0, at)) + find(output.slice(at))).toBe(question);
    }
  });

  test("finds each query once, in order", () => {
    const find = questionsIn();
    expect([...asked.join("text")].map(find).join("")).toBe(asked.join(""));
  });

  test.for([
    "\x1b[31mred\x1b[0m",
    "\x1b[2J\x1b[H\x1b[2147483647S",
    "\x1b[?1049h\x1b[?25l\x1b[?2026h",
    "\x1b]11;rgb:0/0/0\x07",
    "\x1b]0;a title\x07",
    "\x1b[u\x1b[2 q\x1b[22;0t",
    "[c [6n",
  ])("ignores %j", (output) => {
    expect(questionsIn()(output)).toBe("");
  });
});
