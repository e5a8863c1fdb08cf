import { readFileSync } from "node:fs";
import { ok } from "@gatehouse/std";
import { expect, test } from "vitest";
import { promptOf, turnTools } from "../provider.fixture.ts";
import type { CodexProgram } from "./codex-program.ts";
import { readFrame } from "./frames.ts";
import { runTurn } from "./run-turn.ts";

const recorded = new URL(
  "../../../../test-fixtures/codex/codex-0.171.0-reconnect.app-server.jsonl",
  import.meta.url,
);

/** A Codex that answers each turn with the recording. */
const replay = (): CodexProgram => {
  let listener: Parameters<CodexProgram["listen"]>[0] = null;
  return {
    listen: (next) => (listener = next),
    call: (method) => {
      if (method === "turn/start")
        for (const line of readFileSync(recorded, "utf8").trim().split("\n")) listener?.(readFrame(line));
      return Promise.resolve(ok({}));
    },
    send: () => {},
    kill: () => {},
    isRunning: () => true,
    exited: new Promise(() => {}),
  };
};

test("a turn goes on over a stream that broke, and shows no text of that stream again", async () => {
  const tools = turnTools();
  const turn = {
    prompt: promptOf("go"),
    tools,
    threadId: "t",
    text: "go",
    record: { thread: null, allowed: [] },
    keepRecord: () => Promise.resolve(),
  };
  expect(await runTurn(replay(), turn)).toEqual(ok("First half. Second half."));
  expect(tools.shown).toEqual(["First half. ", "First half. ", "First half. Second half."]);
});
