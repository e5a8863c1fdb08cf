import { noteId } from "./answer.ts";
import { createHash } from "node:crypto";
import { dispatch, type Actor, type Command } from "@nc/cli-scope";
import type { CommandContext, ReadContext } from "@gatehouse/command-context";
import { describe, expect, test } from "vitest";
import type { Card } from "@gatehouse/std";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, person, steward, type Bed } from "@gatehouse/dispatch/testing";

const day = 24 * 60 * 60 * 1000;

/** Asks for a command that needs approval, and returns the id of the approval. */
const asked = async ({ ask }: Bed, actor: Actor, ...argv: readonly string[]): Promise<string> => {
  const answer = await ask(actor, ...argv);
  if (answer.ok || answer.approvalId === undefined) expect.fail(`it did not wait: ${JSON.stringify(answer)}`);
  return answer.approvalId;
};

const configOf = async ({ ok }: Bed, id = "ag-team") =>
  (await ok(operator, "groups", "config", "get", id)) as Readonly<Record<string, unknown>>;

const approvalRow = ({ central }: Bed, id: string) =>
  central.db
    .selectFrom("pending_approvals")
    .selectAll()
    .where("approval_id", "=", id)
    .executeTakeFirstOrThrow();

/** The messages to a session, oldest first. */
const told = async ({ central }: Bed, sessionId = "se-team") => {
  const messages = await central.db
    .selectFrom("session_messages_in")
    .select(["id", "content", "trigger"])
    .where("session_id", "=", sessionId)
    .orderBy("seq")
    .execute();
  return messages.map(({ content, ...row }) => ({ ...row, ...(JSON.parse(content) as object) }));
};

const update = ["groups", "config", "update", "--model", "opus"] as const;

describe("an approval with a preview", () => {
  const at: Command<CommandContext, ReadContext> = {
    words: "bells ring",
    resource: null,
    effect: "change",
    access: "approval",
    reach: "group",
    description: "Rings.",
    flags: [],
    consequence: async () => ({ ok: true, value: ["It rings daily."] }),
    preview: async (_, { context }) => ({ ok: true, value: [`Seen at ${context.now()}`] }),
    run: async () => ({ ok: true, value: { data: "rung" } }),
  };
  const seen = "Seen at 2026-11-20T";

  test("shows it on the card, in the row and in words, and runs though it has changed", async () => {
    const bed = await hostBed({ commands: [at] });
    const id = await asked(bed, member, "bells", "ring");
    expect(await asked(bed, member, "bells", "ring")).toBe(id);
    expect(await bed.ok(operator, "approvals", "get", id)).toMatchObject({
      preview: [expect.stringContaining(seen)],
      card: {
        lines: expect.arrayContaining(["It rings daily.", expect.stringContaining(seen)]) as unknown,
      },
    });
    const frame = { id: "1", command: "approvals-get", args: { id } };
    expect(await dispatch(frame, operator, bed.host)).toMatchObject({
      human: expect.stringContaining(`consequence:\n  It rings daily.\npreview:\n  ${seen}`) as unknown,
    });
    bed.later(day / 2);
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ result: "rung" });
    await bed.ok(operator, "decisions", "verify");
  });

  test.each([
    ["another line", '["Seen at noon"]'],
    ["no line", null],
    ["a torn one", '["Seen'],
  ])("is not run if its row has %s", async (_, preview) => {
    const bed = await hostBed({ commands: [at] });
    const id = await asked(bed, member, "bells", "ring");
    await bed.central.db.updateTable("pending_approvals").set({ preview }).execute();
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining("not as it was written") as unknown },
    });
  });
});

describe("a card", () => {
  type Shown = { readonly id: string; readonly card: Card | null };

  test("is in the list and in the row of what waits, and no longer after the answer", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    const { card } = (await bed.ok(operator, "approvals", "get", id)) as Shown;
    expect(card).toMatchObject({
      id,
      title: `team asks for an approval (${id})`,
      digest: expect.stringMatching(/^[\da-f]{16}$/) as string,
      lines: [
        expect.stringMatching(/^It can be answered until /),
        '--id is its own group "team"',
        expect.stringMatching(/^ncl groups config update .*--id ag-team .*--model opus$/),
      ],
      options: [
        { id: "approve", command: `ncl approvals approve ${id} --seen ${card?.digest}` },
        { id: "reject", words: "optional", command: `ncl approvals reject ${id} --seen ${card?.digest}` },
      ],
    });
    expect(await bed.ok(operator, "approvals", "list")).toMatchObject([{ id, card }]);
    await bed.ok(operator, "approvals", "approve", id, "--seen", card?.digest ?? "");
    expect(await bed.ok(operator, "approvals", "get", id)).toMatchObject({ status: "approved", card: null });
  });

  test.each([
    { what: "approve", more: [] },
    { what: "reject", more: ["--reason", "no"] },
    { what: "answer", more: ["--text", "1"] },
  ])("that has changed since it was shown takes no $what, and is in the refusal", async ({ what, more }) => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    const { card } = (await bed.ok(operator, "approvals", "get", id)) as Shown;
    await bed.central.db.updateTable("agent_groups").set({ name: "Other" }).execute();
    const answer = await bed.ask(operator, "approvals", what, id, ...more, "--seen", card?.digest ?? "");
    const { card: now } = (await bed.ok(operator, "approvals", "get", id)) as Shown;
    expect(now?.digest).not.toBe(card?.digest);
    expect(answer).toMatchObject({
      code: "handler-error",
      message: expect.stringContaining(
        `${id} has changed since it was shown. It is now:\nOther asks for an approval (${id})\n`,
      ) as string,
    });
    expect(answer).toMatchObject({ message: expect.stringContaining(`--seen ${now?.digest}`) as string });
    expect(await approvalRow(bed, id)).toMatchObject({ status: "pending", answered_by: null });
  });

  test.each(["", "5eed", "0123456789abcdef", "constructor"])(
    "with the digest %j is refused",
    async (digest) => {
      const bed = await hostBed();
      const id = await asked(bed, member, ...update);
      const answer = await bed.ask(operator, "approvals", "approve", id, `--seen=${digest}`);
      expect(answer).toMatchObject({
        message: expect.stringContaining("has changed since it was shown") as string,
      });
      expect(await approvalRow(bed, id)).toMatchObject({ status: "pending" });
    },
  );
});

