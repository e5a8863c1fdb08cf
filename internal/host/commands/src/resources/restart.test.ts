import type { Actor, Json } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, person, steward, type Bed } from "@gatehouse/dispatch/testing";

/**
 * Sessions of `ag-team`: two run, one is stopped, one closed. `asked`: what handlers got.
 */
const prepared = async () => {
  const asked: { readonly kind: string; readonly payload: Json }[] = [];
  const handler = (kind: string) => async (payload: Json) => {
    asked.push({ kind, payload });
    return { ok: true, value: { data: { restarted: 1 } } } as const;
  };
  const kinds = ["wake", "stop", "restart", "rebuild"];
  const handlers = Object.fromEntries(kinds.map((kind) => [kind, handler(kind)]));
  const bed = await hostBed({ handlers });
  const { db } = bed.central;
  await db.updateTable("sessions").set({ container_status: "running" }).execute();
  const session = (id: string, container_status: string, status = "active") =>
    addRow(db, "sessions", {
      id,
      agent_group_id: "ag-team",
      messaging_group_id: null,
      thread_id: id,
      container_status,
      status,
    });
  await session("se-second", "running");
  await session("se-stopped", "stopped");
  await session("se-closed", "running", "closed");
  return { bed, asked };
};

const approved = async (bed: Bed, agent: Actor, ...line: readonly string[]) => {
  const asked = await bed.ask(agent, ...line);
  expect(asked).toMatchObject({ code: "approval-pending" });
  const id = asked.ok ? "" : (asked.approvalId ?? "");
  return bed.ok(person("owner"), "approvals", "approve", id);
};

const payload = (groupId: string, sessionIds: readonly string[], message: string | null = null) => ({
  kind: "restart",
  payload: { sessionIds, groupId, message, reason: "restarted by ncl" },
});

