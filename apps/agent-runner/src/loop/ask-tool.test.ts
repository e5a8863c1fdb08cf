import { describe, expect, test, vi } from "vitest";
import { ok } from "@gatehouse/std";
import type { Json } from "@gatehouse/session-rows/messages";
import { chatMessage } from "../agent-side.fixture.ts";
import { limits } from "../limits.ts";
import type { Provider } from "../provider.ts";
import type { PutFiles } from "./with-files.ts";
import { loopWith } from "./loop.fixture.ts";

/** A loop whose echo has asked for a tool. */
const asking = async (json = '{"command":"ls"}') => {
  const loop = loopWith({});
  loop.side.put(chatMessage("m-1", `/tool Bash ${json}`));
  await vi.waitFor(() => expect(loop.side.questions).toHaveLength(1));
  return { ...loop, id: loop.side.questions[0]?.id ?? "" };
};

describe("askTool", () => {
  test("asks the host with the whole request, and gets the decision", async () => {
    const { side, id } = await asking();
    expect(side.questions).toMatchObject([
      {
        content: {
          type: "tool",
          incarnation: 1,
          messageId: "m-1",
          tool: "Bash",
          input: { command: "ls" },
          occurrence: 0,
          mayHaveRun: false,
        },
      },
    ]);
    side.put(chatMessage("c-1", "psst", { trigger: false }));
    await new Promise(setImmediate);
    expect(side.texts()).toEqual([]);
    side.reply(id, { behavior: "allow" });
    await vi.waitFor(() => expect(side.texts()).toEqual(["Bash is allowed"]));
    expect(side.questions).toHaveLength(1);
  });

  test.each([
    { answer: { behavior: "deny", message: "not here" }, text: "Bash is denied: not here" },
    { answer: { behavior: "deny" }, text: "Bash is denied: The host denied it." },
    { answer: { behavior: "Allow" }, text: "Bash is denied: The host denied it." },
    { answer: null, text: "Bash is denied: The host denied it." },
    { answer: "allow", text: "Bash is denied: The host denied it." },
  ])("denies the tool with $answer", async ({ answer, text }) => {
    const { side, id } = await asking();
    side.reply(id, answer);
    await vi.waitFor(() => expect(side.texts()).toEqual([text]));
  });

  test("asks a question, and gets the answers", async () => {
    const { side } = loopWith({});
    const question = { type: "choices", questions: [] };
    side.put(chatMessage("m-1", `/ask ${JSON.stringify(question)}`));
    await vi.waitFor(() => expect(side.questions).toMatchObject([{ content: { tool: "Ask", question } }]));
    side.reply(side.questions[0]?.id ?? "", { behavior: "answer", answers: ["Red", "Blue"] });
    await vi.waitFor(() => expect(side.texts()).toEqual(["Red and Blue"]));
  });

  test.each([{ behavior: "answer" }, { behavior: "answer", answers: [1] }])(
    "reads the answer %j as a denial",
    async (answer) => {
      const { side, id } = await asking();
      side.reply(id, answer);
      await vi.waitFor(() => expect(side.texts()).toEqual(["Bash is denied: The host denied it."]));
    },
  );

  test("says that the tool may have run if an earlier runner had the message", async () => {
    const { side } = loopWith({});
    side.put(chatMessage("m-1", "/tool Bash {}", { tries: 1 }));
    await vi.waitFor(() => expect(side.questions).toMatchObject([{ content: { mayHaveRun: true } }]));
  });

  test("finds an answer whose signal was lost", async () => {
    const { side, id, clock } = await asking();
    const get = side.answerTo;
    Object.assign(side, { answerTo: async () => ({ ok: true, value: { behavior: "allow" } }) });
    expect(get).toBeDefined();
    clock.advance(limits.pollMs);
    await vi.waitFor(() => expect(side.texts()).toEqual(["Bash is allowed"]));
    expect(id).not.toBe("");
  });

  test("withdraws its question if the turn is interrupted", async () => {
    const { side, id } = await asking();
    side.put(chatMessage("m-9", "/stop"));
    await vi.waitFor(() => expect(side.questions).toHaveLength(2));
    expect(side.questions[1]?.content).toEqual({ type: "withdrawal", withdraws: id });
  });

  test("leaves its question to the next container if its own container stops", async () => {
    const { side, loop } = await asking();
    await loop.stop();
    await new Promise(setImmediate);
    expect(side.questions).toHaveLength(1);
  });

  test("denies an input that no person could read, without asking", async () => {
    const { side } = loopWith({});
    side.put(
      chatMessage("m-1", `/tool Write ${JSON.stringify({ content: "x".repeat(limits.contentBytes) })}`),
    );
    await vi.waitFor(() => expect(side.texts()[0]).toContain("Write is denied: A person has to read"));
    expect(side.questions).toEqual([]);
  });
});