describe("a command that needs approval", () => {
  test("a command that needs approval is stored as pending, and changes nothing", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    expect(await approvalRow(bed, id)).toMatchObject({
      session_id: "se-team",
      agent_group_id: "ag-team",
      command: "groups config update",
      scope: "group",
      status: "pending",
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await configOf(bed)).toMatchObject({ model: null, generation: 1 });
  });

  test("an approved command runs as the agent that asked, and its answer is stored for the session", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({
      id,
      status: "approved",
      result: { model: "opus", generation: 2 },
    });
    expect(await configOf(bed)).toMatchObject({ model: "opus", generation: 2 });
    expect(await told(bed)).toEqual([
      expect.objectContaining({
        id: noteId(id, "outcome"),
        text: 'Your request "groups config update" was approved and done.',
        trigger: 1,
        frame: expect.objectContaining({ ok: true, id: "" }),
      }),
    ]);
    const decisions = await bed.central.db
      .selectFrom("decisions")
      .select(["actor", "command", "effect"])
      .execute();
    expect(decisions.filter(({ command }) => command === "groups config update")).toEqual([
      { actor: "agent:ag-team/se-team", command: "groups config update", effect: "approve" },
      { actor: "agent:ag-team/se-team", command: "groups config update", effect: "approve" },
    ]);
  });

  test("a pending command is stored once, even if its flags are spelled in another way", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    expect(await asked(bed, member, "groups", "config", "update", "ag-team", "--MODEL=opus")).toBe(id);
    expect(await asked(bed, member, "groups", "config", "update", "--model", "haiku")).not.toBe(id);
  });

  test("a command is refused at once if no person could approve it", async () => {
    const bed = await hostBed();
    await bed.central.db.deleteFrom("user_roles").execute();
    const answer = await bed.ask(member, ...update);
    expect(answer).toMatchObject({ code: "permission-denied" });
    expect(answer).toHaveProperty("message", expect.stringContaining("no owner or admin"));
  });

  test(
    "a command is refused if the sessions of the group have 200 pending requests together",
    { tags: ["slow"] },
    async () => {
      const bed = await hostBed();
      await addRow(bed.central.db, "sessions", {
        id: "se-second",
        agent_group_id: "ag-team",
        messaging_group_id: null,
      });
      const second = { ...member, sessionId: "se-second" };
      for (let count = 0; count < 200; count += 1)
        await asked(bed, count % 2 === 0 ? member : second, "groups", "update", "--name", `n${count}`);
      for (const actor of [member, second])
        expect(await bed.ask(actor, "groups", "update", "--name", "more")).toMatchObject({
          code: "permission-denied",
          message: expect.stringContaining("200 requests"),
        });
      expect(await asked(bed, second, "groups", "update", "--name", "n7")).toBeDefined();
      expect(await asked(bed, steward, "groups", "update", "ag-home", "--name", "n7")).toBeDefined();
    },
  );

  test("a command is refused if it is too long for a person to read, and accepted at the maximum length", async () => {
    const bed = await hostBed();
    const add = (length: number) =>
      bed.ask(
        member,
        ...["groups", "config", "add-mcp-server", "--name", "a", "--command", "c"],
        "--args",
        JSON.stringify(["x".repeat(length)]),
      );
    expect(await add(32_700)).toMatchObject({ code: "approval-pending" });
    expect(await add(32_768)).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining("32768 characters") as unknown,
    });
    expect(await bed.ok(operator, "approvals", "list")).toHaveLength(1);
  });

  test("a command with invalid values is refused at once", async () => {
    const { code } = await hostBed();
    expect(await code(member, "groups", "config", "update", "--model")).toBe("invalid-args");
    expect(await code(member, "groups", "config", "update", "--max-messages-per-prompt", "many")).toBe(
      "invalid-args",
    );
  });
});

