import { fail, ok } from "@gatehouse/std";
import { describe, expect, test, vi } from "vitest";
import { chatMessage, fakeAgentSide } from "../agent-side.fixture.ts";
import type { Provider, ServerState } from "../provider.ts";
import { loopWith } from "./loop.fixture.ts";

const until = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 1 });

const failed: ServerState = { name: "weather", failure: "not-found" };

/** A loop whose provider follows MCP servers, and what was reported. */
const following = (side = fakeAgentSide()) => {
  let report: (state: ServerState) => void = () => {};
  const provider: Provider = {
    name: "following",
    stop: () => {},
    start: () => Promise.resolve(ok(null)),
    turn: () => Promise.resolve(ok({ answers: [], conversation: null })),
    servers: { listen: (listener) => void (report = listener) },
  };
  const { loop } = loopWith({ provider, side });
  const contents = () => side.sent.map(({ content }) => content);
  return { side, loop, contents, report: (state: ServerState): void => report(state) };
};

const reported = { report: "mcp-server-failed", server: "weather", why: "not-found" };

describe("an MCP server", () => {
  test("that fails in each turn is reported once, also by the next agent of the session", async () => {
    const first = following();
    for (const again of [failed, failed]) first.report(again);
    await until(() => expect(first.side.state.get("mcp-servers-failed")).toEqual({ weather: "not-found" }));
    await first.loop.stop();
    const next = following(first.side);
    next.report(failed);
    next.report({ name: "notes", failure: "ended" });
    await until(() => expect(next.contents()).toHaveLength(2));
    expect(next.contents()).toEqual([reported, { ...reported, server: "notes", why: "ended" }]);
    expect(next.side.sent[0]).toMatchObject({ kind: "system", inReplyTo: null });
  });

  test("that has worked in between is reported anew", async () => {
    const { side, contents, report } = following();
    report(failed);
    report({ name: "weather", failure: null });
    await until(() => expect(side.state.get("mcp-servers-failed")).toEqual({}));
    expect(contents()).toEqual([reported]);
    report({ name: "weather", failure: "silent" });
    await until(() => expect(contents()).toHaveLength(2));
  });
});

test("a lost conversation is reported, and the agent reads it in its prompt", async () => {
  const side = fakeAgentSide();
  side.state.set("continuation:forgetful", "c-1");
  const notes: unknown[] = [];
  let conversation: string | null = null;
  const provider: Provider = {
    name: "forgetful",
    stop: () => {},
    start: async (kept) => {
      conversation = kept;
      return ok(null);
    },
    turn: async (prompt) => {
      if (conversation !== null) return fail({ code: "invalid-conversation", message: "No such session." });
      notes.push(...prompt.notes);
      return ok({ answers: [{ text: "Hello", inReplyTo: "m-1" }], conversation: "c-2" });
    },
  };
  loopWith({ provider, side });
  side.put(chatMessage("m-1", "hello"));
  await until(() => expect(side.sent).toHaveLength(2));
  expect(side.sent).toMatchObject([
    { kind: "system", inReplyTo: "m-1", content: { report: "conversation-lost" } },
    { inReplyTo: "m-1", content: { text: "Hello" } },
  ]);
  expect(notes).toEqual([expect.stringContaining("is lost")]);
});
