import { fail, ok } from "@gatehouse/std";
import type { Json, ReceivedInbound } from "@gatehouse/session-rows/messages";
import { describe, expect, test, vi } from "vitest";
import { chatMessage, fakeAgentSide } from "../agent-side.fixture.ts";
import type { CommandEnd, RunCommand } from "../task-command.ts";
import { loopWith } from "./loop.fixture.ts";

const isTrue = (check: () => boolean): Promise<unknown> =>
  vi.waitFor(() => expect(check()).toBe(true), { interval: 1 });

/** A task that runs `test` first. Its agent answers with the prompt that a model would get. */
const task = (id: string, rest: Partial<ReceivedInbound> = {}): ReceivedInbound =>
  chatMessage(id, "", {
    kind: "task",
    content: { text: "/prompt", task: "ta-1", condition: "test" },
    ...rest,
  });

/** A command that ends like this, and the commands that were run. */
const ending = (end: CommandEnd | string): { readonly ran: string[]; readonly runCommand: RunCommand } => {
  const ran: string[] = [];
  const runCommand: RunCommand = async (command) => {
    ran.push(command);
    return typeof end === "string" ? fail(end) : ok(end);
  };
  return { ran, runCommand };
};

/** A command that runs until it is ended, and whether it was. */
const endless = (): { readonly runCommand: RunCommand; readonly ends: () => number } => {
  let ends = 0;
  return {
    ends: () => ends,
    runCommand: (_command, signal) =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => {
          ends += 1;
          resolve(ok({ code: 0, output: "" }));
        }),
      ),
  };
};

describe("a task with a command", () => {
  test("wakes the agent with the command's output if it ends with 0", async () => {
    const { ran, runCommand } = ending({ code: 0, output: "two files" });
    const { side } = loopWith({ runCommand });
    side.put(task("t-1"));
    await isTrue(() => side.sent.length === 1);
    expect(ran).toEqual(["test"]);
    expect(side.texts()[0]).toContain('<output command="test">two files</output>\n/prompt</task>');
    expect(side.commits).toEqual(["processing t-1", "processing t-1", "completed t-1 + re-t-1"]);
  });

  test("completes without a turn if it ends with another code, and the next message is answered", async () => {
    const { runCommand } = ending({ code: 3, output: "nothing new" });
    const { side } = loopWith({ runCommand });
    side.put(task("t-1"), chatMessage("m-1", "hello"));
    await isTrue(() => side.sent.length === 1);
    expect(side.statuses.get("t-1")).toEqual({
      id: "t-1",
      status: "completed",
      reason: "Kept asleep: its command ended with code 3.",
    });
    expect(side.texts()).toEqual(["hello"]);
  });

  test("fails, and its chat is told, if the command did not end by itself", async () => {
    const { runCommand } = ending("The task's command could not be run (code 127).");
    const { side } = loopWith({ runCommand });
    side.put(task("t-1"));
    await isTrue(() => side.sent.length === 1);
    expect(side.statuses.get("t-1")).toMatchObject({ status: "failed" });
    expect(side.texts()).toEqual(["No answer: The task's command could not be run (code 127)."]);
  });

  test.each([
    { code: 0, context: "completed" },
    { code: 1, context: undefined },
  ])("leaves context to a turn: with code $code it is $context", async ({ code, context }) => {
    const { runCommand } = ending({ code, output: "" });
    const { side } = loopWith({ runCommand });
    side.put(chatMessage("c-1", "psst", { trigger: false }), task("t-1"));
    await isTrue(() => side.statuses.get("t-1")?.status === "completed");
    expect(side.statuses.get("c-1")?.status).toBe(context);
  });

  test("has a turn of its own, and one command runs at a time", async () => {
    const { ran, runCommand } = ending({ code: 0, output: "" });
    const { side } = loopWith({ runCommand });
    side.put(chatMessage("m-1", "one"), task("t-1"), task("t-2"), chatMessage("m-2", "two"));
    await isTrue(() => side.sent.length === 4);
    expect(side.sent.map(({ id }) => id)).toEqual(["re-m-1", "re-t-1", "re-t-2", "re-m-2"]);
    expect(ran).toHaveLength(2);
  });
});

describe("a command that runs", () => {
  test("is ended by /stop, and the task is not carried out", async () => {
    const { runCommand, ends } = endless();
    const { side } = loopWith({ runCommand });
    side.put(task("t-1"));
    await isTrue(() => side.statuses.get("t-1")?.status === "processing");
    side.put(chatMessage("s-1", "/stop"));
    await isTrue(() => side.texts().includes("Stopped. The conversation goes on with your next message."));
    expect(ends()).toBe(1);
    expect(side.statuses.get("t-1")).toMatchObject({ status: "failed", reason: "Interrupted by /stop." });
  });

  test("is ended when its runner stops, and the task stays claimed for the next one", async () => {
    const { runCommand, ends } = endless();
    const { side, loop } = loopWith({ runCommand });
    side.put(task("t-1"));
    await isTrue(() => side.statuses.get("t-1")?.status === "processing");
    await loop.stop();
    expect(ends()).toBe(1);
    expect(side.commits).toEqual(["processing t-1"]);
  });

  test("lets senders know that their messages wait", async () => {
    const { side } = loopWith({ runCommand: endless().runCommand });
    side.put(task("t-1"));
    await isTrue(() => side.statuses.get("t-1")?.status === "processing");
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => side.waiting.includes("m-1"));
  });
});

describe("after a kill", () => {
  const again = async (kept: Json | undefined) => {
    const side = fakeAgentSide();
    if (kept !== undefined) side.state.set("task-output", kept);
    // The next command of this task would wake nobody.
    const { ran, runCommand } = ending({ code: 1, output: "" });
    side.put(task("t-1", { tries: 1, batch: "uuid-1" }));
    loopWith({ side, runCommand });
    await isTrue(() => side.statuses.get("t-1")?.status === "completed");
    return { ran, side };
  };

  test("a command that woke the agent does not run again, so that the turn goes on", async () => {
    const { ran, side } = await again({ message: "t-1", output: "two files" });
    expect(ran).toEqual([]);
    expect(side.texts()[0]).toContain('<output command="test">two files</output>');
  });

  test.each<[string, Json | undefined]>([
    ["no command has ended", undefined],
    ["only the command of another run woke the agent", { message: "t-0", output: "two files" }],
  ])("the command runs again if %s", async (_, kept) => {
    const { ran, side } = await again(kept);
    expect(ran).toEqual(["test"]);
    expect(side.sent).toEqual([]);
  });
});