describe("the right to answer", () => {
  test.each([
    { who: "the operator", actor: operator, own: "ok", global: "ok" },
    { who: "an owner", actor: person("owner"), own: "ok", global: "ok" },
    { who: "an admin of all groups", actor: person("everywhere"), own: "ok", global: "ok" },
    { who: "an admin of the group", actor: person("admin"), own: "ok", global: "not-found" },
    {
      who: "an admin of the global agent's group",
      actor: person("home"),
      own: "not-found",
      global: "permission-denied",
    },
    {
      who: "a person without a role",
      actor: person("nobody"),
      own: "permission-denied",
      global: "permission-denied",
    },
    { who: "the agent itself", actor: member, own: "forbidden", global: "forbidden" },
    { who: "a global agent", actor: steward, own: "forbidden", global: "forbidden" },
  ])(
    "an answer by $who gets $own for an agent within its group, and $global for a global agent",
    async ({ actor, own, global }) => {
      for (const verb of ["reject", "approve"]) {
        const bed = await hostBed();
        for (const [name, ...where] of [
          ["everywhere", "--all-groups"],
          ["home", "--group", "ag-home"],
        ] as const) {
          const user = `telegram:${name}`;
          await addRow(bed.central.db, "users", { id: user, kind: "telegram", display_name: null });
          await bed.ok(operator, "roles", "grant", "--user", user, "--role", "admin", ...where);
        }
        const ownId = await asked(bed, member, ...update);
        const globalId = await asked(bed, steward, "groups", "create", "--name", "New", "--folder", "new");
        expect(await bed.code(actor, "approvals", verb, ownId)).toBe(own);
        expect(await bed.code(actor, "approvals", verb, globalId)).toBe(global);
      }
    },
  );

  test("an admin of another group may not answer, and sees nothing", async () => {
    const bed = await hostBed();
    await bed.ok(operator, ..."roles grant --user telegram:nobody --role admin --group ag-other".split(" "));
    const id = await asked(bed, member, ...update);
    expect(await bed.code(person("nobody"), "approvals", "approve", id)).toBe("not-found");
    expect(await bed.code(person("nobody"), "approvals", "get", id)).toBe("not-found");
    expect(await bed.ok(person("nobody"), "approvals", "list")).toEqual([]);
  });

  test.each([
    { what: "of the group that asks", agent_group_id: "ag-team" },
    { what: "of another group", agent_group_id: "ag-other" },
  ])("an owner row $what gives no right to answer", async ({ agent_group_id }) => {
    const bed = await hostBed();
    await addRow(bed.central.db, "user_roles", {
      user_id: "telegram:nobody",
      role: "owner",
      agent_group_id,
    });
    const id = await asked(bed, member, ...update);
    for (const verb of ["approve", "reject", "get"])
      expect(await bed.code(person("nobody"), "approvals", verb, id)).toBe("permission-denied");
    await bed.central.db.deleteFrom("user_roles").where("user_id", "!=", "telegram:nobody").execute();
    expect(await bed.ask(member, "groups", "update", "--name", "n")).toMatchObject({
      code: "permission-denied",
      message: expect.stringContaining("no owner or admin") as unknown,
    });
  });

  test.each(["approve", "reject", "get"])(
    "%s gives the same answer for a hidden approval, answered or not, as for an unknown id",
    async (verb) => {
      const bed = await hostBed();
      await addRow(bed.central.db, "users", { id: "telegram:other", kind: "telegram" });
      await bed.ok(operator, ..."roles grant --user telegram:other --role admin --group ag-other".split(" "));
      const waiting = await asked(bed, member, ...update);
      const answered = await asked(bed, member, "groups", "update", "--name", "n");
      await bed.ok(operator, "approvals", "reject", answered);
      for (const actor of [person("nobody"), person("other")]) {
        const answers = [waiting, answered, "ap-none"].map(async (id) => {
          const answer = await bed.ask(actor, "approvals", verb, id);
          return JSON.stringify(answer).replaceAll(id, "ID");
        });
        const [missing, ...others] = (await Promise.all(answers)).toReversed();
        expect(others).toEqual([missing, missing]);
      }
    },
  );

  test.each([
    { who: "an owner", name: "owner" },
    { who: "an admin of all groups", name: "everywhere" },
    { who: "an admin of the group", name: "admin" },
  ])("$who who left users.yaml answers nothing and sees nothing", async ({ name }) => {
    const bed = await hostBed();
    await addRow(bed.central.db, "users", { id: "telegram:everywhere", kind: "telegram" });
    const grant = "roles grant --user telegram:everywhere --role admin --all-groups";
    await bed.ok(operator, ...grant.split(" "));
    const id = await asked(bed, member, ...update);
    expect(await bed.ok(person(name), "approvals", "list")).toHaveLength(1);
    await addRow(bed.central.db, "refused_people", { user_id: `telegram:${name}` });
    for (const verb of ["approve", "reject", "get"])
      expect(await bed.code(person(name), "approvals", verb, id)).toBe("permission-denied");
    expect(await bed.code(person(name), "approvals", "list")).toBe("permission-denied");
    expect(await approvalRow(bed, id)).toMatchObject({ status: "pending", answered_by: null });
  });

  test("a command is refused if all people who could approve it have left users.yaml", async () => {
    const bed = await hostBed();
    for (const name of ["owner", "admin"])
      await addRow(bed.central.db, "refused_people", { user_id: `telegram:${name}` });
    expect(await bed.ask(member, ...update)).toMatchObject({
      code: "permission-denied",
      message: expect.stringContaining("no owner or admin") as unknown,
    });
  });

  test("a global agent sees its own approvals, and no approvals of other groups", async () => {
    const bed = await hostBed();
    const foreign = await asked(bed, member, ...update);
    const own = await asked(bed, steward, "groups", "update", "ag-home", "--name", "Home");
    expect(await bed.ok(steward, "approvals", "list")).toEqual([expect.objectContaining({ id: own })]);
    expect(await bed.code(steward, "approvals", "get", foreign)).toBe("not-found");
    expect(await bed.ok(steward, "approvals", "list", "--agent-group-id", "ag-team")).toEqual([]);
  });
});

