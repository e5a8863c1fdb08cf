import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explainCast, packOf } from "./explain-cast.ts";
import { parseCast, type Cast } from "./recording.ts";

const recording = (name: string): Cast => {
  const file = new URL(`../../../test-fixtures/${name}.cast`, import.meta.url);
  const cast = parseCast(readFileSync(file, "utf8"));
  if (!cast.ok) throw new Error(cast.error.message);
  return cast.value;
};

describe("explainCast", () => {
  test("tells each screen once, with the decision and the keys that were pressed on it", () => {
    const told = explainCast(recording("claude/claude-2.1.328-trust")).map(({ seen, decision, pressed }) => ({
      seen: seen.type,
      decision: decision.type === "press" ? decision.key : decision.type,
      pressed,
    }));
    expect(told.filter(({ seen }) => seen !== "nothing")).toEqual([
      { seen: "select", decision: "down", pressed: ["\x1b[B"] },
      { seen: "select", decision: "enter", pressed: ["\r"] },
      { seen: "ready", decision: "ready", pressed: [] },
    ]);
  });

  test("says of an unknown screen which rules nearly matched, and what spoke against them", () => {
    const last = explainCast(recording("claude/claude-0.2.126-mcp")).at(-1);
    if (last?.seen.type !== "unknown") throw new Error("the screen is known");
    const near = last.seen.near.find(({ ruleId }) => ruleId === "claude/trust-files");
    expect(near?.missing).toEqual([
      expect.stringMatching(/^unknown text ".*This project also contains MCP servers/u),
      'unknown option "Yes, proceed with MCP servers enabled"',
      'unknown option "Yes, proceed with MCP servers disabled"',
    ]);
  });

  test("explains with the consents it is given", () => {
    const cast = recording("claude/claude-2.1.328-api-key");
    const decisions = explainCast(cast, undefined, { trust: "accept", "api-key": "use" }).map(
      ({ decision }) => decision.type,
    );
    expect(decisions).not.toContain("blocked");
  });
});

describe("packOf", () => {
  test.each([
    { file: "claude/claude-2.1.328-trust", provider: "claude" },
    { file: "codex/codex-0.169.0-trust-git", provider: "codex" },
    { file: "gemini/gemini-0.61.0-trust", provider: "gemini" },
    { file: "kimi/kimi-2.1.0-trust", provider: "kimi" },
  ])("reads $file with the $provider pack", ({ file, provider }) => {
    expect(packOf(recording(file)).provider).toBe(provider);
  });
});
