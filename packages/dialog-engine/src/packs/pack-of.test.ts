import { expect, test } from "vitest";
import { recordingOf } from "../node/recordings.fixture.ts";
import { packOf } from "./pack-of.ts";

test.each([
  { file: "claude/claude-2.1.328-trust", provider: "claude" },
  { file: "codex/codex-0.169.0-trust-git", provider: "codex" },
  { file: "gemini/gemini-0.61.0-trust", provider: "gemini" },
  { file: "kimi/kimi-2.1.0-trust", provider: "kimi" },
  { file: "pi/pi-1.5.2-trust", provider: "pi" },
])("reads $file with the $provider pack", ({ file, provider }) => {
  expect(packOf(recordingOf(file)).provider).toBe(provider);
});
