import { fail, ok } from "@gatehouse/std";
import type { ResponseFrame } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { hostToolsOf, type HostTools } from "./host-tools.ts";

const refusal: ResponseFrame = { id: "1", ok: false, error: { code: "not-found", message: "No group x." } };
const pending: ResponseFrame = {
  id: "1",
  ok: false,
  error: { code: "approval-pending", message: "It waits.", approvalId: "ap-1" },
};

/** The tools, and the messages that they sent, as `TEXT OCCURRENCE`. */
const toolsWith = (
  frame: ResponseFrame = refusal,
): { readonly tools: HostTools; readonly sent: readonly string[] } => {
  const sent: string[] = [];
  const tools = hostToolsOf({
    send: ({ text }, occurrence) => {
      if (text === "") return Promise.resolve(fail("There is no text."));
      sent.push(`${text} ${occurrence}`);
      return Promise.resolve(ok(text === "file" ? ["The file a was not sent."] : []));
    },
    ncl: () => Promise.resolve(frame),
    groupId: "ag-1",
  });
  return { tools, sent };
};

describe("send_message", () => {
  test("counts equal messages of a turn, and others each on their own", async () => {
    const { tools, sent } = toolsWith();
    for (const text of ["a", "b", "a", "a"]) await tools.sendMessage({ text });
    await tools.sendMessage({ text: "a", to: "team" });
    expect(sent).toEqual(["a 0", "b 0", "a 1", "a 2", "a 0"]);
  });

  test("begins anew with a repeated turn, after the messages that the provider knows of", async () => {
    const { tools, sent } = toolsWith();
    await tools.sendMessage({ text: "a" });
    tools.begin([]);
    await tools.sendMessage({ text: "a" });
    tools.begin([{ text: "a" }]);
    await tools.sendMessage({ text: "a" });
    expect(sent).toEqual(["a 0", "a 0", "a 1"]);
  });

  test("does not count a message that was refused", async () => {
    const { tools, sent } = toolsWith();
    expect(await tools.sendMessage({ text: "" })).toEqual({ text: "There is no text.", isError: true });
    tools.begin([]);
    await tools.sendMessage({ text: "a" });
    expect(sent).toEqual(["a 0"]);
  });

  test("tells the agent where the message went, and which files did not", async () => {
    const { tools } = toolsWith();
    expect(await tools.sendMessage({ text: "a" })).toEqual({ text: "Sent to this chat.", isError: false });
    expect(await tools.sendMessage({ text: "file", to: "team" })).toEqual({
      text: "Sent to team.\nThe file a was not sent.",
      isError: false,
    });
  });
});

describe("ncl", () => {
  test("returns a table as a person reads it", async () => {
    const { tools } = toolsWith({ id: "1", ok: true, data: [{ id: "ag-1", name: "Ana" }] });
    const { text, isError } = await tools.ncl(["groups", "list"]);
    expect(isError).toBe(false);
    expect(text.split("\n").at(-1)).toMatch(/^ag-1 +Ana$/);
  });

  test("returns a refusal as an error", async () => {
    expect(await toolsWith().tools.ncl(["groups"])).toEqual({
      text: "error: No group x. (not-found)",
      isError: true,
    });
  });

  test("returns no error for a command that waits for a person", async () => {
    expect((await toolsWith(pending).tools.ncl(["groups"])).isError).toBe(false);
  });
});
