import type { Json } from "@gatehouse/session-rows/messages";
import { describe, expect, test, vi } from "vitest";
import { chatMessage } from "../agent-side.fixture.ts";
import { limits } from "../limits.ts";
import { loopWith } from "../loop/loop.fixture.ts";

const frame = { id: "7", ok: true, data: "pong" };

const systemMessage = (id: string, content: Json): ReturnType<typeof chatMessage> =>
  chatMessage(id, "", { kind: "system", trigger: false, content });

const response = (requestId: string, of: Json = frame): ReturnType<typeof chatMessage> =>
  systemMessage(`cli-${requestId}`, { type: "cli_response", requestId, frame: of });

const isTrue = (check: () => boolean): Promise<unknown> =>
  vi.waitFor(() => expect(check()).toBe(true), { interval: 1 });

describe("a command of ncl", () => {
  test("is sent as a system message, and its answer returns to its client", async () => {
    const { side, relay } = loopWith({});
    const request = { id: "7", command: "groups-list", args: {} };
    const [one, other] = [relay.answer(request), relay.answer({ ...request, id: "8" })];
    await isTrue(() => side.sent.length === 2);
    expect(side.sent[0]).toMatchObject({
      id: "r-1",
      kind: "system",
      content: { action: "cli_request", requestId: "r-1", frame: request },
    });
    side.put(response("r-2", { ...frame, id: "8" }), response("r-1"));
    expect(await Promise.all([one, other])).toEqual([frame, { ...frame, id: "8" }]);
    await isTrue(() => side.statuses.size === 2);
  });

  test("is not sent while the host is away, and fails at once", async () => {
    const { side, relay } = loopWith({});
    side.leave();
    expect(await relay.answer({ id: "7", command: "groups-list", args: {} })).toEqual({
      id: "7",
      ok: false,
      error: {
        code: "transport-error",
        message: "The command was not sent: the host is away. Try again when it is back.",
      },
    });
    expect(side.sent).toEqual([]);
  });

  test("is answered during a turn, and echo prints the answer", async () => {
    const { side } = loopWith({});
    side.put(chatMessage("m-1", '/ncl groups config update --model "a b"'));
    await isTrue(() => side.sent.length === 1);
    expect(side.sent[0]?.content).toMatchObject({
      frame: { command: "groups-config-update", args: { model: "a b" } },
    });
    const error = { code: "approval-pending", message: "Ana is asked." };
    side.put(response("r-1", { id: "1", ok: false, error }));
    await isTrue(() => side.sent.length === 2);
    expect(side.texts()[1]).toBe("error: Ana is asked. (approval-pending)");
  });

  test("fails if no answer comes in time; a late answer is still acknowledged", async () => {
    const { side, clock, relay } = loopWith({});
    const asked = relay.answer({ id: "7", command: "groups-list", args: {} });
    clock.advance(limits.nclAnswerMs - 1);
    clock.advance(1);
    expect(await asked).toMatchObject({
      id: "7",
      ok: false,
      error: { code: "transport-error", message: expect.stringContaining("within 30 seconds") as string },
    });
    side.put(response("r-1"));
    await isTrue(() => side.statuses.get("cli-r-1")?.status === "completed");
  });

  test("fails when the runner stops", async () => {
    const { relay } = loopWith({});
    const asked = relay.answer({ id: "7", command: "groups-list", args: {} });
    relay.close();
    expect(await asked).toMatchObject({ id: "7", ok: false, error: { code: "transport-error" } });
  });

  test.each([
    { bytes: limits.contentBytes, isSent: true },
    { bytes: limits.contentBytes + 1, isSent: false },
  ])("is sent if its size is allowed ($bytes bytes: $isSent)", async ({ bytes, isSent }) => {
    const { side, relay } = loopWith({});
    const long = { id: "7", text: "x".repeat(bytes - JSON.stringify({ id: "7", text: "" }).length) };
    const asked = relay.answer(long);
    await new Promise(setImmediate);
    expect(side.sent).toHaveLength(isSent ? 1 : 0);
    relay.close();
    const message = isSent ? "is ending" : "is too long";
    expect(await asked).toMatchObject({ error: { message: expect.stringContaining(message) as string } });
  });

  test("fails if it cannot be written", async () => {
    const { side, relay } = loopWith({});
    side.failCommits(1, { code: "unwritable", message: "The disk is full." });
    expect(await relay.answer({ id: "7" })).toMatchObject({
      id: "7",
      error: { message: "The command was not sent: The disk is full." },
    });
  });
});

test("an unknown system message fails with that reason, and delays nothing", async () => {
  const { side } = loopWith({});
  side.put(
    ...Array.from({ length: 120 }, (_, index) => systemMessage(`s-${index}`, { type: "weather" })),
    systemMessage("s-text", "hello"),
    chatMessage("m-1", "hello"),
  );
  await isTrue(() => side.sent.length === 1);
  expect(side.statuses.get("s-119")).toMatchObject({ status: "failed" });
  expect(side.statuses.get("s-text")).toMatchObject({ status: "failed" });
});