describe("groups restart", () => {
  test("the operator restarts all sessions of the group with a running container", async () => {
    const { bed, asked } = await prepared();
    expect(await bed.ok(operator, "groups", "restart", "team")).toEqual({ restarted: 1 });
    expect(asked).toEqual([payload("ag-team", ["se-team", "se-second"])]);
  });

  test("passes --message unchanged to each new container", async () => {
    const { bed, asked } = await prepared();
    await bed.ok(operator, "groups", "restart", "ag-team", "--message", " Your model is new. ");
    const { payload: told } = payload("ag-team", ["se-team", "se-second"], " Your model is new. ");
    expect(asked).toEqual([{ kind: "restart", payload: { ...told, keptFor: ["se-stopped"] } }]);
  });

  test("keeps --message for the next start of each session without a container", async () => {
    const { bed, asked } = await prepared();
    await bed.central.db.updateTable("sessions").set({ container_status: "stopped" }).execute();
    await bed.ok(operator, "groups", "restart", "ag-team", "--message", "new");
    const { payload: told } = payload("ag-team", [], "new");
    const keptFor = ["se-team", "se-second", "se-stopped"];
    expect(asked).toEqual([
      {
        kind: "restart",
        payload: {
          ...told,
          keptFor: expect.toSatisfy(
            (ids: string[]) => keptFor.length === ids.length && keptFor.every((id) => ids.includes(id)),
          ) as unknown,
        },
      },
    ]);
  });

  test("writes an intent without sessions for a group without running containers", async () => {
    const { bed, asked } = await prepared();
    await bed.central.db.updateTable("sessions").set({ container_status: "stopped" }).execute();
    await bed.ok(operator, "groups", "restart", "ag-team");
    expect(asked).toEqual([payload("ag-team", [])]);
  });

  test("an agent restarts only its own session, after a person approved the restart", async () => {
    const { bed, asked } = await prepared();
    expect(await approved(bed, member, "groups", "restart", "--message", "again")).toMatchObject({
      status: "approved",
    });
    await expect.poll(() => asked).toEqual([payload("ag-team", ["se-team"], "again")]);
    const [intent] = (await bed.ok(operator, "intents", "list")) as object[];
    expect(intent).toMatchObject({ asked_by: "agent:ag-team/se-team", agent_group_id: "ag-team" });
  });

  test("an agent's intent names its session even if the container stopped before the approval", async () => {
    const { bed, asked } = await prepared();
    await bed.central.db.updateTable("sessions").set({ container_status: "stopped" }).execute();
    await approved(bed, member, "groups", "restart");
    await expect.poll(() => asked).toEqual([payload("ag-team", ["se-team"])]);
  });

  test.for([
    {
      what: "another group restarts that group, and not its own session",
      id: "ag-team",
      of: ["se-team", "se-second"],
    },
    { what: "its own group restarts its own session", id: "ag-home", of: ["se-home"] },
  ])("a global agent that names $what", async ({ id, of }) => {
    const { bed, asked } = await prepared();
    await approved(bed, steward, "groups", "restart", id);
    await expect.poll(() => asked).toEqual([payload(id, of)]);
  });

  test("forbids an agent within its group to restart another group", async () => {
    const { bed, asked } = await prepared();
    expect(await bed.code(member, "groups", "restart", "ag-other")).toBe("forbidden");
    expect(asked).toEqual([]);
  });

  test("--rebuild of a group without packages restarts without building", async () => {
    const { bed, asked } = await prepared();
    const { payload: wanted } = payload("ag-home", ["se-home"]);
    await bed.central.db.updateTable("sessions").set({ container_status: "running" }).execute();
    expect(await bed.ok(operator, "groups", "restart", "ag-home", "--rebuild")).toEqual({ restarted: 1 });
    expect(asked).toEqual([{ kind: "rebuild", payload: wanted }]);
  });

  test("refuses --rebuild of a group with packages on a host without images, and restarts nothing", async () => {
    const { bed, asked } = await prepared();
    await bed.ok(operator, "groups", "config", "add-package", "ag-team", "--npm", "there");
    for (const actor of [operator, member])
      expect(await bed.ask(actor, "groups", "restart", "ag-team", "--rebuild")).toMatchObject({
        code: "invalid-args",
        message: expect.stringMatching(/packages \(.*there.*\)[^]*Nothing was restarted/) as unknown,
      });
    expect(await bed.ok(operator, "intents", "list")).toEqual([]);
    expect(asked).toEqual([]);
  });
});

test("sessions wake writes an intent to start the session, and refuses an unknown one", async () => {
  const { bed, asked } = await prepared();
  await bed.ok(operator, "sessions", "wake", "se-stopped");
  const woken = { sessionIds: ["se-stopped"], groupId: "ag-team", message: null, reason: "woken by ncl" };
  expect(asked).toEqual([{ kind: "wake", payload: woken }]);
  expect(await bed.code(operator, "sessions", "wake", "se-none")).toBe("not-found");
});

describe("sessions close", () => {
  test("writes an intent to stop the session", async () => {
    const { bed, asked } = await prepared();
    await bed.ok(operator, "sessions", "close", "se-second");
    const closed = { sessionIds: ["se-second"], groupId: "ag-team", message: null, reason: "closed by ncl" };
    expect(asked).toEqual([{ kind: "stop", payload: closed }]);
  });

  test("refuses an unknown session", async () => {
    const { bed, asked } = await prepared();
    expect(await bed.code(operator, "sessions", "close", "se-none")).toBe("not-found");
    expect(asked).toEqual([]);
  });
});

test("sessions get and list show the container of a session", async () => {
  const { bed } = await prepared();
  const container = { incarnation: 3, container_ref: "c-3" };
  await bed.central.db.updateTable("sessions").set(container).where("id", "=", "se-team").execute();
  expect(await bed.ok(member, "sessions", "get", "se-team")).toMatchObject(container);
  const listed = (await bed.ok(member, "sessions", "list", "--container-ref", "c-3")) as object[];
  expect(listed).toMatchObject([{ id: "se-team", ...container }]);
});