describe("several answers to one approval", () => {
  const add = ["groups", "config", "add-package", "--apt", "ripgrep"] as const;

  test("only one of several simultaneous approvals runs the command", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...add);
    const codes = await Promise.all(
      [operator, person("owner"), person("admin"), operator].map((actor) =>
        bed.code(actor, "approvals", "approve", id),
      ),
    );
    expect(codes.toSorted()).toEqual(["handler-error", "handler-error", "handler-error", "ok"]);
    expect(await configOf(bed)).toMatchObject({ generation: 2, packages_apt: ["ripgrep"] });
    expect(await told(bed)).toHaveLength(1);
  });

  test.each([
    { first: "approve", second: "reject" },
    { first: "reject", second: "approve" },
    { first: "reject", second: "reject" },
  ])("$second after $first is refused and shows the first answer", async ({ first, second }) => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...add);
    await bed.ok(operator, "approvals", first, id);
    expect(await bed.ask(person("owner"), "approvals", second, id)).toMatchObject({
      code: "handler-error",
      message: expect.stringContaining(first === "approve" ? "approved by host" : "rejected by host"),
    });
  });

  test("two approved changes of the same map are both kept, in either order", async () => {
    const server = (name: string) =>
      ["groups", "config", "add-mcp-server", "--name", name, "--command", "npx"] as const;
    for (const swap of [false, true]) {
      const bed = await hostBed();
      const ids = [await asked(bed, member, ...server("one")), await asked(bed, member, ...server("two"))];
      const order = swap ? ids.toReversed() : ids;
      await Promise.all(order.map((id) => bed.ok(operator, "approvals", "approve", id)));
      const { mcp_servers: servers } = await configOf(bed);
      expect(Object.keys(servers as object).toSorted()).toEqual(["one", "two"]);
    }
  });
});

describe("an approval after a change", () => {
  /** Expects that the approval is used up but its command is not run, and that the session is told, if it is open. */
  const refusedRun = async (bed: Bed, id: string, why: string, isOpen = true): Promise<void> => {
    const before = await bed.central.db.selectFrom("container_configs").selectAll().execute();
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({
      status: "failed",
      error: { code: "forbidden", message: expect.stringContaining(why) },
    });
    expect(await bed.central.db.selectFrom("container_configs").selectAll().execute()).toEqual(before);
    expect(await approvalRow(bed, id)).toMatchObject({ status: "failed", args: "{}" });
    const outcome = expect.objectContaining({ id: noteId(id, "outcome"), trigger: 1 }) as unknown;
    expect(await told(bed)).toEqual(isOpen ? [outcome] : []);
  };

  test("an approval is refused after 24 hours", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    bed.later(day);
    expect(await bed.ask(operator, "approvals", "approve", id)).toMatchObject({
      code: "handler-error",
      message: expect.stringContaining("expired"),
    });
    expect(await bed.host.expireApprovals()).toBe(1);
    expect(await bed.host.expireApprovals()).toBe(0);
    expect(await bed.ask(operator, "approvals", "reject", id)).toMatchObject({
      message: expect.stringContaining("expired"),
    });
    expect(await approvalRow(bed, id)).toMatchObject({ status: "expired", args: "{}" });
    expect(await told(bed)).toEqual([expect.objectContaining({ id: noteId(id, "outcome"), trigger: 0 })]);
    expect(await configOf(bed)).toMatchObject({ model: null });
    expect(await asked(bed, member, ...update)).not.toBe(id);
  });

  test("an approval is accepted a minute before its expiry", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    bed.later(day - 60_000);
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ status: "approved" });
  });

  test("an approved command is not run if the agent's scope was narrowed meanwhile", async () => {
    const bed = await hostBed();
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--cli-scope", "global");
    const id = await asked(bed, member, ...update, "--id", "ag-team");
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--cli-scope", "group");
    await refusedRun(bed, id, 'scope is "group" now');
  });

  test("an approved command is not run if the agent's scope was disabled meanwhile", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--cli-scope", "disabled");
    await refusedRun(bed, id, 'scope is "disabled" now');
  });

  test("an approved command is not run if the asking session was closed meanwhile", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    await bed.central.db
      .updateTable("sessions")
      .set({ status: "closed" })
      .where("id", "=", "se-team")
      .execute();
    await refusedRun(bed, id, "closed", false);
  });

  test.each([
    { what: "the arguments", change: { args: '{"id":"ag-team","model":"evil"}' } },
    { what: "the command", change: { command: "groups config rollback" } },
    { what: "the expiry", change: { expires_at: "2099-01-01T00:00:00.000Z" } },
    { what: "the group", change: { agent_group_id: "ag-other" } },
  ])("an approved command is not run if $what in its row changed", async ({ change }) => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    await bed.central.db.updateTable("pending_approvals").set(change).where("approval_id", "=", id).execute();
    const answer = await bed.ok(operator, "approvals", "approve", id);
    expect(answer).toMatchObject({ status: "failed", error: { code: "forbidden" } });
    expect(await configOf(bed)).toMatchObject({ model: null, generation: 1 });
    expect(await configOf(bed, "ag-other")).toMatchObject({ model: null, generation: 1 });
  });

  test("an approved command is not run if the wiring of its conversation was replaced meanwhile", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, "wirings", "update", "--priority", "5");
    await bed.ok(operator, "wirings", "delete", "wi-team");
    await bed.ok(
      operator,
      ..."wirings create --messaging-group-id mg-team --agent-group-id ag-team".split(" "),
    );
    const answer = await bed.ok(operator, "approvals", "approve", id);
    expect(answer).toMatchObject({ status: "failed", error: { code: "forbidden" } });
    expect(await bed.ok(operator, "wirings", "list", "--priority", "5")).toEqual([]);
  });

  test("an approval is deleted with its group", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    expect(await bed.ok(operator, "groups", "delete", "ag-team")).toMatchObject({
      removed: { approvals: 1 },
    });
    expect(await bed.code(operator, "approvals", "approve", id)).toBe("not-found");
  });
});

