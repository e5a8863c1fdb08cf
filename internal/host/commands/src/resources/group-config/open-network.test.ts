import type { AgentActor } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { hostBed, member, operator, steward, type Bed } from "@gatehouse/dispatch/testing";

const config = ["groups", "config"] as const;
const open = ["update", "ag-team", "--network", "open"] as const;

const inContainers = () => hostBed({ runtime: { name: "docker", isolation: "container", cannot: {} } });

const saved = async (bed: Bed): Promise<unknown> => bed.ok(operator, ...config, "get", "ag-team");

/** The id of the approval for which the agent's command waits. */
const heldFor = async (bed: Bed, actor: AgentActor, ...words: readonly string[]): Promise<string> => {
  const held = await bed.ask(actor, ...config, ...words);
  if (held.ok || held.approvalId === undefined) return expect.fail("It did not wait for a person.");
  return held.approvalId;
};

describe('the network "open"', () => {
  test("the operator needs --yes, and the refusal says what the agent then reaches", async () => {
    const bed = await inContainers();
    expect(await bed.ask(operator, ...config, ...open)).toMatchObject({
      code: "invalid-args",
      message: expect.stringMatching(
        /^ag-team was not changed\..* other machines .* this machine, by its addresses on the engine's bridge .* cloud metadata .* add --yes\.$/,
      ),
    });
    expect(await saved(bed)).toMatchObject({ network: null, generation: 1 });
    await bed.ok(operator, ...config, ...open, "--yes");
    expect(await saved(bed)).toMatchObject({ network: "open", generation: 2, not_applied: [] });
  });

  test.each([
    { who: "an agent within its group", actor: member },
    { who: "an agent of scope global", actor: steward },
  ])(
    "a request by $who waits for a person, also with --yes, and the card says what it opens",
    async ({ actor }) => {
      const bed = await inContainers();
      const id = await heldFor(bed, actor, ...open, "--yes");
      expect(await saved(bed)).toMatchObject({ network: null });
      expect(await bed.ok(operator, "approvals", "get", id)).toMatchObject({
        consequence: [
          "With network open, the agent's container reaches:",
          "  other machines and the internet;",
          "  services of this machine, by its addresses on the engine's bridge and in its networks;",
          "  addresses of cloud metadata (169.254.169.254), which may give out keys of this machine.",
          "What it sends there does not pass the gateway, so no limit counts it.",
        ],
      });
      await bed.ok(operator, "approvals", "approve", id);
      expect(await saved(bed)).toMatchObject({ network: "open" });
    },
  );

  test("a rejected request changes nothing", async () => {
    const bed = await inContainers();
    await bed.ok(operator, "approvals", "reject", await heldFor(bed, member, ...open));
    expect(await saved(bed)).toMatchObject({ network: null, generation: 1 });
  });

  test("a running agent gets the network by a restart", async () => {
    const bed = await inContainers();
    await bed.central.db
      .updateTable("sessions")
      .set({ container_status: "running", config_generation: 1 })
      .where("id", "=", "se-team")
      .execute();
    expect(await bed.ok(operator, ...config, ...open, "--yes")).toMatchObject({
      needs: "restart",
      behind: [{ session_id: "se-team", generation: 1, fields: ["network"], needs: "restart" }],
    });
  });
});

describe("a change that opens no network", () => {
  test.each([
    { what: "the network to the gateway", flags: ["--network", "gateway"] },
    { what: "another field", flags: ["--model", "opus"] },
    { what: "the network to the default", flags: ["--unset", "network"] },
  ])("a change of $what needs no --yes, and its card has no further lines", async ({ flags }) => {
    const bed = await inContainers();
    await bed.ok(operator, ...config, ...open, "--yes");
    const id = await heldFor(bed, member, "update", ...flags);
    expect(await bed.ok(operator, "approvals", "get", id)).toMatchObject({ consequence: null });
    await bed.ok(operator, ...config, "update", "ag-team", ...flags);
  });
});

describe("groups config rollback", () => {
  const openedAndClosed = async (): Promise<Bed> => {
    const bed = await inContainers();
    await bed.ok(operator, ...config, ...open, "--yes");
    await bed.ok(operator, ...config, "update", "ag-team", "--unset", "network", "--model", "opus");
    return bed;
  };
  const back = ["rollback", "ag-team", "--to", "2"] as const;

  test("a rollback opens the network again only with --yes", async () => {
    const bed = await openedAndClosed();
    expect(await bed.code(operator, ...config, ...back)).toBe("invalid-args");
    expect(await saved(bed)).toMatchObject({ network: null, model: "opus" });
    expect(await bed.code(operator, ...config, ...back, "--yes")).toBe("ok");
    expect(await saved(bed)).toMatchObject({ network: "open", model: null });
  });

  test("an agent's rollback keeps the present network", async () => {
    const bed = await openedAndClosed();
    const id = await heldFor(bed, member, ...back);
    expect(await bed.ok(operator, "approvals", "get", id)).not.toMatchObject({
      consequence: expect.arrayContaining([expect.stringContaining("network")]),
    });
    await bed.ok(operator, "approvals", "approve", id);
    expect(await saved(bed)).toMatchObject({ network: null, model: null });
  });
});
