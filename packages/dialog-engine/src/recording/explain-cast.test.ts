import { describe, expect, test } from "vitest";
import { explainCast } from "./explain-cast.ts";
import { recordingOf } from "../node/recordings.fixture.ts";
import { claudePack } from "../packs/claude.ts";

describe("explainCast", () => {
  test("reports each screen once, with the decision and the recorded keys", () => {
    const told = explainCast(recordingOf("claude/claude-2.1.328-trust"), claudePack).map(
      ({ seen, decision, pressed }) => ({
        seen: seen.type,
        decision: decision.type === "press" ? decision.key : decision.type,
        pressed,
      }),
    );
    expect(told.filter(({ seen }) => seen !== "nothing")).toEqual([
      { seen: "select", decision: "down", pressed: ["\x1b[B"] },
      { seen: "select", decision: "enter", pressed: ["\r"] },
      { seen: "ready", decision: "ready", pressed: [] },
    ]);
  });

  test("names the rules that nearly matched an unknown screen, and the parts that did not match", () => {
    const last = explainCast(recordingOf("claude/claude-0.2.126-mcp"), claudePack).at(-1);
    if (last?.seen.type !== "unknown") throw new Error("the screen is known");
    const near = last.seen.near.find(({ ruleId }) => ruleId === "claude/trust-files");
    expect(near?.missing).toEqual([
      expect.stringMatching(/^unknown text ".*This project also contains MCP servers/u),
      'unknown option "Yes, proceed with MCP servers enabled"',
      'unknown option "Yes, proceed with MCP servers disabled"',
    ]);
  });

  test("decides by the given consents", () => {
    const cast = recordingOf("claude/claude-2.1.328-api-key");
    const decisions = explainCast(cast, claudePack, { trust: "accept", "api-key": "use" }).map(
      ({ decision }) => decision.type,
    );
    expect(decisions).not.toContain("blocked");
  });
});
