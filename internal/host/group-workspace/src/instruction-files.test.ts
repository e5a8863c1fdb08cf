import { expect, test } from "vitest";
import { instructionFileOf } from "./instruction-files.ts";

test.for([
  ["claude", "CLAUDE.md"],
  ["qwen", "QWEN.md"],
  ["echo", "CLAUDE.md"],
  ["own:qwen", "QWEN.md"],
  ["own:nanocoder", "AGENTS.md"],
  // Names of members that each object has.
  ["own:constructor", "AGENTS.md"],
  ["toString", "CLAUDE.md"],
])("%s reads %s", ([provider = "", file]) => {
  expect(instructionFileOf(provider)).toBe(file);
});