describe("an approved command that fails", () => {
  test("a failed command is undone, its approval is used up, and the agent is told the reason", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update, "--if-generation", "1");
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--effort", "low");
    expect(await bed.ask(operator, "approvals", "approve", id)).toMatchObject({
      ok: true,
      data: { status: "failed", error: { code: "handler-error" } },
      warnings: [expect.stringContaining("generation 2")],
    });
    expect(await configOf(bed)).toMatchObject({ model: null, effort: "low", generation: 2 });
    expect(await approvalRow(bed, id)).toMatchObject({ status: "failed", answered_by: "host" });
    expect(await told(bed)).toEqual([
      expect.objectContaining({ frame: expect.objectContaining({ ok: false }) }),
    ]);
  });

  test("a failed command leaves no folder, and the next command makes its own", async () => {
    const bed = await hostBed();
    const id = await asked(bed, steward, "groups", "create", "--name", "New", "--folder", "taken");
    await bed.ok(operator, "groups", "create", "--name", "Faster", "--folder", "taken");
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ status: "failed" });
    const again = await asked(bed, steward, "groups", "create", "--name", "New", "--folder", "new");
    expect(await bed.ok(operator, "approvals", "approve", again)).toMatchObject({ status: "approved" });
  });

  test("an approved command may delete the session that asked", async () => {
    const bed = await hostBed();
    const id = await asked(bed, steward, "groups", "delete", "ag-home", "--yes");
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ status: "approved" });
    expect(await bed.code(operator, "approvals", "get", id)).toBe("not-found");
    expect(await bed.code(steward, "groups", "list")).toBe("forbidden");
  });
});

describe("the text of an approval", () => {
  const secret = "hunter2";
  const server = [
    "groups",
    "config",
    "add-mcp-server",
    "--name",
    "rss",
    "--command",
    "npx",
    "--args",
    '["some rss","--all"]',
    "--env",
    `{"TOKEN":"${secret}"}`,
  ] as const;

  test("an approval shows the whole command, with every value that the agent typed", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...server);
    const row = await bed.ok(operator, "approvals", "get", id);
    const list = await bed.ok(operator, "approvals", "list", "--status", "pending");
    expect(list).toEqual([row]);
    const { shown } = row as { readonly shown: string };
    for (const part of [
      "groups config add-mcp-server",
      "--name rss",
      "--command npx",
      "some rss",
      "--all",
      "TOKEN",
      secret,
    ])
      expect(shown).toContain(part);
  });

  test("after the answer the approval shows the same, and no other table has the value", async () => {
    for (const verb of ["approve", "reject"]) {
      const bed = await hostBed();
      const id = await asked(bed, member, ...server);
      const answer = await bed.ok(operator, "approvals", verb, id);
      expect(JSON.stringify(await bed.ok(operator, "approvals", "get", id))).toContain(secret);
      await bed.host.flush();
      const kept = await Promise.all(
        (["session_messages_in", "decisions"] as const).map((table) =>
          bed.central.db.selectFrom(table).selectAll().execute(),
        ),
      );
      expect(JSON.stringify([answer, kept])).not.toContain(secret);
    }
  });

  test("an approval whose shown text was changed in the database does not run", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...server);
    const { db } = bed.central;
    const { shown } = await db.selectFrom("pending_approvals").select("shown").executeTakeFirstOrThrow();
    await db
      .updateTable("pending_approvals")
      .set({ shown: shown.replace(secret, "UTC") })
      .execute();
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({
      status: "failed",
      error: { code: "forbidden", message: expect.stringContaining("not as it was written") },
    });
  });

  test("an approval shows control characters escaped", async () => {
    const bed = await hostBed();
    const args = { engage_pattern: "x\u202egnp.\n$(reboot)" };
    const answer = await dispatch({ id: "1", command: "wirings-update", args }, member, bed.host);
    const id = answer.ok ? "" : (answer.error.approvalId ?? "");
    const { shown } = (await bed.ok(operator, "approvals", "get", id)) as { readonly shown: string };
    expect(shown).toContain('"x\\u202egnp.\\n$(reboot)"');
  });
});

