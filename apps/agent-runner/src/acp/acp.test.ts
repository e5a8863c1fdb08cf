import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { tempFolder } from "@gatehouse/socket-server/testing";
import { describe, expect, test, vi } from "vitest";
import type { ProviderError, ServerState } from "../provider.ts";
import { promptOf, say, toolProgram, turnTools } from "../provider.fixture.ts";
import { copilot } from "./copilot.ts";
import { fakeAcp } from "./acp.fixture.ts";

describe("an agent of the Agent Client Protocol", () => {
  test("answers turn after turn in one process and one session", async () => {
    const agent = fakeAcp();
    const provider = agent.provider();
    await provider.start(null);
    expect(await say(provider, "hello")).toEqual(["you said: hello"]);
    expect(await say(provider, "again")).toEqual(["you said: again"]);
    expect(agent.noted("new")).toHaveLength(1);
    expect(agent.noted("version")).toEqual([1]);
    expect(agent.noted("capabilities")).toEqual([
      { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
    ]);
  });

  test.each([
    { signIn: { methodId: "key", _meta: { "api-key": "k" } }, notes: ["signed in", "new"] },
    { signIn: null, notes: ["new"] },
  ])("signs in with $signIn before it opens a session", async ({ signIn, notes }) => {
    const agent = fakeAcp({ signIn });
    await agent.provider().turn(promptOf("hello"), turnTools());
    expect(agent.noted("signed in")).toEqual(signIn === null ? [] : [signIn]);
    expect(agent.order("signed in", "new")).toEqual(notes);
  });

  test("declares a tool that the agent reports only at its end", async () => {
    const tools = turnTools();
    await fakeAcp({ facts: { inputIn: "words" } })
      .provider()
      .turn(promptOf("named touch a"), tools);
    expect(tools.declared).toEqual([{ name: "run_shell_command", timeoutMs: null }, null]);
  });

  test("is set to the mode and the options in which it asks for every tool, in a new session and in a kept one", async () => {
    const agent = fakeAcp({ facts: { mode: "default", options: { allow_all: "off" } } });
    const first = agent.provider();
    const turn = await first.turn(promptOf("hello"), turnTools());
    first.stop();
    const next = agent.provider();
    await next.start(turn.ok ? turn.value.conversation : null);
    await say(next, "again", turnTools(), "b-2");
    expect(agent.noted("mode")).toEqual(["default", "default"]);
    expect(agent.noted("option")).toEqual(["allow_all=off", "allow_all=off"]);
  });

  test("leaves out what is the program's own word, and not its model's", async () =>
    expect(await say(fakeAcp({ facts: { notice: /^Info: / } }).provider(), "notices I look")).toEqual([
      "I look\n\nError: 402 pay first",
    ]));

  test("says once what its model began again, if it tells so", async () => {
    const tools = turnTools();
    const { notice } = copilot;
    expect(await say(fakeAcp({ facts: { notice } }).provider(), "retried Half and half", tools)).toEqual([
      "Half and half",
    ]);
    expect(tools.shown).toEqual(["Half ", "Half and half"]);
  });

  test("joins the pieces of its messages, and leaves out thoughts and other sessions", async () => {
    const [provider, tools] = [fakeAcp().provider(), turnTools()];
    const turn = await provider.turn(promptOf("pieces around"), tools);
    expect(turn).toMatchObject({ ok: true, value: { answers: [{ to: "team", text: "done" }] } });
    const done = '<message to="team">done</message>';
    expect(tools.shown).toEqual([
      "I look. ",
      "I look. around",
      `I look. around\n\n${done}`,
      `I look. around\n\n${done}\n\nthe end`,
    ]);
  });

  test.each(["", "See:"])("tells what its answer has beside text, after %j", async (text) => {
    const [answer] = (await say(fakeAcp().provider(), `shows ${text}`.trim())) as readonly string[];
    expect(answer?.split("\n")).toEqual([
      ...(text === "" ? [] : [text]),
      "(The agent sent an image, image/png, which cannot be shown here.)",
      "(The agent sent a sound, audio/wav, which cannot be shown here.)",
      "the report: https://example.com/report.pdf",
      "the notes",
      "(The agent sent a file, file:///a.bin, which cannot be shown here.)",
    ]);
  });

  test.each([
    { lacks: "", seen: [{ type: "image", mimeType: "image/gif", data: "R0lGODlhLi4u" }] },
    { lacks: "image", seen: [] },
  ])("sees the images of a message, if it takes some (lacks: $lacks)", async ({ lacks, seen }) => {
    const agent = fakeAcp({ lacks });
    const folder = tempFolder();
    const files = ["a.gif", "b.pdf"].map((name) => ({ name, path: join(folder, name) }));
    files.forEach(({ path }, at) => writeFileSync(path, at === 0 ? "GIF89a..." : "%PDF-1.7"));
    const tools = { ...turnTools(), attachmentsOf: () => files };
    expect(await say(agent.provider(), "look", tools)).toEqual(["you said: look"]);
    expect(agent.noted("image")).toEqual(seen);
  });

  test("gives the session the group's MCP servers, and that of the host tools", async () => {
    const mcpServers = {
      own: { command: "serve", args: ["-x"], env: { A: "1" } },
      far: { url: "https://example.com/mcp", headers: { B: "2" } },
    };
    const agent = fakeAcp({ mcpServers });
    await say(agent.provider(), "hello");
    expect(agent.noted("new")).toMatchObject([
      {
        mcpServers: [
          { name: "own", command: "serve", args: ["-x"], env: [{ name: "A", value: "1" }] },
          {
            name: "far",
            type: "http",
            url: "https://example.com/mcp",
            headers: [{ name: "B", value: "2" }],
          },
          { name: "gatehouse", command: toolProgram.command },
        ],
      },
    ]);
  });

  test("gives servers with an address alone to an agent that drops programs", async () => {
    const mcpServers = { own: { command: "serve" }, far: { url: "https://example.com/mcp" } };
    const agent = fakeAcp({ mcpServers, facts: { takesServers: "http" } });
    await say(agent.provider(), "hello");
    expect(agent.noted("new")).toMatchObject([{ mcpServers: [{ name: "far", type: "http" }] }]);
  });

  test("gives no MCP server to an agent that takes none, and reports none as working", async () => {
    const agent = fakeAcp({ mcpServers: { own: { command: "serve" } }, facts: { takesServers: false } });
    const provider = agent.provider();
    const states: ServerState[] = [];
    provider.servers?.listen((state) => void states.push(state));
    await say(provider, "hello");
    expect(agent.noted("new")).toMatchObject([{ mcpServers: [] }]);
    expect(states).toEqual([]);
  });

  test("fails with a sentence if the agent cannot reach a server by its address", async () => {
    const mcpServers = { far: { url: "https://example.com/mcp" } };
    expect(await say(fakeAcp({ mcpServers, lacks: "http" }).provider(), "hello")).toEqual({
      code: "failed",
      message: 'The agent cannot reach the MCP server "far": it knows programs only, and no addresses.',
    });
  });
});

describe("the MCP servers of an ACP agent", () => {
  test("are reported as failed by its log, and as working after a turn without that", async () => {
    let says = "log: web failed\nlog: gatehouse failed\nlog: foreign failed\nweb failed\n";
    const server = { command: "serve", args: [], env: {} };
    const provider = fakeAcp({ mcpServers: { web: server, files: server }, says: () => says }).provider();
    const states: ServerState[] = [];
    provider.servers?.listen((state) => void states.push(state));
    await say(provider, "hello");
    expect(states).toEqual([
      { name: "web", failure: "unknown" },
      { name: "files", failure: null },
    ]);
    says = "";
    await say(provider, "exit now");
    states.length = 0;
    await say(provider, "again");
    expect(states).toEqual([
      { name: "web", failure: null },
      { name: "files", failure: null },
    ]);
  });

  test("are named in no message about its end, because a log may quote values", async () => {
    const provider = fakeAcp({ says: () => "log: token abc\n" }).provider();
    expect(await say(provider, "exit it broke")).toEqual({
      code: "unavailable",
      message: expect.stringMatching(/ exited \(3\): it broke$/) as unknown,
    });
  });
});

describe("a tool of an ACP agent", () => {
  test("is asked for with its whole input, and allowed once", async () => {
    const [agent, tools] = [fakeAcp(), turnTools()];
    expect(await say(agent.provider(), "tool touch a", tools)).toEqual(["it ran: touch a"]);
    expect(tools.asked).toEqual([
      {
        messageId: "m-1",
        tool: "shell",
        input: { command: "touch a" },
        occurrence: 0,
        mayHaveRun: false,
      },
    ]);
    expect(agent.noted("outcome")).toEqual([{ outcome: "selected", optionId: "2" }]);
  });

  test("has its whole input if the agent reports it only after its request", async () => {
    const tools = turnTools();
    await say(fakeAcp().provider(), "late touch a", tools);
    expect(tools.asked).toEqual([
      {
        messageId: "m-1",
        tool: "shell",
        input: { command: "touch a" },
        occurrence: 0,
        mayHaveRun: false,
      },
    ]);
  });

  test("is asked for with the input of the request, of an agent that reports no progress before it", async () => {
    const tools = turnTools();
    const agent = fakeAcp({ facts: { inputIn: "request" } });
    expect(await say(agent.provider(), "within touch a", tools)).toEqual(["it ran: touch a"]);
    expect(tools.asked).toMatchObject([{ tool: "shell", input: { command: "touch a" } }]);
  });

  test("is asked for with the input of its own call, also among calls at once", async () => {
    const tools = turnTools();
    await say(fakeAcp().provider(), "batch one two one", tools);
    expect(tools.asked).toMatchObject([
      { input: { command: "one" }, occurrence: 0 },
      { input: { command: "two" }, occurrence: 0 },
      { input: { command: "one" }, occurrence: 1 },
    ]);
  });

  test("is not asked for if the turn ends before its input is known", async () => {
    const [agent, tools] = [fakeAcp(), turnTools()];
    const cut = say(agent.provider(), "untold touch a", tools);
    await vi.waitUntil(() => tools.declared.length > 0);
    tools.abort.abort("interrupt");
    await cut;
    expect(tools.asked).toEqual([]);
    expect(agent.ran()).toBe("");
  });

  test("is asked for once if the agent asks again for the same call", async () => {
    const tools = turnTools();
    expect(await say(fakeAcp().provider(), "reasked touch a", tools)).toEqual(["it ran: touch a"]);
    expect(tools.asked).toHaveLength(1);
  });

  test("is asked for again after a denial, if the agent asks again for the same call", async () => {
    const tools = turnTools({ behavior: "deny", message: "no" });
    await say(fakeAcp().provider(), "reasked touch a", tools);
    expect(tools.asked).toHaveLength(2);
  });

  test("is denied once", async () => {
    const agent = fakeAcp();
    const tools = turnTools({ behavior: "deny", message: "no" });
    expect(await say(agent.provider(), "tool touch a", tools)).toEqual(["it did not run"]);
    expect(agent.noted("outcome")).toEqual([{ outcome: "selected", optionId: "3" }]);
    expect(agent.ran()).toBe("");
  });

  test.each([
    { denialEnds: true, answers: ["you said: shell did not run. A person denied it: not today"] },
    { denialEnds: false, answers: [] },
  ])(
    "that a person rejects with words: the runner goes on with them, if a denial ends the turn ($denialEnds)",
    async ({ denialEnds, answers }) => {
      const agent = fakeAcp({ facts: { denialEnds } });
      const tools = turnTools(
        { behavior: "deny", message: "A person denied it: not today" },
        { promptText: ({ messages, notes }) => (messages.length > 0 ? "denialends touch a" : notes.join()) },
      );
      const provider = agent.provider();
      expect(await say(provider, "", tools)).toEqual(answers);
      expect(agent.ran()).toBe("");
      expect(await say(provider, "again", turnTools(), "b-2")).toEqual(["you said: again"]);
    },
  );

  test("that is denied again and again ends the turn, so that no model asks for ever", async () => {
    const agent = fakeAcp({ facts: { denialEnds: true } });
    const tools = turnTools({ behavior: "deny", message: "no" }, { promptText: () => "denialends touch a" });
    const message = expect.stringContaining("11 times in one turn") as unknown;
    expect(await say(agent.provider(), "", tools)).toMatchObject({ code: "failed", message });
    expect(tools.asked).toHaveLength(11);
  });

  test("is counted if the same is asked for twice", async () => {
    const tools = turnTools();
    await say(fakeAcp().provider(), "twice ls", tools);
    expect(tools.asked.map(({ occurrence }) => occurrence)).toEqual([0, 1]);
  });

  test("is never allowed for always, and no person is asked if the agent offers nothing else", async () => {
    const [agent, tools] = [fakeAcp(), turnTools()];
    expect(await say(agent.provider(), "optionless ls", tools)).toEqual(["it did not run"]);
    expect(tools.asked).toEqual([]);
    expect(agent.noted("outcome")).toEqual([{ outcome: "cancelled" }]);
  });

  test("is asked for also if one of the options has a kind that the protocol does not know", async () => {
    const [agent, tools] = [fakeAcp(), turnTools()];
    expect(await say(agent.provider(), "newkind ls", tools)).toEqual(["it ran: ls"]);
    expect(tools.asked).toMatchObject([{ tool: "shell" }]);
  });

  test("is refused for another session, and no person is asked", async () => {
    const [agent, tools] = [fakeAcp(), turnTools()];
    await say(agent.provider(), "foreign ls", tools);
    expect(tools.asked).toEqual([]);
    expect(agent.noted("outcome")).toEqual([{ outcome: "cancelled" }]);
  });

  test("is declared with its time while it runs", async () => {
    const tools = turnTools();
    await say(fakeAcp().provider(), "tool ls", tools);
    expect(tools.declared).toEqual([
      { name: "shell", timeoutMs: 1_000 },
      { name: "shell", timeoutMs: 1_000 },
      null,
    ]);
  });
});

describe("a read of an ACP agent", () => {
  /** The working folder has links to a folder beside it, and back. */
  const withLinks = () => {
    const agent = fakeAcp();
    const beside = join(agent.cwd, "../beside");
    mkdirSync(beside);
    for (const folder of ["sub", "told", "in"]) mkdirSync(join(agent.cwd, folder));
    for (const file of [join(beside, "key"), join(agent.cwd, "own"), join(agent.cwd, "told/a")])
      writeFileSync(file, "x");
    symlinkSync(beside, join(agent.cwd, "docs"));
    symlinkSync("../beside/key", join(agent.cwd, "LICENSE"));
    symlinkSync("LICENSE", join(agent.cwd, "again"));
    symlinkSync("../beside/missing", join(agent.cwd, "dangling"));
    symlinkSync("loop", join(agent.cwd, "loop"));
    symlinkSync("../own", join(agent.cwd, "in/own"));
    symlinkSync("../../beside/key", join(agent.cwd, "told/AGENTS.md"));
    return { agent, beside };
  };

  test.each(["own", "sub", "missing", "sub/missing", ".", "in/own", "sub/../own", "CWD/own"])(
    "asks nobody in the working folder: %s",
    async (path) => {
      const { agent } = withLinks();
      const tools = turnTools({ behavior: "deny", message: "no" });
      const answers = await say(agent.provider(), `read ${path.replace("CWD", agent.cwd)}`, tools);
      expect(tools.asked).toEqual([]);
      expect(answers).toEqual([expect.stringMatching(/^it ran/)]);
    },
  );

  test.each([
    ...["docs/key", "docs", "LICENSE", "again", "dangling", "loop", "docs/missing", "..", "../beside/key"],
    ...["/etc/hostname", "docs/../LICENSE", "sub/../../beside/key", "CWD/LICENSE"],
    // OpenCode adds the text of an AGENTS.md beside the file.
    "told/a",
  ])("asks a person if the real path is outside of the working folder: %s", async (path) => {
    const { agent } = withLinks();
    const tools = turnTools({ behavior: "deny", message: "no" });
    const named = path.replace("CWD", agent.cwd);
    expect(await say(agent.provider(), `read ${named}`, tools)).toEqual(["it did not run"]);
    expect(tools.asked).toMatchObject([{ tool: "read", input: { filePath: named } }]);
  });
});

test("an ACP agent that may not work in its folder is not started, and its running process is ended", async () => {
  let refusal: ProviderError | null = { code: "failed", message: "Not here." };
  const agent = fakeAcp({ refusal: () => refusal });
  const provider = agent.provider();
  expect(await say(provider, "hello")).toEqual(refusal);
  expect(agent.noted("new")).toEqual([]);
  refusal = null;
  expect(await say(provider, "hello", turnTools(), "b-2")).toEqual(["you said: hello"]);
  refusal = { code: "failed", message: "Not here." };
  expect(await say(provider, "again", turnTools(), "b-3")).toEqual(refusal);
  expect(agent.noted("prompt")).toEqual(["hello"]);
});

describe("an ACP agent with a new runner", () => {
  test.each([
    ["resume", ""],
    ["load", "resume"],
  ])("resumes the stored session by session/%s", async (how, lacks) => {
    const agent = fakeAcp({ lacks });
    const first = agent.provider();
    const turn = await first.turn(promptOf("hello"), turnTools());
    const kept = turn.ok ? turn.value.conversation : null;
    first.stop();
    const next = agent.provider();
    await next.start(kept);
    expect(await say(next, "again", turnTools(), "b-2")).toEqual(["you said: again"]);
    expect(agent.noted(how)).toMatchObject([{ sessionId: kept }]);
    expect(agent.noted("new")).toHaveLength(1);
  });

  test.each(["", "resume,load"])("reports an unknown session (methods that it lacks: %s)", async (lacks) => {
    const provider = fakeAcp({ lacks }).provider();
    await provider.start("s-unknown");
    expect(await say(provider, "hello")).toMatchObject({ code: "invalid-conversation" });
  });

  test("gets the batch of a killed turn again, and asks for its tools with `mayHaveRun`", async () => {
    const agent = fakeAcp();
    const first = agent.provider();
    const cut = say(first, "wait", turnTools());
    process.kill(await agent.waits(), "SIGKILL");
    expect(await cut).toMatchObject({ code: "unavailable" });
    const tools = turnTools();
    expect(await say(agent.provider(), "tool ls", tools)).toEqual(["it ran: ls"]);
    expect(tools.asked).toMatchObject([{ mayHaveRun: true }]);
    const other = turnTools();
    await say(first, "tool ls", other, "b-2");
    expect(other.asked).toMatchObject([{ mayHaveRun: false }]);
  });
});
