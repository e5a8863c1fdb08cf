import type { Json } from "@nc/session-db";
import { describe, expect, test, vi } from "vitest";
import { chatMessage } from "../agent-end.fixture.ts";
import { limits } from "../limits.ts";
import { loopWith } from "../loop/loop.fixture.ts";

const frame = { id: "7", ok: true, data: "pong" };

const systemMessage = (id: string, content: Json): ReturnType<typeof chatMessage> =>
  chatMessage(id, "", { kind: "system", trigger: false, content });

const response = (requestId: string, of: Json = frame): ReturnType<typeof chatMessage> =>
  systemMessage(`cli-${requestId}`, { type: "cli_response", requestId, frame: of });

const isTrue = (look: () => boolean): Promise<unknown> =>
  vi.waitFor(() => expect(look()).toBe(true), { interval: 1 });

describe("a command of ncl", () => {
  test("goes out as a system message, and its answer comes back to who asked", async () => {
    const { end, carrier } = loopWith({});
    const request = { id: "7", command: "groups-list", args: {} };
    const [one, other] = [carrier.answer(request), carrier.answer({ ...request, id: "8" })];
    await isTrue(() => end.sent.length === 2);
    expect(end.sent[0]).toMatchObject({
      id: "r-1",
      kind: "system",
      content: { action: "cli_request", requestId: "r-1", frame: request },
    });
    end.put(response("r-2", { ...frame, id: "8" }), response("r-1"));
    expect(await Promise.all([one, other])).toEqual([frame, { ...frame, id: "8" }]);
    await isTrue(() => end.statuses.size === 2);
  });

  test("is not sent while the host is away, and says so at once", async () => {
    const { end, carrier } = loopWith({});
    end.leave();
    expect(await carrier.answer({ id: "7", command: "groups-list", args: {} })).toEqual({
      ...{ id: "7", ok: false },
      error: {
        code: "transport-error",
        message: "The command was not sent: the host is away. Try again when it is back.",
      },
    });
    expect(end.sent).toEqual([]);
  });

  test("is answered while a turn runs, and echo says what came back", async () => {
    const { end } = loopWith({});
    end.put(chatMessage("m-1", '/ncl groups config update --model "a b"'));
    await isTrue(() => end.sent.length === 1);
    expect(end.sent[0]?.content).toMatchObject({
      frame: { command: "groups-config-update", args: { model: "a b" } },
    });
    const error = { code: "approval-pending", message: "Ana is asked." };
    end.put(response("r-1", { id: "1", ok: false, error }));
    await isTrue(() => end.sent.length === 2);
    expect(end.texts()[1]).toBe("error: Ana is asked. (approval-pending)");
  });

  test("gets an error when no answer comes in time; a late one is acknowledged all the same (B5)", async () => {
    const { end, clock, carrier } = loopWith({});
    const asked = carrier.answer({ id: "7", command: "groups-list", args: {} });
    clock.advance(limits.nclAnswerMs - 1);
    clock.advance(1);
    expect(await asked).toMatchObject({
      id: "7",
      ok: false,
      error: { code: "transport-error", message: expect.stringContaining("within 30 seconds") as string },
    });
    end.put(response("r-1"));
    await isTrue(() => end.statuses.get("cli-r-1")?.status === "completed");
  });

  test("gets an error when the runner ends", async () => {
    const { carrier } = loopWith({});
    const asked = carrier.answer({ id: "7", command: "groups-list", args: {} });
    carrier.close();
    expect(await asked).toMatchObject({ id: "7", ok: false, error: { code: "transport-error" } });
  });

  test.each([
    { bytes: limits.contentBytes, isSent: true },
    { bytes: limits.contentBytes + 1, isSent: false },
  ])("of $bytes bytes is sent: $isSent", async ({ bytes, isSent }) => {
    const { end, carrier } = loopWith({});
    const long = { id: "7", text: "x".repeat(bytes - JSON.stringify({ id: "7", text: "" }).length) };
    const asked = carrier.answer(long);
    await new Promise(setImmediate);
    expect(end.sent).toHaveLength(isSent ? 1 : 0);
    carrier.close();
    const message = isSent ? "is ending" : "is too long";
    expect(await asked).toMatchObject({ error: { message: expect.stringContaining(message) as string } });
  });

  test("gets an error when it cannot be written", async () => {
    const { end, carrier } = loopWith({});
    end.failCommits(1, { code: "unwritable", message: "The disk is full." });
    expect(await carrier.answer({ id: "7" })).toMatchObject({
      id: "7",
      error: { message: "The command was not sent: The disk is full." },
    });
  });
});

test("a system message that nobody knows fails with that reason, and holds nothing up", async () => {
  const { end } = loopWith({});
  end.put(
    ...Array.from({ length: 120 }, (_, index) => systemMessage(`s-${index}`, { type: "weather" })),
    systemMessage("s-text", "hello"),
    chatMessage("m-1", "hello"),
  );
  await isTrue(() => end.sent.length === 1);
  expect(end.statuses.get("s-119")).toMatchObject({ status: "failed" });
  expect(end.statuses.get("s-text")).toMatchObject({ status: "failed" });
});
