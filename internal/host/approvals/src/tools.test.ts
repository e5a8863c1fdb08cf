import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, operator, person, type Bed } from "@gatehouse/dispatch/testing";
import { describe, expect, test } from "vitest";
import type { ToolRequest } from "@gatehouse/session-rows/messages";
import { toolRequestIn, type AskedTool } from "./tool-request.ts";
import { toolRulesOf } from "./tool-rules.ts";
import { holdTool, withdrawTools, type HeldTool } from "./tools.ts";
import { waitingApprovals } from "./waiting-approvals.ts";

const request: ToolRequest = {
  messageId: "m-1",
  tool: "Bash",
  input: { command: "ls" },
  occurrence: 0,
  mayHaveRun: false,
};

let last = 0;

const clock = { now: () => "2026-11-20T08:00:00.000Z", id: (prefix: string) => `${prefix}-${(last += 1)}` };

/** Asks as the agent of `ag-team` does: each question once, by its id. */
const ask = (bed: Bed, questionId: string, over: Partial<ToolRequest> = {}): Promise<HeldTool> => {
  const asked: AskedTool = {
    sessionId: "se-team",
    groupId: "ag-team",
    questionId,
    request: { ...request, ...over },
  };
  return bed.central.db
    .transaction()
    .execute((transaction) => holdTool(transaction, asked, { ...clock, dataDir: bed.dataDir }));
};

/** The id of the approval that a person has to answer. */
const pendingId = async (asked: Promise<HeldTool>): Promise<string> => {
  const held = await asked;
  return held.is === "pending" ? held.approvalId : expect.fail(JSON.stringify(held));
};

const allowed = { is: "decided", decision: { behavior: "allow" } };
const denied = (message: string) => ({
  is: "decided",
  decision: { behavior: "deny", message: expect.stringContaining(message) },
});

const policy = (bed: Bed, tools: string) =>
  bed.ok(operator, "groups", "config", "update", "ag-team", "--tools", tools, "--yes");

/** Lets the agent that asks be one of a provider. */
const runs = async ({ central }: Bed, provider: string): Promise<void> => {
  const container_agent = JSON.stringify({
    provider: { value: provider, from: "group" },
    model: { value: null, from: null },
  });
  await central.db.updateTable("sessions").set({ container_agent }).where("id", "=", "se-team").execute();
};