describe("an approval of an MCP server", () => {
  test.each([
    {
      flags: ["--command", "npx", "--env", `{"NODE_OPTIONS":"--import=data:x","TZ":"UTC"}`],
      says: "--env NODE_OPTIONS",
    },
    { flags: ["--command", "npx", "--secret-env", `{"HTTPS_PROXY":"A"}`], says: "--secret-env HTTPS_PROXY" },
    { flags: ["--command", "sh", "--args", `["-c","id"]`], says: "--args 0" },
    { flags: ["--url", "https://h.example/mcp", "--headers", `{"host":"evil"}`], says: "--headers host" },
    {
      flags: ["--url", "https://h.example/mcp", "--headers", `{"Authorization":"x"}`],
      says: "--headers Authorization",
    },
  ])("an agent's server with $says is refused before a person is asked", async ({ flags, says }) => {
    const bed = await hostBed();
    for (const actor of [member, steward]) {
      const words = [...add, ...flags, ...(actor === steward ? ["--id", "ag-team"] : [])];
      expect(await bed.ask(actor, ...words)).toMatchObject({
        code: "invalid-args",
        message: expect.stringContaining(says),
      });
    }
    expect(await bed.ok(operator, "approvals", "list")).toEqual([]);
    await bed.ok(operator, ...add, "--id", "ag-team", ...flags);
  });

  const add = ["groups", "config", "add-mcp-server", "--name", "x"] as const;

  test.each([
    { url: "https://h.example/mcp?api_key=hunter2", says: "headers" },
    { url: "https://h.example/mcp#hunter2", says: "headers" },
    { url: "https://me:hunter2@h.example/mcp", says: "no password" },
    { url: "http://localhost@hunter2.example", says: "no password" },
    { url: "http://127.0.0.1.hunter2.io", says: "https" },
  ])("an approval is not created for the refused address $url", async ({ url, says }) => {
    const bed = await hostBed();
    const answer = await bed.ask(member, ...add, "--url", url);
    expect(answer).toMatchObject({ code: "invalid-args", message: expect.stringContaining(says) });
    expect(JSON.stringify(answer)).not.toContain("hunter2");
    expect(await bed.ok(operator, "approvals", "list")).toEqual([]);
  });

  const typed = [
    { what: "a variable", flags: ["--command", "npx", "--env", `{"TOKEN":"hunter2","TZ":"$(id)"}`] },
    { what: "an argument", flags: ["--command", "npx", "--args", `["-y","srv","--token","hunter2"]`] },
    { what: "an option", flags: ["--command", "npx", "--args", `["srv","--api-key=hunter2"]`] },
    {
      what: "a package like a token",
      flags: ["--command", "npx", "--args", `["-y","hunter2pkg1name2with3d4"]`],
    },
    {
      what: "a package like a key",
      flags: ["--command", "npx", "--args", `["-y","npm_hunter2a0b1c2d3e4f5"]`],
    },
    { what: "a header", flags: ["--url", "https://h.example/mcp", "--headers", `{"X-Team":"hunter2"}`] },
    { what: "an address", flags: ["--url", "https://h.example/mcp?team=hunter2"] },
    { what: "instructions", flags: ["--command", "npx", "--instructions", "hunter2\nis\u202e it"] },
    { what: "a reason", flags: ["--command", "npx", "--reason", "sk-ant-api03-hunter2a0b1c2"] },
    { what: "the name of a secret", flags: ["--command", "npx", "--secret-env", `{"TOKEN":"HUNTER2"}`] },
  ];

  test.each(typed)("an approval shows $what that the agent typed in full", async ({ flags }) => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...add, ...flags);
    const row = await bed.ok(operator, "approvals", "get", id);
    const { shown } = row as { readonly shown: string };
    expect(shown.toLowerCase()).toContain("hunter2");
    expect(shown).not.toContain("(hidden)");
    expect(await bed.ok(operator, "approvals", "list")).toEqual([row]);
  });

  test("a stored variable and a stored secret argument are still shown by name only", async () => {
    const bed = await hostBed();
    const args = JSON.stringify(["-y", "some-mcp", "--token", "hunter2", "--api-key=hunter2"]);
    const env = `{"PLAIN":"hunter2"}`;
    const id = await asked(bed, member, ...add, "--command", "npx", "--args", args, "--env", env);
    await bed.ok(operator, "approvals", "approve", id);
    expect(JSON.stringify(await bed.ok(operator, "groups", "config", "get", "ag-team"))).not.toContain(
      "hunter2",
    );
  });
});

describe("a card of a command with ids", () => {
  const named = async (line: string): Promise<readonly string[]> => {
    const bed = await hostBed();
    const { db } = bed.central;
    await bed.ok(operator, "users", "update", "telegram:admin", "--display-name", "Adam");
    await addRow(db, "messaging_groups", {
      id: "mg-dm",
      platform_id: "telegram:7",
      user_id: "telegram:admin",
    });
    const odd = 'Home" is safe\n--id \u202e';
    await db.updateTable("agent_groups").set({ name: odd }).where("id", "=", "ag-mute").execute();
    const id = await asked(bed, steward, ...line.split(" "));
    const { card } = (await bed.ok(operator, "approvals", "get", id)) as { readonly card: Card };
    const at = card.lines.findIndex((one) => one.startsWith("ncl "));
    // The command is the last line, and has the ids.
    expect([at, card.lines[at]]).toEqual([card.lines.length - 1, expect.not.stringMatching(/Adam|"team"/)]);
    return card.lines.filter((one) => / is (?:the|its|a) /.test(one));
  };

  test.each([
    { line: "groups config update ag-team --model opus", lines: ['--id is the group "team"'] },
    { line: "groups config update ag-home --model opus", lines: ['--id is its own group "home"'] },
    {
      line: "groups config update ag-mute --model opus",
      lines: [String.raw`--id is the group "Home\" is safe\n--id \u202e"`],
    },
    {
      line: "roles grant --user telegram:admin --role admin --group ag-other",
      lines: ['--user is the person "Adam"', '--group is the group "other"'],
    },
    {
      line: "wirings create --messaging-group-id mg-dm --agent-group-id ag-other",
      lines: [
        '--messaging-group-id is the chat "the direct chat of Adam"',
        '--agent-group-id is the group "other"',
      ],
    },
    {
      line: "members add --user telegram:nobody --group ag-other",
      lines: ['--group is the group "other"'],
    },
    { line: "groups create --name Team --folder ag-5", lines: [] },
  ])("of $line says above it what they name", async ({ line, lines }) => {
    expect(await named(line)).toEqual(lines);
  });

  test("is another card after a group's name has changed", async () => {
    const bed = await hostBed();
    const id = await asked(bed, member, ...update);
    const { card } = (await bed.ok(operator, "approvals", "get", id)) as { readonly card: Card };
    await bed.ok(operator, "groups", "update", "ag-team", "--name", "Else");
    expect(await bed.code(operator, "approvals", "approve", id, "--seen", card.digest)).toBe("handler-error");
  });
});

