import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, test, vi } from "vitest";
import { chatMessage } from "../agent-side.fixture.ts";
import { loopWith } from "../loop/loop.fixture.ts";
import { say, turnTools } from "../provider.fixture.ts";
import { fakeAcp } from "./acp.fixture.ts";

/** No process of the group runs. A zombie does not run: in a container without an init it stays. */
const isGone = (group: number): boolean =>
  spawnSync("ps", ["-eo", "pgid=,stat="], { encoding: "utf8" })
    .stdout.split("\n")
    .every((line) => !new RegExp(`^ *${group} +[^Z ]`).test(line));

describe("a turn of an ACP agent", () => {
  test("is cancelled by a person's interrupt, and the session goes on", async () => {
    const agent = fakeAcp();
    const [provider, tools] = [agent.provider(), turnTools()];
    const cut = say(provider, "wait", tools);
    const pid = await agent.waits();
    tools.abort.abort("interrupt");
    expect(await cut).toMatchObject({ message: "The turn was interrupted." });
    expect(isGone(pid)).toBe(false);
    expect(await say(provider, "again", turnTools(), "b-2")).toEqual(["you said: again"]);
    expect(agent.noted("new")).toHaveLength(1);
  });

  test.each([
    { reason: null, ends: ["you said: hello"] },
    { reason: "no money", ends: { code: "failed", message: "no money" } },
  ])("that the agent ended as if all were well has failed if its record says so: $reason", async (row) => {
    const asked: unknown[] = [];
    const turnError = (_: unknown, { last }: { readonly last: string }): Promise<string | null> => {
      asked.push(last);
      return Promise.resolve(row.reason);
    };
    const agent = fakeAcp({ facts: { turnError } });
    expect(await say(agent.provider(), "hello")).toEqual(row.ends);
    expect(asked).toEqual(["you said: hello"]);
  });

  test("is killed with an agent that ignores the interrupt, and the next turn resumes", async () => {
    const agent = fakeAcp();
    const [provider, tools] = [agent.provider(), turnTools()];
    const cut = say(provider, "deaf", tools);
    const pid = await agent.waits();
    tools.abort.abort("interrupt");
    await cut;
    expect(isGone(pid)).toBe(true);
    expect(await say(provider, "again", turnTools(), "b-2")).toEqual(["you said: again"]);
    expect(agent.noted("resume")).toHaveLength(1);
  });

  test("ends at once with its whole process group if the runner stops", async () => {
    const agent = fakeAcp();
    const [provider, tools] = [agent.provider(), turnTools()];
    const cut = say(provider, "wait", tools);
    const pid = await agent.waits();
    tools.abort.abort("stop");
    await cut;
    provider.stop();
    await vi.waitUntil(() => isGone(pid));
  });

  test("leaves no program of the agent running after the agent exits", async () => {
    const agent = fakeAcp();
    const cut = say(agent.provider(), "wait");
    const pid = await agent.waits();
    process.kill(pid, "SIGKILL");
    await cut;
    await vi.waitUntil(() => isGone(pid));
  });

  test("fails as interrupted after /stop, with one answer to its sender", async () => {
    const agent = fakeAcp();
    const { side } = loopWith({ provider: agent.provider() });
    side.put(chatMessage("m-1", "wait"));
    await agent.waits();
    side.put(chatMessage("m-2", "/stop"));
    await vi.waitUntil(() => side.sent.length > 0);
    expect(side.statuses.get("m-1")).toMatchObject({ status: "failed", reason: "Interrupted by /stop." });
    expect(side.texts()).toEqual(["Stopped. The conversation goes on with your next message."]);
  });
});

