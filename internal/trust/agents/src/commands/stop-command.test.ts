import { describe, expect, test } from "vitest";
import type { HeldAgent } from "@gatehouse/held-client";
import { agentsOfTarget, stopTargetOf } from "./stop-command.ts";

const agent = (team: string | null, member: string) =>
  ({ id: `${team}/${member}`, team, member, state: "ready" }) as HeldAgent;
const agents = [agent("shop", "ana"), agent("shop", "bo"), agent("dock", "bo"), agent(null, "dock")];

describe("gatehouse stop", () => {
  test.for([
    { name: "ana", ends: ["shop/ana"] },
    { name: "shop", ends: ["shop/ana", "shop/bo"] },
    { name: "shop/", ends: ["shop/ana", "shop/bo"] },
    { name: "dock/bo", ends: ["dock/bo"] },
    // The agent without a team has no other name.
    { name: "dock", ends: ["null/dock"] },
    { name: "dock/", ends: ["dock/bo"] },
    // The launch of this team has started no agent yet.
    { name: "yard", ends: [] },
  ])("ends $ends for the name $name", ({ name, ends }) => {
    const target = stopTargetOf(name, agents, ["yard"]);
    expect(target.ok && agentsOfTarget(target.value, agents).map(({ id }) => id)).toEqual(ends);
  });

  test.for([
    { name: "bo", code: "ambiguous-member", known: ["shop/bo", "dock/bo"] },
    { name: "mo", code: "no-such-member", known: ["shop/ana", "shop/bo", "dock/bo", "dock"] },
    { name: "mo/", code: "no-such-member", known: ["shop/ana", "shop/bo", "dock/bo", "dock"] },
  ])("refuses the name $name as $code", ({ name, code, known }) =>
    expect(stopTargetOf(name, agents, [])).toEqual({ ok: false, error: { code, name, known } }),
  );

  test("refuses a name that a team and a member of another team share", () => {
    const known = ["ana/", "shop/ana"];
    expect(stopTargetOf("ana", agents, ["ana"])).toMatchObject({
      error: { code: "ambiguous-member", known },
    });
    expect(stopTargetOf("ana/", agents, ["ana"])).toMatchObject({ value: { who: "team", team: "ana" } });
  });
});