describe("an approval of a change of rights", () => {
  const shownOf = async (bed: Bed, id: string): Promise<readonly string[]> =>
    ((await bed.ok(operator, "approvals", "get", id)) as { readonly consequence: readonly string[] })
      .consequence;
  const who = 'Who: telegram:admin ("Adam")';
  const noEffect = "No effect: nothing would change.";
  const words = (line: string): readonly string[] => line.split(" ");

  test.each([
    {
      line: "roles grant --user telegram:admin --role owner",
      lines: [who, "Before: admin of ag-team", "After: admin of ag-team, owner"],
    },
    {
      line: "roles grant --user telegram:admin --role admin --all-groups",
      lines: [who, "Before: admin of ag-team", "After: admin of ag-team, admin of all groups"],
    },
    {
      line: "roles grant --user telegram:admin --role admin --group ag-team",
      lines: [who, "Before: admin of ag-team", "After: admin of ag-team", noEffect],
    },
    {
      line: "roles revoke --user telegram:admin --role admin --group ag-team",
      lines: [who, "Before: admin of ag-team", "After: no role"],
    },
    {
      line: "members add --user telegram:admin --group ag-other",
      lines: [who, "Before: no member of ag-other", "After: member of ag-other"],
    },
  ])("the approval of $line shows the person, and the rights before and after", async ({ line, lines }) => {
    const bed = await hostBed();
    await bed.ok(operator, "users", "update", "telegram:admin", "--display-name", "Adam");
    const id = await asked(bed, steward, ...words(line));
    expect(await shownOf(bed, id)).toEqual(lines);
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ status: "approved" });
  });

  test("the approval of members add and members remove shows the membership before and after", async () => {
    const bed = await hostBed();
    const flags = ["--user", "telegram:nobody", "--group", "ag-team"];
    await bed.ok(operator, "members", "add", ...flags);
    const added = await asked(bed, member, "members", "add", ...flags);
    const [whoElse, is] = ["Who: telegram:nobody", "member of ag-team"];
    expect(await shownOf(bed, added)).toEqual([whoElse, `Before: ${is}`, `After: ${is}`, noEffect]);
    const removed = await asked(bed, member, "members", "remove", ...flags);
    expect(await shownOf(bed, removed)).toEqual([whoElse, `Before: ${is}`, `After: no ${is}`]);
  });

  test("an approval of a change of rights fails if the rights have changed meanwhile", async () => {
    const bed = await hostBed();
    const id = await asked(bed, steward, ...words("roles grant --user telegram:nobody --role owner"));
    await bed.ok(operator, ...words("roles grant --user telegram:nobody --role admin --all-groups"));
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining("would now do something else") as unknown },
    });
  });
});

