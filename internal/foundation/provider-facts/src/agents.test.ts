import { expect, test } from "vitest";
import { runnableProviders } from "./agents.ts";

test.each([
  { name: "claude", hint: "Claude Code, with models of Anthropic; needs a key. init can fetch it." },
  {
    name: "codex",
    hint: "Codex, with models of OpenAI; needs codex on the PATH of gatehouse up, and a key.",
  },
  {
    name: "gemini",
    hint: "Gemini CLI, with models of Google; needs gemini on the PATH of gatehouse up, and a key.",
  },
] as const)("the hint of $name says what init leaves to the person", ({ name, hint }) =>
  expect(runnableProviders[name].hint).toBe(hint),
);