describe("a request for a tool", () => {
  test("a request for a tool waits for a person, who reads the whole input, and is allowed once", async () => {
    const bed = await hostBed();
    const id = await pendingId(ask(bed, "q-1", { input: { command: "ls\nrm -r x\u202e", timeout: 5 } }));
    expect(await bed.ok(operator, "approvals", "get", id)).toMatchObject({
      kind: "tool",
      status: "pending",
      shown: String.raw`use Bash {"command":"ls\nrm -r x\u202e","timeout":5}`,
      consequence: ["timeout: 5", "command, 2 lines:", "> ls", String.raw`> rm -r x\u202e`],
    });
    expect(await bed.ok(person("admin"), "approvals", "approve", id)).toMatchObject({
      result: { tool: "Bash", allowed: "once" },
    });
    expect(await ask(bed, "q-1", { input: { timeout: 5, command: "ls\nrm -r x\u202e" } })).toEqual(allowed);
  });

  test("with words that run from right to left has them set apart on its card, so none turns its line around", async () => {
    const bed = await hostBed();
    const command = "mv אב /1 /2 גד";
    const id = await pendingId(ask(bed, "q-1", { tool: "דה", input: { command } }));
    const apart = 'command: "mv \u2068אב\u2069 /1 /2 \u2068גד\u2069"';
    const { approvals } = await waitingApprovals(bed.central.db, bed.host.commands, clock.now());
    expect(approvals).toMatchObject([
      { card: { title: `May team use \u2068דה\u2069? (${id})`, lines: [expect.any(String), apart] } },
    ]);
    expect(approvals[0]?.asks).toContain("use \u2068דה\u2069");
    expect(await bed.ok(operator, "approvals", "get", id)).toMatchObject({
      shown: 'use \u2068דה\u2069 {"command":"mv \u2068אב\u2069 /1 /2 \u2068גד\u2069"}',
      consequence: [apart],
    });
    await bed.ok(person("admin"), "approvals", "approve", id);
    expect(await ask(bed, "q-1", { tool: "דה", input: { command } })).toEqual(allowed);
  });

  test("a request for a tool is denied with the words of the person", async () => {
    const bed = await hostBed();
    const id = await pendingId(ask(bed, "q-1"));
    await bed.ok(operator, "approvals", "reject", id, "--reason", "not here");
    expect(await ask(bed, "q-1")).toEqual(denied("A person denied it: not here"));
  });

  test.each([
    { what: "another message", over: { messageId: "m-2" } },
    { what: "another tool", over: { tool: "Write" } },
    { what: "another input", over: { input: { command: "ls " } } },
    { what: "the next occurrence", over: { occurrence: 1 } },
  ])("an approval allows no request with $what", async ({ over }) => {
    const bed = await hostBed();
    const id = await pendingId(ask(bed, "q-1"));
    await bed.ok(operator, "approvals", "approve", id);
    expect(await pendingId(ask(bed, "q-2", over))).not.toBe(id);
  });

  test("a request for a tool is answered only by people who may answer commands of the group", async () => {
    const bed = await hostBed();
    const id = await pendingId(ask(bed, "q-1"));
    expect(await bed.code(person("nobody"), "approvals", "approve", id)).toBe("permission-denied");
    await bed.ok(
      operator,
      "roles",
      "revoke",
      "--user",
      "telegram:admin",
      "--role",
      "admin",
      "--group",
      "ag-team",
    );
    expect(await bed.code(person("admin"), "approvals", "approve", id)).toBe("permission-denied");
    expect(await bed.code(person("owner"), "approvals", "approve", id)).toBe("ok");
  });

  test("a tool is not allowed if the row of its request was changed", async () => {
    const bed = await hostBed();
    const id = await pendingId(ask(bed, "q-1"));
    await bed.central.db
      .updateTable("pending_approvals")
      .set({ occurrence: 1 })
      .where("approval_id", "=", id)
      .execute();
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ status: "failed" });
  });

  test("a request for a tool is denied at once if no person could answer it", async () => {
    const bed = await hostBed();
    await bed.central.db.deleteFrom("user_roles").execute();
    expect(await ask(bed, "q-1")).toEqual(denied("no owner or admin is configured"));
  });

  test("a request for a tool is denied if its input is longer than 200,000 characters", async () => {
    const bed = await hostBed();
    expect(await ask(bed, "q-1", { input: { content: "x".repeat(200_000) } })).toEqual(
      denied("more than 200000"),
    );
    await pendingId(ask(bed, "q-2", { input: { content: "x".repeat(190_000) } }));
  });

  test("a request for a tool is denied after 24 hours", async () => {
    const bed = await hostBed();
    await pendingId(ask(bed, "q-1"));
    bed.later(25 * 60 * 60 * 1000);
    expect(await bed.host.expireApprovals()).toBe(1);
    expect(await ask(bed, "q-1")).toEqual(denied("No person answered within 24 hours"));
    // Its runner asks again, so the agent gets no message; the session's host is asked to look.
    expect(await bed.central.db.selectFrom("session_messages_in").select("id").execute()).toEqual([]);
    expect(await bed.central.db.selectFrom("leases").select("session_id").execute()).toHaveLength(1);
  });

  test("a withdrawn request for a tool cannot be answered", async () => {
    const bed = await hostBed();
    const [one, other] = [
      await pendingId(ask(bed, "q-1")),
      await pendingId(ask(bed, "q-2", { messageId: "m-2" })),
    ];
    const { db } = bed.central;
    await withdrawTools(db, "se-other", { questionId: "q-1" }, clock.now());
    await withdrawTools(db, "se-team", { questionId: "q-1" }, clock.now());
    expect(await bed.code(operator, "approvals", "approve", one)).toBe("handler-error");
    await withdrawTools(db, "se-team", { messageIds: ["m-2"] }, clock.now());
    expect(await bed.code(operator, "approvals", "approve", other)).toBe("handler-error");
  });
});

