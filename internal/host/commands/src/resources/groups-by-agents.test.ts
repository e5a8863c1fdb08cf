import { describe, expect, test } from "vitest";
import { hostBed, member, steward } from "@gatehouse/dispatch/testing";

const create = ["groups", "create", "--name", "Research", "--folder", "research"] as const;

/** Case 66 of the research. Upstream asks a person here; report B12 says that this gives agents too much. */
describe("groups create by an agent", () => {
  test("refuses an agent within its group without asking a person, even if the group has no configuration", async () => {
    const { code, central } = await hostBed();
    const asked = () => central.db.selectFrom("pending_approvals").selectAll().execute();
    expect(await code(member, ...create)).toBe("forbidden");
    await central.db.deleteFrom("container_configs").where("agent_group_id", "=", "ag-team").execute();
    expect(await code(member, ...create)).toBe("forbidden");
    expect(await asked()).toEqual([]);
  });

  test.each(["", " "])("refuses the name %j without asking a person", async (name) => {
    const { code, ok, central } = await hostBed();
    const before = await ok(steward, "groups", "list");
    expect(await code(steward, "groups", "create", "--name", name, "--folder", "research")).toBe(
      "invalid-args",
    );
    expect(await ok(steward, "groups", "list")).toEqual(before);
    expect(await central.db.selectFrom("pending_approvals").selectAll().execute()).toEqual([]);
  });
});
