import process from "node:process";
import { centralCommandHost } from "@gatehouse/dispatch";
import { dispatch } from "@nc/cli-scope";
import { fakeRuntime } from "@nc/container-runtime/testing";
import type { Json } from "@gatehouse/session-rows/messages";
import { describe, expect, onTestFinished, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import {
  fromAna,
  install,
  sessionFixture,
  until,
  type SessionFixture,
  type HostOptions,
} from "../session.fixture.ts";

const times = { tickMs: 20, retryMs: 10, wakeRetryMs: 10 };

/** A host whose operator answers approvals. */
const answered = async (over: HostOptions = {}) => {
  const fixture = await sessionFixture();
  const commands = centralCommandHost(fixture.central, {
    dataDir: fixture.dataDir,
    runtime: { ...fixture.runtime(), isolation: "process" },
    report: (error) => expect.fail(String(error)),
  });
  onTestFinished(() => commands.flush());
  const ncl = async (command: string, args: Readonly<Record<string, unknown>>): Promise<void> => {
    const frame = await dispatch({ id: "1", command, args }, { type: "host" }, commands);
    if (!frame.ok) expect.fail(frame.error.message);
  };
  const host = await fixture.host({ times, ...over });
  return { ...fixture, host, ncl, anotherHost: () => fixture.host({ times, ...over }) };
};

const approvals = ({ central }: Pick<SessionFixture, "central">) =>
  central.db
    .selectFrom("pending_approvals")
    .select(["approval_id", "status", "consequence"])
    .orderBy("created_at")
    .orderBy("approval_id")
    .execute();

/** The id of the only approval, as soon as it is asked for. */
const asked = (fixture: Pick<SessionFixture, "central">): Promise<string> =>
  until(async () => {
    const [one, ...others] = await approvals(fixture);
    expect([one?.status, others.length]).toEqual(["pending", 0]);
    return one?.approval_id ?? "";
  });

const pidOf = ({ happened }: Pick<SessionFixture, "happened">): number =>
  Number(happened("container-started").at(-1)?.["pid"]);

describe("a tool that an agent asks for", () => {
  test("a person allows the tool, and until then the sender is told what the agent waits for", async () => {
    const fixture = await answered();
    await fixture.host.receive(fromAna("m-1", '/tool Bash {"command":"ls"}'));
    const id = await asked(fixture);
    await until(() => expect(fixture.texts()).toEqual([`Ana waits for an answer about Bash (${id}).`]));
    await fixture.ncl("approvals-approve", { id });
    await until(() => expect(fixture.texts().at(-1)).toBe("Bash is allowed"));
    expect(fixture.texts()).toHaveLength(2);
  });

  test("a sender whose chat shows the card gets no other message about it", async () => {
    const fixture = await answered();
    await addRow(fixture.central.db, "user_dms", { user_id: "local:ana", channel_type: "local" });
    await fixture.host.receive(fromAna("m-1", "/tool Bash {}"));
    await fixture.ncl("approvals-reject", { id: await asked(fixture), reason: "not here" });
    await until(() => expect(fixture.texts()).toEqual(["Bash is denied: A person denied it: not here"]));
  });

  test("a question is answered by the sender of the message, and causes no other message in the chat", async () => {
    const fixture = await answered();
    await fixture.ncl("groups-config-update", { id: "ag-1", tools: "deny" });
    const options = [{ label: "Red", description: "" }];
    const questions = [{ question: "Which?", header: "", options, isMultiple: false }];
    await fixture.host.receive(fromAna("m-1", `/ask ${JSON.stringify({ type: "choices", questions })}`));
    const id = await asked(fixture);
    const requests = fixture.central.db.selectFrom("pending_approvals").select("asked_user_id");
    expect(await requests.execute()).toEqual([{ asked_user_id: "local:ana" }]);
    await fixture.ncl("approvals-answer", { id, text: "1" });
    await until(() => expect(fixture.texts()).toEqual(["Red"]));
  });

  test("a policy of allow-read or deny decides without a person", async () => {
    const fixture = await answered();
    await fixture.ncl("groups-config-update", { id: "ag-1", tools: "allow-read" });
    await fixture.host.receive(fromAna("m-1", "/tool Read {}"));
    await until(() => expect(fixture.texts()).toEqual(["Read is allowed"]));
    await fixture.ncl("groups-config-update", { id: "ag-1", tools: "deny" });
    await fixture.host.receive(fromAna("m-2", "/tool Read {}"));
    await until(() => expect(fixture.texts()[1]).toMatch(/^Read is denied: The configuration/));
    expect(await approvals(fixture)).toEqual([]);
  });

  test("a killed runner leaves the card, and the next runner gets the answer", async () => {
    const fixture = await answered();
    await fixture.host.receive(fromAna("m-1", "/tool Bash {}"));
    const id = await asked(fixture);
    process.kill(pidOf(fixture), "SIGKILL");
    await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
    // Answered before the next runner asks, the card would not count: the tool may have run.
    await until(async () => {
      const { db } = fixture.central;
      const questions = db.selectFrom("session_messages_out").where("kind", "=", "question");
      const [first, second] = await questions.select(["id", "answer"]).orderBy("seq").execute();
      const held = await db.selectFrom("pending_approvals").select("question_id").executeTakeFirstOrThrow();
      expect(first?.answer).toContain("deny");
      expect(held.question_id).toBe(second?.id);
    });
    await fixture.ncl("approvals-approve", { id });
    await until(() => expect(fixture.texts().at(-1)).toBe("Bash is allowed"));
    expect(await approvals(fixture)).toMatchObject([{ approval_id: id, status: "approved" }]);
  });

  test("an answer that comes while no host runs is given by the next host", async () => {
    const fixture = await answered();
    await fixture.host.receive(fromAna("m-1", "/tool Bash {}"));
    const id = await asked(fixture);
    await fixture.host.close();
    await fixture.ncl("approvals-approve", { id });
    await fixture.anotherHost();
    await until(() => expect(fixture.texts().at(-1)).toBe("Bash is allowed"));
    expect(await approvals(fixture)).toMatchObject([{ approval_id: id, status: "approved" }]);
  });

  test("/clear ends the card of the tool", async () => {
    const fixture = await answered();
    await fixture.host.receive(fromAna("m-1", "/tool Bash {}"));
    await asked(fixture);
    await fixture.host.receive(fromAna("m-2", "/clear"));
    await until(async () => expect(await approvals(fixture)).toMatchObject([{ status: "expired" }]));
  });
});

const bash = {
  type: "tool",
  incarnation: 1,
  messageId: "m-1",
  tool: "Bash",
  input: {},
  occurrence: 0,
} as const;

/** An agent that the test plays. It has `m-1` in work. */
const played = async () => {
  const fixture = await answered({ runtime: fakeRuntime({ install }).runtime });
  await fixture.host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const agent = fixture.agent((await fixture.session()).id);
  const now = new Date().toISOString();
  const processing = { id: "m-1", status: "processing", reason: null } as const;
  await agent.commit({ acknowledgements: [processing], messages: [], now });
  let count = 0;
  const ask = async (id: string, content: Json): Promise<void> => {
    const askedAt = new Date(Date.parse(now) + (count += 1)).toISOString();
    const done = await agent.ask({ id, content, askedAt });
    if (!done.ok) expect.fail(done.error.message);
  };
  const answerTo = (id: string): Promise<unknown> =>
    until(async () => {
      const answer = await agent.answerTo(id);
      return (answer.ok ? answer.value : undefined) ?? expect.fail(`${id} has no answer`);
    });
  const end = async (id: string): Promise<void> => {
    const completed = { id, status: "completed", reason: null } as const;
    await agent.commit({ acknowledgements: [completed], messages: [], now });
  };
  return { ...fixture, ask, answerTo, end };
};

describe("a question of an agent", () => {
  test.each([
    { what: "a message that it does not have", content: { ...bash, mayHaveRun: false, messageId: "m-9" } },
    { what: "the turn of an earlier runner", content: { ...bash, mayHaveRun: false, incarnation: 0 } },
    { what: "an unknown type", content: { type: "weather" } },
    { what: "a tool with a name of two lines", content: { ...bash, mayHaveRun: false, tool: "a\nb" } },
    { what: "a tool, without telling whether the tool may have run", content: bash },
  ])("a question about $what is denied at once", async ({ content }) => {
    const fixture = await played();
    await fixture.ask("q-1", content);
    expect(await fixture.answerTo("q-1")).toMatchObject({ behavior: "deny" });
    expect(await approvals(fixture)).toEqual([]);
  });

  test("a new question about the same tool replaces the older question, and an answer to its card serves the new question", async () => {
    const fixture = await played();
    await fixture.ask("q-1", { ...bash, mayHaveRun: true });
    const id = await asked(fixture);
    await fixture.ask("q-2", { ...bash, mayHaveRun: true });
    expect(await fixture.answerTo("q-1")).toMatchObject({ behavior: "deny" });
    await fixture.ncl("approvals-approve", { id });
    expect(await fixture.answerTo("q-2")).toEqual({ behavior: "allow" });
    expect(await approvals(fixture)).toMatchObject([{ approval_id: id, status: "approved" }]);
  });

  test("an answer contains the rule that the person chose, and the group's agents get that rule", async () => {
    const fixture = await played();
    await fixture.ask("q-1", { ...bash, mayHaveRun: false, suggestions: [["Bash(npm test *)"]] });
    const id = await asked(fixture);
    await fixture.ncl("approvals-approve", { id, rule: "1" });
    expect(await fixture.answerTo("q-1")).toEqual({ behavior: "allow", rules: ["Bash(npm test *)"] });
    await fixture.host.refresh();
    const rules = async () => {
      const projection = await fixture.agent((await fixture.session()).id).projection();
      return projection.ok ? projection.value.toolRules : expect.fail(projection.error.message);
    };
    expect(await rules()).toEqual(["Bash(npm test *)"]);
    const [rule] = await fixture.central.db.selectFrom("tool_rules").select("id").execute();
    await fixture.ncl("tool-rules-delete", { id: rule?.id ?? "" });
    await fixture.host.refresh();
    expect(await rules()).toEqual([]);
  });

  test("the end of the message ends the card", async () => {
    const fixture = await played();
    await fixture.ask("q-1", { ...bash, mayHaveRun: false });
    await asked(fixture);
    await fixture.end("m-1");
    await until(async () => expect(await approvals(fixture)).toMatchObject([{ status: "expired" }]));
    expect(await fixture.answerTo("q-1")).toMatchObject({ behavior: "deny" });
  });

  test("a withdrawal of the question ends the card", async () => {
    const fixture = await played();
    await fixture.ask("q-1", { ...bash, mayHaveRun: false });
    await asked(fixture);
    await fixture.ask("q-2", { type: "withdrawal", withdraws: "q-1" });
    await fixture.answerTo("q-2");
    expect(await approvals(fixture)).toMatchObject([{ status: "expired" }]);
    expect(await fixture.answerTo("q-1")).toMatchObject({ behavior: "deny" });
  });
});