describe("a request of the runner after a killed runner", () => {
  test("the next runner finds the pending approval of the killed runner, and gets its answer", async () => {
    const bed = await hostBed();
    const id = await pendingId(ask(bed, "q-1"));
    expect(await ask(bed, "q-2", { mayHaveRun: true })).toEqual({
      is: "pending",
      approvalId: id,
      isNew: false,
    });
    await bed.ok(operator, "approvals", "approve", id);
    expect(await ask(bed, "q-2", { mayHaveRun: true })).toEqual(allowed);
  });

  test("the next runner gets the answer again if the tool cannot have run", async () => {
    const bed = await hostBed();
    await bed.ok(operator, "approvals", "approve", await pendingId(ask(bed, "q-1")));
    expect(await ask(bed, "q-2")).toEqual(allowed);
  });

  test("the next runner's request is asked again if the tool may have run, and the person reads that", async () => {
    const bed = await hostBed();
    const id = await pendingId(ask(bed, "q-1"));
    await bed.ok(operator, "approvals", "approve", id);
    bed.later(1000);
    const again = await pendingId(
      bed.central.db.transaction().execute((transaction) =>
        holdTool(
          transaction,
          {
            sessionId: "se-team",
            groupId: "ag-team",
            questionId: "q-2",
            request: { ...request, mayHaveRun: true },
          },
          { ...clock, dataDir: bed.dataDir, now: () => "2026-11-20T08:00:01.000Z" },
        ),
      ),
    );
    expect(again).not.toBe(id);
    expect(await bed.ok(operator, "approvals", "get", again)).toMatchObject({
      consequence: [expect.stringContaining("may have run already"), 'command: "ls"'],
    });
    await bed.ok(operator, "approvals", "approve", again);
    expect(await ask(bed, "q-2", { mayHaveRun: true })).toEqual(allowed);
  });

  test("the next runner's request is asked again if the killed runner had read the answer", async () => {
    const bed = await hostBed();
    const id = await pendingId(ask(bed, "q-1"));
    await bed.ok(operator, "approvals", "approve", id);
    const told = { status: "delivered" as const, answer: JSON.stringify({ behavior: "allow" }) };
    await addRow(bed.central.db, "session_messages_out", {
      session_id: "se-team",
      id: "q-1",
      kind: "question",
      ...told,
    });
    expect(await pendingId(ask(bed, "q-2"))).not.toBe(id);
  });

  test("the next runner's request is denied after a denial", async () => {
    const bed = await hostBed();
    await bed.ok(operator, "approvals", "reject", await pendingId(ask(bed, "q-1")));
    expect(await ask(bed, "q-2", { mayHaveRun: true })).toEqual(denied("A person denied it."));
  });
});

describe("the places where paths lead", () => {
  const content = { type: "tool", ...request };

  test.each([
    { realPaths: "x" },
    { realPaths: [{ field: "a" }] },
    { realPaths: [{ field: 1, realPath: "/a" }] },
    { realPaths: [{ field: "a", realPath: "x".repeat(5_000) }] },
    { realPaths: Array.from({ length: 1_001 }, () => ({ field: "a", realPath: "/a" })) },
  ])("a request with unreadable places is no request: case %#", (more) => {
    expect(toolRequestIn({ ...content, ...more })).toBeNull();
  });

  test("a request keeps its places, and is inside only if it says true", () => {
    const realPaths = [{ field: "a", realPath: "/a" }];
    expect(toolRequestIn({ ...content, realPaths, isInside: true })).toMatchObject({
      realPaths,
      isInside: true,
    });
    expect(toolRequestIn({ ...content, isInside: "yes" })).not.toHaveProperty("isInside");
  });
});