describe("a failed turn of an ACP agent", () => {
  test.each([
    { text: "silent", error: { code: "failed", message: /ended the turn without a word/ } },
    { text: "refuse", error: { code: "failed", message: /^The agent refused to answer.$/ } },
    {
      text: "ends refusal I may not",
      error: { code: "failed", message: /^The agent refused to answer. It said: I may not$/ },
    },
    {
      text: "ends cancelled not now",
      error: { code: "failed", message: /^The agent ended the turn by itself. It said: not now$/ },
    },
    {
      text: "ends max_tokens",
      error: { code: "failed", message: /limit of tokens before it had an answer/ },
    },
    {
      text: "toolends max_turn_requests",
      error: { code: "failed", message: /limit of requests in one turn before it had an answer/ },
    },
    { text: "long", error: { code: "failed", message: /^The agent wrote a line of more than 32 MiB/ } },
    {
      text: "nothing",
      error: { code: "failed", message: /^The agent answered session\/prompt with no object, which/ },
    },
    { text: "malformed no network", error: { code: "failed", message: /^no network$/ } },
    { text: "fail your day is used up", error: { code: "failed", message: "your day is used up" } },
    {
      text: 'fail {"error":{"code":402,"message":"pay first"}}',
      error: { code: "failed", message: /^pay first$/ },
    },
    {
      text: "fail terminated",
      error: { code: "failed", message: "^The vendor's answer broke off. Send the message again.$" },
    },
    { text: "fail terminated by you", error: { code: "failed", message: "^terminated by you$" } },
    { text: "detail no tool", error: { code: "failed", message: /^no tool$/ } },
    {
      text: 'detail 402 {"type":"error","error":{"type":"x","message":"pay first"}}',
      error: { code: "failed", message: /^pay first$/ },
    },
    { text: 'detail 402 {"no": "error"}', error: { code: "failed", message: /^402 \{"no": "error"\}$/ } },
    { text: "exit no memory", error: { code: "unavailable", message: /exited \(3\): no memory$/ } },
  ])("names the error of $text", async ({ text, error: { code, message } }) => {
    const named = expect.objectContaining({ code, message: expect.stringMatching(message) as string });
    expect(await say(fakeAcp().provider(), text)).toEqual(named);
  });

  test.each([
    { says: "402 pay first", error: "pay first" },
    { says: "529 busy\nnow", error: "busy\nnow" },
    { says: "402", error: null },
    { says: "302 elsewhere", error: null },
    { says: "4021 lines fail", error: null },
    { says: "the tests fail", error: null },
    { says: "see 402 pay first", error: null },
  ])(
    "of an agent that tells errors as its own text has the words of $says: $error",
    async ({ says, error }) => {
      const told = await say(fakeAcp({ facts: { errorPrefix: "you said:" } }).provider(), says);
      expect(told).toEqual(error === null ? [`you said: ${says}`] : { code: "failed", message: error });
    },
  );

  test("is no piece in the middle of a text, and no text of several pieces", async () => {
    const facts = { errorPrefix: "Error:" };
    expect(await say(fakeAcp({ facts }).provider(), "Error: 402 pay first")).toEqual([
      "you said: Error: 402 pay first",
    ]);
    expect(await say(fakeAcp({ facts }).provider(), "split Error: 404 means that a page is missing")).toEqual(
      ["Error: 404 means that a page is missing"],
    );
  });

  test("has the words of an agent that ends its text with an error, without its status", async () =>
    expect(
      await say(fakeAcp({ facts: { errorPrefix: "Error:" } }).provider(), "notices I look"),
    ).toMatchObject({ code: "failed", message: "pay first" }));

  test.each([
    { reason: "max_tokens", limit: "its limit of tokens" },
    { reason: "max_turn_requests", limit: "its limit of requests in one turn" },
  ])("has the words of an answer that $limit cut, and says so", async ({ reason, limit }) =>
    expect(await say(fakeAcp().provider(), `ends ${reason} half a`)).toEqual([
      `half a\n\n(The agent reached ${limit}: its answer ends here.)`,
    ]),
  );

  test.each([
    { lacks: "introduction", says: "The agent answered initialize with no protocolVersion" },
    { lacks: "session", says: "The agent answered session/new with no sessionId" },
  ])("names an answer without what the protocol needs: $lacks", async ({ lacks, says }) =>
    expect(await say(fakeAcp({ lacks }).provider(), "hello")).toEqual({
      code: "failed",
      message: `${says}, which the Agent Client Protocol needs.`,
    }),
  );

  test("names the agent's other version of the protocol", async () =>
    expect(await say(fakeAcp({ lacks: "version" }).provider(), "hello")).toMatchObject({
      message: "The agent speaks version 9 of the Agent Client Protocol, not 1.",
    }));
});