describe("the places where a tool's paths lead", () => {
  const leadingTo = (...places: readonly string[]) => {
    let last = 0;
    return async () => {
      const realPath = places[last] ?? "";
      last = Math.min(last + 1, places.length - 1);
      return { realPaths: [{ field: "file_path", realPath }], isInside: true };
    };
  };
  const write = async (pathsIn: ReturnType<typeof leadingTo>) => {
    const loop = loopWith({ pathsIn });
    loop.side.put(chatMessage("m-1", '/tool Write {"file_path":"notes"}'));
    await vi.waitFor(() => expect(loop.side.questions).toHaveLength(1));
    loop.side.reply(loop.side.questions[0]?.id ?? "", { behavior: "allow" });
    return loop.side;
  };

  test("are part of the question", async () => {
    const side = await write(leadingTo("/outside"));
    await vi.waitFor(() => expect(side.texts()).toEqual(["Write is allowed"]));
    expect(side.questions).toMatchObject([
      { content: { realPaths: [{ field: "file_path", realPath: "/outside" }], isInside: true } },
    ]);
  });

  test("deny the tool if a link was changed while a person read the card", async () => {
    const side = await write(leadingTo("/harmless", "/home/ana/.bashrc"));
    await vi.waitFor(() =>
      expect(side.texts()).toEqual([expect.stringMatching(/^Write is denied: .*another/)]),
    );
  });
});

describe("files of a message that are not in the agent's folders", () => {
  const sending = async (answer: Json) => {
    const results: unknown[] = [];
    const provider: Provider = {
      name: "sender",
      stop: () => {},
      start: async () => ok(null),
      turn: async (_prompt, tools) => {
        results.push(await tools.hostTools.sendMessage({ text: "look", files: ["own", "LICENSE"] }));
        return ok({ answers: [], conversation: null });
      },
    };
    const putFiles: PutFiles = async (_id, paths, mayLeave) => {
      const refusal = await mayLeave([{ index: 1, path: "LICENSE", realPath: "/etc/shadow" }]);
      const files = paths.slice(0, refusal === null ? 2 : 1).map((path) => ({ name: String(path), size: 1 }));
      return { files, problems: refusal === null ? [] : [`LICENSE: ${refusal}`] };
    };
    const { side } = loopWith({ provider, putFiles });
    side.put(chatMessage("m-1", "send it"));
    await vi.waitFor(() => expect(side.questions).toHaveLength(1));
    expect(side.texts()).toEqual([]);
    side.reply(side.questions[0]?.id ?? "", answer);
    await vi.waitFor(() => expect(results).toHaveLength(1));
    return { side, results };
  };

  test("wait for the host, which reads the message and where its files lead", async () => {
    const { side, results } = await sending({ behavior: "allow" });
    expect(side.questions).toMatchObject([
      {
        content: {
          tool: "send_message",
          messageId: "m-1",
          occurrence: 0,
          input: { text: "look", files: ["own", "LICENSE"] },
          realPaths: [{ field: "files[1]", realPath: "/etc/shadow" }],
        },
      },
    ]);
    expect(results).toEqual([{ text: "Sent to this chat.", isError: false }]);
  });

  test("are left out if they are denied, and the agent reads why", async () => {
    const { side, results } = await sending({ behavior: "deny", message: "Not that one." });
    expect(results).toEqual([
      { text: expect.stringContaining("nobody allowed it: Not that one"), isError: false },
    ]);
    await vi.waitFor(() => expect(side.texts()).toEqual([expect.stringContaining("Not that one")]));
  });
});