describe("the policy of a group", () => {
  test.each([
    { tools: "allow-read", tool: "Read", isInside: true, gets: allowed },
    { tools: "allow-read", tool: "Grep", isInside: true, gets: allowed },
    { tools: "allow-read", tool: "Read", isInside: true, provider: "own:mine", gets: { is: "pending" } },
    { tools: "allow-read", tool: "Read", isInside: true, provider: "copilot", gets: { is: "pending" } },
    { tools: "allow-read", tool: "Read", isInside: true, provider: "constructor", gets: { is: "pending" } },
    { tools: "allow-read", tool: "Read", isInside: false, gets: { is: "pending" } },
    { tools: "allow-read", tool: "Grep", gets: { is: "pending" } },
    { tools: "allow-read", tool: "Bash", isInside: true, gets: { is: "pending" } },
    { tools: "allow-read", tool: "read", isInside: true, gets: { is: "pending" } },
    { tools: "allow-read", tool: "send_message", isInside: true, gets: { is: "pending" } },
    { tools: "allow-all", tool: "Bash", gets: allowed },
    { tools: "allow-all", tool: "send_message", gets: allowed },
    { tools: "deny", tool: "Read", isInside: true, gets: denied("denies all tools") },
    { tools: "deny", tool: "send_message", gets: denied("denies all tools") },
    { tools: "ask", tool: "Read", isInside: true, gets: { is: "pending" } },
  ])(
    "the policy $tools decides about $tool of $provider, inside: $isInside",
    async ({ tools, tool, isInside, provider, gets }) => {
      const bed = await hostBed();
      await policy(bed, tools);
      if (provider !== undefined) await runs(bed, provider);
      expect(await ask(bed, "q-1", { tool, ...(isInside === undefined ? {} : { isInside }) })).toMatchObject(
        gets,
      );
    },
  );
});

