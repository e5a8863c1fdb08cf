import { describe, expect, test } from "vitest";
import { hostBed, member, steward } from "../dispatch/host.fixture.ts";

const create = ["groups", "create", "--name", "Research", "--folder", "research"] as const;

/** Case 66 of the research. Upstream asks a person for an agent of one group too; report B12 calls that too much. */
describe("groups create by an agent (case 66)", () => {
  test("of one group is refused, also where its group has no configuration: nobody is asked", async () => {
    const { code, central } = await hostBed();
    const asked = () => central.db.selectFrom("pending_approvals").selectAll().execute();
    expect(await code(member, ...create)).toBe("forbidden");
    await central.db.deleteFrom("container_configs").where("agent_group_id", "=", "ag-team").execute();
    expect(await code(member, ...create)).toBe("forbidden");
    expect(await asked()).toEqual([]);
  });

  test.each(["", " "])("with the name %j does nothing, and nobody is asked", async (name) => {
    const { code, ok, central } = await hostBed();
    const before = await ok(steward, "groups", "list");
    expect(await code(steward, "groups", "create", "--name", name, "--folder", "research")).toBe(
      "invalid-args",
    );
    expect(await ok(steward, "groups", "list")).toEqual(before);
    expect(await central.db.selectFrom("pending_approvals").selectAll().execute()).toEqual([]);
  });
});
