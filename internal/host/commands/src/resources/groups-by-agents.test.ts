import { describe, expect, test } from "vitest";
import { hostBed, member, steward } from "@gatehouse/dispatch/testing";

const create = ["groups", "create", "--name", "Research", "--folder", "research"] as const;

/** nanoclaw asks a person here. This host forbids `groups create` to an agent within its group. */
describe("groups create of an agent", () => {
  test("an agent within its group is refused without asking a person, even if the group has no configuration", async () => {
    const { code, central } = await hostBed();
    const asked = () => central.db.selectFrom("pending_approvals").selectAll().execute();
    expect(await code(member, ...create)).toBe("forbidden");
    await central.db.deleteFrom("container_configs").where("agent_group_id", "=", "ag-team").execute();
    expect(await code(member, ...create)).toBe("forbidden");
    expect(await asked()).toEqual([]);
  });

  test.each(["", " "])("the name %j is refused without asking a person", async (name) => {
    const { code, ok, central } = await hostBed();
    const before = await ok(steward, "groups", "list");
    expect(await code(steward, "groups", "create", "--name", name, "--folder", "research")).toBe(
      "invalid-args",
    );
    expect(await ok(steward, "groups", "list")).toEqual(before);
    expect(await central.db.selectFrom("pending_approvals").selectAll().execute()).toEqual([]);
  });
});