describe("an approval of a rollback", () => {
  const rollback = ["groups", "config", "rollback", "--to"] as const;

  /** `team` at generation 3: generation 2 added a server with a secret, generation 3 another model. */
  const prepared = async (): Promise<Bed> => {
    const bed = await hostBed();
    for (const line of [
      'add-mcp-server ag-team --name rss --command npx --env {"TOKEN":"hunter2"}',
      "update ag-team --model opus",
    ])
      await bed.ok(operator, "groups", "config", ...line.split(" "));
    return bed;
  };
  const shownOf = async (bed: Bed, id: string) =>
    (await bed.ok(operator, "approvals", "get", id)) as { readonly consequence: readonly string[] };

  test("an approval of a rollback shows the restored values, with secrets by name only", async () => {
    const bed = await prepared();
    const id = await asked(bed, member, ...rollback, "1");
    const { consequence } = await shownOf(bed, id);
    expect(consequence).toEqual([
      "From generation 3 to the values of generation 1:",
      'model: "opus" -> (unset)',
      'mcp_servers.rss: {"command":"npx","env":{"TOKEN":"(hidden)"}} -> (unset)',
    ]);
    expect(await bed.ok(operator, "approvals", "list")).toMatchObject([{ consequence }]);
    const frame = { id: "1", command: "approvals-get", args: { id } };
    expect(await dispatch(frame, operator, bed.host)).toMatchObject({
      human: expect.stringContaining(
        'consequence:\n  From generation 3 to the values of generation 1:\n  model: "opus"',
      ) as unknown,
    });
    expect(JSON.stringify(await approvalRow(bed, id))).not.toContain("hunter2");
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ status: "approved" });
    expect(await configOf(bed)).toMatchObject({ generation: 4, model: null, mcp_servers: {} });
  });

  test("a rollback is not run if another change was saved meanwhile", async () => {
    const bed = await prepared();
    const id = await asked(bed, member, ...rollback, "2");
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--effort", "low");
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({
      status: "failed",
      error: {
        code: "forbidden",
        message: expect.stringContaining("would now do something else") as unknown,
      },
    });
    expect(await configOf(bed)).toMatchObject({ generation: 4, model: "opus", effort: "low" });
  });

  test("a rollback is not run even if later changes were undone", async () => {
    const bed = await prepared();
    const id = await asked(bed, member, ...rollback, "2");
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--effort", "low");
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--unset", "effort");
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ status: "failed" });
  });

  test("a rollback that is requested again after another change gets a new approval", async () => {
    const bed = await prepared();
    const id = await asked(bed, member, ...rollback, "2");
    expect(await asked(bed, member, ...rollback, "2")).toBe(id);
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--effort", "low");
    const again = await asked(bed, member, ...rollback, "2");
    expect(again).not.toBe(id);
    expect((await shownOf(bed, again)).consequence).toContain('effort: "low" -> (unset)');
    expect(await bed.ok(operator, "approvals", "approve", again)).toMatchObject({ status: "approved" });
  });

  test("a rollback is not run if the shown consequence was changed in its row", async () => {
    const bed = await prepared();
    const id = await asked(bed, member, ...rollback, "2");
    const consequence = '["From generation 3 to the values of generation 2:","No difference."]';
    await bed.central.db.updateTable("pending_approvals").set({ consequence }).execute();
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining("not as it was written") as unknown },
    });
  });

  test("a rollback to an unknown generation is refused at once", async () => {
    const bed = await prepared();
    expect(await bed.code(member, ...rollback, "9")).toBe("not-found");
    expect(await bed.ok(operator, "approvals", "list")).toEqual([]);
  });

  test("an approval of a rollback shows only changed fields, with control characters escaped", async () => {
    const bed = await hostBed();
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--cli-scope", "global");
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--cli-scope", "group");
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--assistant-name", "x\u202egnp");
    const id = await asked(bed, member, ...rollback, "2");
    expect((await shownOf(bed, id)).consequence).toEqual([
      "From generation 4 to the values of generation 2:",
      'assistant_name: "x\\u202egnp" -> (unset)',
    ]);
  });

  test("a rollback is refused if its consequence is too long for a person to read", async () => {
    const bed = await hostBed();
    for (const name of ["a", "b", "c"]) {
      const args = JSON.stringify(Array.from({ length: 20 }, () => "x".repeat(900)));
      const server = ["--name", name, "--command", "c", "--args", args];
      await bed.ok(operator, "groups", "config", "add-mcp-server", "ag-team", ...server);
    }
    expect(await bed.code(member, ...rollback, "2")).toBe("invalid-args");
    expect(await bed.code(member, ...rollback, "3")).toBe("approval-pending");
  });

  test("a rollback is not run if its row has no consequence", async () => {
    const bed = await prepared();
    const id = await asked(bed, member, ...rollback, "2");
    const { args, expires_at: expiresAt } = await approvalRow(bed, id);
    const bound = ["groups config rollback", JSON.parse(args) as object];
    const digest = createHash("sha256")
      .update(JSON.stringify([JSON.stringify(bound), "ag-team", "se-team", "group", expiresAt]))
      .digest("hex");
    await bed.central.db.updateTable("pending_approvals").set({ consequence: null, digest }).execute();
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining("would now do something else") as unknown },
    });
  });
});

describe("a request by which an agent would gain rights is refused without asking a person", () => {
  const spellings = [
    "--cli-scope",
    "--cli_scope",
    "--CLI-SCOPE",
    "--Cli_Scope",
    "--cli__scope",
    "--cliscope",
  ];
  test.each(spellings)("%s in a request of an agent within its group is refused", async (flag) => {
    const bed = await hostBed();
    expect(await bed.code(member, "groups", "config", "update", flag, "global")).toBe("forbidden");
    expect(await bed.code(member, "groups", "config", "update", `${flag}=group`)).toBe("forbidden");
    expect(await bed.ok(operator, "approvals", "list")).toEqual([]);
  });

  test("two spellings of the flag for the group in one request are refused", async () => {
    const { host } = await hostBed();
    for (const args of [
      { agent_group_id: "ag-team", "agent-group-id": "ag-other", local_name: "x" },
      { "agent-group-id": "ag-other", agent_group_id: "ag-team", local_name: "x" },
      { Agent_Group_Id: "ag-other", agent_group_id: "ag-team", local_name: "x" },
    ]) {
      const answer = await dispatch({ id: "1", command: "destinations-remove", args }, member, host);
      expect(answer).toMatchObject({ ok: false, error: { code: "invalid-args" } });
    }
  });

  test("an approved rollback to a generation with scope global keeps the present scope and mounts", async () => {
    const bed = await hostBed();
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--cli-scope", "global");
    await bed.ok(
      operator,
      "groups",
      "config",
      "add-mount",
      "ag-team",
      "--host",
      "/opt",
      "--container",
      "opt",
    );
    await bed.ok(
      operator,
      "groups",
      "config",
      "update",
      "ag-team",
      "--cli-scope",
      "group",
      "--model",
      "opus",
    );
    await bed.ok(operator, "groups", "config", "remove-mount", "ag-team", "--container", "opt");
    const id = await asked(bed, member, "groups", "config", "rollback", "--to", "3");
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ status: "approved" });
    expect(await configOf(bed)).toMatchObject({
      generation: 6,
      model: null,
      cli_scope: "group",
      additional_mounts: [],
    });
  });

  test.each([
    { what: "setting for who may write to the agent", flags: ["--sender-scope", "all"] },
    {
      what: "setting for which ignored messages the agent sees",
      flags: ["--ignored-message-policy", "accumulate"],
    },
  ])("a wiring's $what is refused", async ({ flags }) => {
    const { code } = await hostBed();
    expect(await code(member, "wirings", "update", ...flags)).toBe("forbidden");
  });
});