describe("approvals approve --always", () => {
  test("approve --always allows the same tool and input in the group, and nothing else", async () => {
    const bed = await hostBed();
    await bed.ok(operator, "approvals", "approve", await pendingId(ask(bed, "q-1")), "--always");
    expect(await ask(bed, "q-2", { messageId: "m-2", occurrence: 3, mayHaveRun: true })).toEqual(allowed);
    await pendingId(ask(bed, "q-3", { messageId: "m-2", input: { command: "ls -l" } }));
    await pendingId(ask(bed, "q-4", { messageId: "m-2", tool: "Write" }));
    const team = {
      type: "agent",
      sessionId: "se-team",
      groupId: "ag-team",
      messagingGroupId: "mg-team",
    } as const;
    const shown = { tool: "Bash", input: '{"command":"ls"}', allowed_by: "host", agent_group_id: "ag-team" };
    expect(await bed.ok(team, "tool-rules", "list")).toMatchObject([shown]);
    expect(
      await bed.ok({ ...team, sessionId: "se-other", groupId: "ag-other" }, "tool-rules", "list"),
    ).toEqual([]);
    const other: AskedTool = { sessionId: "se-other", groupId: "ag-other", questionId: "q-5", request };
    expect(
      await bed.central.db
        .transaction()
        .execute((within) => holdTool(within, other, { ...clock, dataDir: bed.dataDir })),
    ).toMatchObject({
      is: "pending",
    });
  });

  const input = { file_path: "notes.txt", content: "x" };
  const realPaths = [{ field: "file_path", realPath: "/home/ana/.bash\nrc" }];

  test("approve --always counts only as long as the paths lead to the same places", async () => {
    const bed = await hostBed();
    const write = { tool: "Write", input, realPaths };
    const id = await pendingId(ask(bed, "q-1", write));
    expect(await bed.ok(operator, "approvals", "get", id)).toMatchObject({
      consequence: [
        'content: "x"',
        'file_path: "notes.txt"',
        String.raw`file_path leads to: "/home/ana/.bash\nrc"`,
      ],
    });
    expect(await bed.ok(operator, "approvals", "approve", id, "--always")).toMatchObject({
      result: { allowed: "always" },
    });
    expect(await bed.ok(operator, "tool-rules", "list", "--group", "ag-team")).toMatchObject([
      { input: expect.stringMatching(/"notes\.txt"\} leads to \[.*bash\\\\?nrc"/) },
    ]);
    const next = { messageId: "m-2" };
    expect(await ask(bed, "q-2", { ...next, ...write })).toEqual(allowed);
    await pendingId(ask(bed, "q-3", { ...next, tool: "Write", input }));
    const elsewhere = [{ field: "file_path", realPath: "/home/ana/.profile" }];
    await pendingId(ask(bed, "q-4", { ...next, ...write, realPaths: elsewhere }));
    await pendingId(ask(bed, "q-5", { ...next, tool: "Write", input: { ...input, realPaths } }));
  });

  test("an approval allows no request whose path leads elsewhere by now", async () => {
    const bed = await hostBed();
    const write = { tool: "Write", input, realPaths };
    await bed.ok(operator, "approvals", "approve", await pendingId(ask(bed, "q-1", write)));
    await pendingId(
      ask(bed, "q-2", { ...write, realPaths: [{ field: "file_path", realPath: "/etc/passwd" }] }),
    );
    expect(await ask(bed, "q-3", write)).toEqual(allowed);
  });

  test.each([
    { tool: "Bash", words: { description: "Runs node" }, others: { description: "Run the node command" } },
    { tool: "Bash", words: {}, others: { description: "now with words" } },
    {
      provider: "opencode",
      tool: "bash",
      words: { description: "Runs node" },
      others: { description: "Node" },
    },
    {
      provider: "codex",
      tool: "commandExecution",
      words: { reason: "to see" },
      others: { reason: "I need it" },
    },
  ])(
    "approve --always for $tool of $provider does not depend on its words for a person",
    async ({ provider = "claude", tool, words, others }) => {
      const bed = await hostBed();
      await runs(bed, provider);
      const command = { command: "node -e 1", timeout: 5 };
      const id = await pendingId(ask(bed, "q-1", { tool, input: { ...command, ...words } }));
      await bed.ok(operator, "approvals", "approve", id, "--always");
      const next = { messageId: "m-2", tool };
      expect(await ask(bed, "q-2", { ...next, input: { ...command, ...others } })).toEqual(allowed);
      for (const [at, more] of [{ timeout: 6 }, { command: "node -e 2" }, { cwd: "/x" }].entries())
        await pendingId(ask(bed, `q-${at + 3}`, { ...next, input: { ...command, ...others, ...more } }));
    },
  );

  test.each([
    { provider: "claude", tool: "mcp__issues__create" },
    { provider: "own:mine", tool: "bash" },
    { provider: "codex", tool: "Bash" },
  ])("approve --always for $tool of $provider counts its description, which may be run", async (asking) => {
    const bed = await hostBed();
    const { provider, tool } = asking;
    await runs(bed, provider);
    const id = await pendingId(ask(bed, "q-1", { tool, input: { description: "the text of an issue" } }));
    await bed.ok(operator, "approvals", "approve", id, "--always");
    const next = { messageId: "m-2", tool };
    expect(await ask(bed, "q-2", { ...next, input: { description: "the text of an issue" } })).toEqual(
      allowed,
    );
    await pendingId(ask(bed, "q-3", { ...next, input: { description: "another" } }));
  });

  test("two calls of one command with other words have a card each", async () => {
    const bed = await hostBed();
    const one = await pendingId(ask(bed, "q-1", { input: { command: "ls", description: "a" } }));
    expect(await pendingId(ask(bed, "q-2", { input: { command: "ls", description: "b" } }))).not.toBe(one);
  });

  test("tool-rules delete revokes what --always allowed", async () => {
    const bed = await hostBed();
    await bed.ok(operator, "approvals", "approve", await pendingId(ask(bed, "q-1")), "--always");
    const [rule] = (await bed.ok(operator, "tool-rules", "list", "--group", "ag-team")) as {
      readonly id: string;
    }[];
    await bed.ok(operator, "tool-rules", "delete", rule?.id ?? "");
    await pendingId(ask(bed, "q-2", { messageId: "m-2" }));
  });

  test("approve --always is refused for a command, which stays pending", async () => {
    const bed = await hostBed();
    const held = await bed.ask(
      { type: "agent", sessionId: "se-team", groupId: "ag-team", messagingGroupId: "mg-team" },
      ..."groups config update --model opus".split(" "),
    );
    if (held.ok || held.approvalId === undefined) expect.fail("It did not wait for a person.");
    expect(await bed.code(operator, "approvals", "approve", held.approvalId, "--always")).toBe(
      "invalid-args",
    );
    expect(await bed.code(operator, "approvals", "approve", held.approvalId)).toBe("ok");
  });
});

describe("approvals approve --rule", () => {
  const suggestions = [["Bash(npm test *)"], ["Read(//etc/**)", "Read(//usr/**)"]];
  const rulesOf = ({ central }: Bed) => toolRulesOf(central.db, "ag-team");

  test("approve --rule gives the CLI the rule that it suggested, and the host compares no input with that rule", async () => {
    const bed = await hostBed();
    const id = await pendingId(ask(bed, "q-1", { suggestions }));
    expect(await bed.ok(operator, "approvals", "get", id)).toMatchObject({
      consequence: [
        "Rule 1 that its CLI suggests: Bash(npm test *)",
        "Rule 2 that its CLI suggests: Read(//etc/**) and Read(//usr/**)",
        'command: "ls"',
      ],
    });
    expect(await bed.ok(person("admin"), "approvals", "approve", id, "--rule", "2")).toMatchObject({
      result: { allowed: "always", rules: suggestions[1] },
    });
    expect(await ask(bed, "q-1", { suggestions })).toEqual({
      is: "decided",
      decision: { behavior: "allow", rules: suggestions[1] },
    });
    expect(await rulesOf(bed)).toEqual(suggestions[1]);
    await pendingId(ask(bed, "q-2", { messageId: "m-2", tool: "Read", input: "" }));
  });

  test("a suggested rule is listed and deleted with tool-rules", async () => {
    const bed = await hostBed();
    await bed.ok(
      operator,
      "approvals",
      "approve",
      await pendingId(ask(bed, "q-1", { suggestions })),
      "--rule",
      "1",
    );
    const list = (await bed.ok(operator, "tool-rules", "list", "--group", "ag-team")) as {
      readonly id: string;
    }[];
    const by = { allowed_by: "host", tool: "Bash" };
    expect(list).toMatchObject([{ ...by, input: null, rule: "Bash(npm test *)" }]);
    await bed.ok(operator, "tool-rules", "delete", list[0]?.id ?? "");
    expect(await rulesOf(bed)).toEqual([]);
  });

  test.each([
    { what: "a number without a rule", args: ["--rule", "3"] },
    { what: "two flags at once", args: ["--rule", "1", "--always"] },
  ])("approve --rule is refused for $what, and the card stays", async ({ args }) => {
    const bed = await hostBed();
    const id = await pendingId(ask(bed, "q-1", { suggestions }));
    expect(await bed.code(operator, "approvals", "approve", id, ...args)).toBe("invalid-args");
    expect(await pendingId(ask(bed, "q-1", { suggestions }))).toBe(id);
    expect(await rulesOf(bed)).toEqual([]);
  });

  test("toolRulesOf returns no rule while the policy denies all tools", async () => {
    const bed = await hostBed();
    await bed.ok(
      operator,
      "approvals",
      "approve",
      await pendingId(ask(bed, "q-1", { suggestions })),
      "--rule",
      "1",
    );
    await policy(bed, "deny");
    expect(await rulesOf(bed)).toEqual([]);
    await policy(bed, "ask");
    expect(await rulesOf(bed)).toEqual(["Bash(npm test *)"]);
  });
});

describe("toolRequestIn", () => {
  const content = { type: "tool", ...request };

  test.each([
    { what: "a rule of two lines", suggestions: [["Bash(a\nb)"]] },
    { what: "a rule with a hidden character", suggestions: [["Bash(a\u202eb)"]] },
    { what: "a text that is no rule", suggestions: [["Bash(ls"]] },
    { what: "a rule that is too long", suggestions: [[`Bash(${"x".repeat(1_000)})`]] },
    { what: "no rule", suggestions: [[]] },
    { what: "another shape", suggestions: [{ rules: ["Bash"] }] },
  ])("leaves out a suggestion with $what", ({ suggestions }) =>
    expect(toolRequestIn({ ...content, suggestions: [...suggestions, ["Bash(ls *)"]] })).toEqual({
      ...request,
      suggestions: [["Bash(ls *)"]],
    }),
  );

  test.each([
    { what: "its first occurrence", over: { occurrence: 0 }, isRead: true },
    { what: "an occurrence before the first", over: { occurrence: -1 }, isRead: false },
    { what: "half an occurrence", over: { occurrence: 0.5 }, isRead: false },
    { what: "the last occurrence that PostgreSQL can keep", over: { occurrence: 2 ** 31 - 1 }, isRead: true },
    { what: "an occurrence after it", over: { occurrence: 2 ** 31 }, isRead: false },
    { what: "a text for whether it may have run", over: { mayHaveRun: "no" }, isRead: false },
    { what: "no input", over: { input: undefined }, isRead: false },
    { what: "a longest message id", over: { messageId: "m".repeat(500) }, isRead: true },
    { what: "a longer message id", over: { messageId: "m".repeat(501) }, isRead: false },
    { what: "a tool of two words", over: { tool: "Bash Bash" }, isRead: false },
  ])("reads a request with $what: $isRead", ({ over, isRead }) =>
    expect(toolRequestIn({ ...content, ...over }) !== null).toBe(isRead),
  );

  test.each([
    { question: null },
    { question: { type: "choices", questions: [] } },
    {
      question: {
        type: "choices",
        questions: [{ question: "x", header: "", options: [{}], isMultiple: true }],
      },
    },
    { question: { type: "plan" } },
  ])("refuses the question $question", ({ question }) =>
    expect(toolRequestIn({ ...content, question })).toBeNull(),
  );
});

describe("a tool that needs no person", () => {
  type Row = { readonly args: Readonly<Record<string, string>> };

  test.each([
    { tools: "allow-all", over: {}, rule: "tools-allow-all", effect: "allow", args: { command: "ls" } },
    {
      tools: "allow-read",
      over: { tool: "Read", input: { file_path: "/w/a" }, isInside: true },
      rule: "tools-allow-read",
      effect: "allow",
      args: { file_path: "/w/a" },
    },
    { tools: "deny", over: {}, rule: "tools-deny", effect: "deny", args: { command: "ls" } },
    {
      tools: "allow-all",
      over: { tool: "Write", input: { file_path: "/w/a", content: "hunter2" } },
      rule: "tools-allow-all",
      effect: "allow",
      args: { file_path: "/w/a", content: "(7 characters)" },
    },
    {
      tools: "allow-all",
      over: { input: { command: "curl --password hunter2 h" } },
      rule: "tools-allow-all",
      effect: "allow",
      args: { command: "curl --password *** h" },
    },
  ] as const)(
    "decisions list shows what $rule decided with $over",
    async ({ tools, over, rule, effect, args }) => {
      const bed = await hostBed();
      await policy(bed, tools);
      await ask(bed, "q-1", over);
      const rows = await bed.ok(operator, "decisions", "list", "--rule", rule);
      const command = `use ${"tool" in over ? over.tool : "Bash"}`;
      expect(rows).toEqual([
        expect.objectContaining({ actor: "agent:ag-team/se-team", command, effect, args }),
      ]);
    },
  );

  test("decisions list shows what a rule of a person has let through, one row for each use", async () => {
    const bed = await hostBed();
    const id = await pendingId(ask(bed, "q-1"));
    await bed.ok(person("owner"), "approvals", "approve", id, "--always");
    await ask(bed, "q-2", { occurrence: 1 });
    await ask(bed, "q-3", { occurrence: 2, input: { command: "ls", description: "List" } });
    const [rule] = (await bed.ok(operator, "tool-rules", "list")) as { readonly id: string }[];
    const rows = (await bed.ok(operator, "decisions", "list", "--rule", rule?.id ?? "")) as Row[];
    expect(rows.map(({ args }) => args)).toEqual([
      { command: "ls", description: "(4 characters)" },
      { command: "ls" },
    ]);
  });

  test("a tool that waits for a person is no decision yet", async () => {
    const bed = await hostBed();
    await pendingId(ask(bed, "q-1"));
    expect(await bed.ok(operator, "decisions", "list", "--command", "use Bash")).toEqual([]);
  });
});
