import { expect, test } from "vitest";
import { compactedText } from "./compact.ts";

test.each([
  {
    name: "the numbers of tokens that Claude Code names",
    compacted: { before: 90_000, after: 2_000 },
    said: "",
    text: "The conversation is compacted: 90,000 tokens before, 2,000 now.",
  },
  {
    name: "a compaction without numbers of tokens",
    compacted: { before: null, after: 2_000 },
    said: "",
    text: "The conversation is compacted.",
  },
  {
    name: "Claude Code's reason why nothing was done",
    compacted: null,
    said: "Error: No messages to compact",
    text: "Nothing was compacted: No messages to compact",
  },
  {
    name: "a compaction that failed without a reason",
    compacted: null,
    said: "",
    text: "Nothing was compacted: Claude Code gave no reason.",
  },
])("compactedText reports $name", ({ compacted, said, text }) =>
  expect(compactedText(compacted, said)).toBe(text),
);
