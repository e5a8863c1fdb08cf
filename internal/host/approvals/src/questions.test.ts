import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, operator, person, type Bed } from "@gatehouse/dispatch/testing";
import type { AskedQuestion, ToolQuestion } from "@gatehouse/session-rows/messages";
import { describe, expect, test } from "vitest";
import { approversOf } from "./approvers.ts";
import { readAnswers } from "./questions.ts";
import { holdTool, type HeldTool } from "./tools.ts";
import { waitingApprovals } from "./waiting-approvals.ts";

const colour: ToolQuestion = {
  type: "choices",
  questions: [
    {
      question: "Which\ncolour?",
      header: "Colour",
      isMultiple: false,
      options: [
        { label: "Red", description: "warm" },
        { label: "Blue", description: "" },
      ],
    },
  ],
};
const plan: ToolQuestion = { type: "plan", plan: "# Plan\nIt can be answered until tomorrow." };

let last = 0;

const clock = { now: () => "2026-11-20T08:00:00.000Z", id: (prefix: string) => `${prefix}-${(last += 1)}` };

/** The agent of `ag-team` has a message of Sue, who has no role. */
const asked = async (sender: unknown = "telegram:sue"): Promise<Bed> => {
  const bed = await hostBed();
  await addRow(bed.central.db, "session_messages_in", {
    session_id: "se-team",
    id: "m-1",
    content: JSON.stringify({ text: "hello", sender }),
    channel_type: "telegram",
    platform_id: "room",
    thread_id: "t-1",
  });
  return bed;
};

const ask = (
  { central, dataDir }: Bed,
  questionId: string,
  question: ToolQuestion = colour,
  mayHaveRun = false,
): Promise<HeldTool> => {
  const request = { messageId: "m-1", tool: "Ask", input: { a: 1 }, occurrence: 0, mayHaveRun, question };
  return central.db
    .transaction()
    .execute((within) =>
      holdTool(
        within,
        { sessionId: "se-team", groupId: "ag-team", questionId, request },
        { ...clock, dataDir },
      ),
    );
};

const pendingId = async (held: Promise<HeldTool>): Promise<string> => {
  const state = await held;
  return state.is === "pending" ? state.approvalId : expect.fail(JSON.stringify(state));
};

const answered = (...answers: readonly string[]) => ({
  is: "decided",
  decision: { behavior: "answer", answers },
});
const denied = (message: string) => ({ is: "decided", decision: { behavior: "deny", message } });

describe("a question of an agent", () => {
  test("a question is shown in full, and each line of the agent's text starts with >", async () => {
    const bed = await asked();
    expect(await bed.ok(operator, "approvals", "get", await pendingId(ask(bed, "q-1")))).toMatchObject({
      kind: "question",
      command: "ask a question",
      shown: String.raw`asks: "Which\ncolour?"`,
      consequence: ["Choose one:", "> Colour: Which", "> colour?", ">   1  Red: warm", ">   2  Blue"],
    });
  });

  test("a question is answered by the sender of the message, who may not read the approval with ncl", async () => {
    const bed = await asked();
    const id = await pendingId(ask(bed, "q-1"));
    expect(await bed.code(person("nobody"), "approvals", "answer", id, "--text", "1")).toBe(
      "permission-denied",
    );
    expect(await bed.code(person("sue"), "approvals", "get", id)).toBe("permission-denied");
    await bed.ok(person("sue"), "approvals", "answer", id, "--text", "2");
    expect(await ask(bed, "q-1")).toEqual(answered("Blue"));
  });

  test("a question goes to the sender, in the thread of the message, and the list names all people who may answer", async () => {
    const bed = await asked();
    const { db } = bed.central;
    const id = await pendingId(ask(bed, "q-1"));
    const row = await db.selectFrom("pending_approvals").selectAll().executeTakeFirstOrThrow();
    expect(await approversOf(db, row, [])).toEqual([
      {
        userId: "telegram:sue",
        channelType: "telegram",
        platformId: "room",
        threadId: "t-1",
        instance: "",
      },
    ]);
    expect(await waitingApprovals(db, [], clock.now())).toMatchObject({
      approvals: [
        {
          card: { id },
          kind: "question",
          mayAnswer: ["telegram:sue", "telegram:admin", "telegram:owner"],
        },
      ],
    });
  });

  test("a question of a sender who has left users.yaml is answered by an owner", async () => {
    const bed = await asked();
    const id = await pendingId(ask(bed, "q-1"));
    await addRow(bed.central.db, "refused_people", { user_id: "telegram:sue" });
    expect(await bed.code(person("sue"), "approvals", "answer", id, "--text", "2")).toBe("permission-denied");
    await bed.ok(person("owner"), "approvals", "answer", id, "--text", "something else");
    expect(await ask(bed, "q-1")).toEqual(answered("something else"));
  });

  test.each(["deny", "allow-all"])("a question is asked with the policy %s", async (tools) => {
    const bed = await asked();
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--tools", tools, "--yes");
    await pendingId(ask(bed, "q-1"));
  });

  test("a question stays pending after an invalid answer", async () => {
    const bed = await asked();
    const id = await pendingId(ask(bed, "q-1"));
    expect(await bed.code(person("sue"), "approvals", "answer", id, "--text", "3")).toBe("invalid-args");
    expect(await bed.code(person("sue"), "approvals", "approve", id)).toBe("invalid-args");
    expect(await pendingId(ask(bed, "q-1"))).toBe(id);
  });

  test("a plan is not answered with the words for a question", async () => {
    const bed = await asked();
    const id = await pendingId(ask(bed, "q-1", plan));
    expect(await bed.code(operator, "approvals", "answer", id, "--text", "yes")).toBe("invalid-args");
  });

  test("a question is rejected with words that the agent reads", async () => {
    const bed = await asked();
    const id = await pendingId(ask(bed, "q-1"));
    await bed.ok(person("sue"), "approvals", "reject", id, "--reason", "later");
    expect(await ask(bed, "q-1")).toEqual(denied("The person does not choose an answer: later"));
  });

  test("a question of the next runner gets the card or the answer of the killed runner's question", async () => {
    const bed = await asked();
    const id = await pendingId(ask(bed, "q-1"));
    expect(await pendingId(ask(bed, "q-2", colour, true))).toBe(id);
    await bed.ok(person("sue"), "approvals", "answer", id, "--text", "1");
    const told = { status: "delivered" as const, answer: JSON.stringify({ behavior: "answer" }) };
    await addRow(bed.central.db, "session_messages_out", {
      session_id: "se-team",
      id: "q-2",
      kind: "question",
      ...told,
    });
    expect(await ask(bed, "q-3", colour, true)).toEqual(answered("Red"));
    expect(await bed.central.db.selectFrom("pending_approvals").select("approval_id").execute()).toHaveLength(
      1,
    );
  });

  test("a question is denied if no person can answer it", async () => {
    const bed = await asked(null);
    await bed.central.db.deleteFrom("user_roles").execute();
    expect(await ask(bed, "q-1")).toMatchObject(denied(expect.stringContaining("No person can answer")));
  });

  test("a question is not answered if its row was changed after the request", async () => {
    const bed = await asked();
    const id = await pendingId(ask(bed, "q-1"));
    const shown = JSON.stringify({ tool: "Ask", input: { a: 1 }, question: plan, suggestions: [] });
    await bed.central.db.updateTable("pending_approvals").set({ shown }).execute();
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ status: "failed" });
  });
});

describe("a plan of an agent", () => {
  test("a plan is shown in full, and its approval lets the agent continue", async () => {
    const bed = await asked();
    const id = await pendingId(ask(bed, "q-1", plan));
    expect(await bed.ok(operator, "approvals", "get", id)).toMatchObject({
      kind: "question",
      consequence: ["The plan, 2 lines:", "> # Plan", "> It can be answered until tomorrow."],
    });
    await bed.ok(person("sue"), "approvals", "approve", id);
    expect(await ask(bed, "q-1", plan)).toEqual({ is: "decided", decision: { behavior: "allow" } });
  });

  test("a plan is rejected with words that the agent reads", async () => {
    const bed = await asked();
    const id = await pendingId(ask(bed, "q-1", plan));
    await bed.ok(person("sue"), "approvals", "reject", id, "--reason", "too short");
    expect(await ask(bed, "q-1", plan)).toEqual(denied("The person rejected the plan: too short"));
  });
});

describe("readAnswers", () => {
  const options = ["Red", "Blue", "Green, dark"].map((label) => ({ label, description: "" }));
  const one: AskedQuestion = { question: "Which?", header: "", options, isMultiple: false };
  const several: AskedQuestion = { ...one, isMultiple: true };

  test.each([
    { questions: [one], text: "2", answers: ["Blue"] },
    { questions: [one], text: " red ", answers: ["Red"] },
    { questions: [one], text: "green, dark", answers: ["Green, dark"] },
    { questions: [one], text: "none; of these, 2", answers: ["none; of these, 2"] },
    { questions: [one], text: '"2"', answers: ["2"] },
    { questions: [one], text: "1,2", answers: ["1,2"] },
    { questions: [several], text: "1,3", answers: ["Red, Green, dark"] },
    { questions: [several], text: "2, 2, mauve", answers: ["Blue, mauve"] },
    { questions: [several], text: '"1,2"', answers: ["1,2"] },
    { questions: [one, several], text: "1; 1,2", answers: ["Red", "Red, Blue"] },
    { questions: [one, several], text: "a; b\n2", answers: ["a; b", "Blue"] },
  ])("reads $text", ({ questions, text, answers }) =>
    expect(readAnswers(questions, text)).toEqual({ ok: true, value: answers }),
  );

  test.each([
    { questions: [one], text: "4", error: "there is no option 4" },
    { questions: [one], text: "0", error: "there is no option 0" },
    { questions: [several], text: "1,4", error: "there is no option 4" },
    { questions: [one], text: "  ", error: "an answer is missing" },
    { questions: [several], text: ",", error: "an answer is missing" },
    { questions: [one, several], text: "1", error: "It asks 2 questions, and this answers 1" },
    { questions: [one, one], text: "1; 2; 3", error: "It asks 2 questions, and this answers 3" },
    { questions: [one, one], text: "1; 9", error: "Question 2: there is no option 9" },
    { questions: [one, one], text: "1;", error: "Question 2: an answer is missing" },
  ])("refuses $text", ({ questions, text, error }) =>
    expect(readAnswers(questions, text)).toMatchObject({ ok: false, error: expect.stringContaining(error) }),
  );
});
