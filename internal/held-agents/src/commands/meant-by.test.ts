import { describe, expect, test } from "vitest";
import type { HeldAgent } from "../records/list-held.ts";
import { agentsMeant, meantBy } from "./meant-by.ts";

const agent = (team: string | null, member: string) =>
  ({ id: `${team}/${member}`, team, member, state: "ready" }) as HeldAgent;
const agents = [agent("shop", "ana"), agent("shop", "bo"), agent("dock", "bo"), agent(null, "dock")];

describe("what stop ends", () => {
  test.for([
    { name: "ana", ends: ["shop/ana"] },
    { name: "shop", ends: ["shop/ana", "shop/bo"] },
    { name: "shop/", ends: ["shop/ana", "shop/bo"] },
    { name: "dock/bo", ends: ["dock/bo"] },
    // An agent of no team has no other name.
    { name: "dock", ends: ["null/dock"] },
    { name: "dock/", ends: ["dock/bo"] },
    // Its launch has started nobody yet.
    { name: "yard", ends: [] },
  ])("by the name $name is $ends", ({ name, ends }) => {
    const meant = meantBy(name, agents, ["yard"]);
    expect(meant.ok && agentsMeant(meant.value, agents).map(({ id }) => id)).toEqual(ends);
  });

  test.for([
    { name: "bo", code: "ambiguous-member", known: ["shop/bo", "dock/bo"] },
    { name: "mo", code: "no-such-member", known: ["shop/ana", "shop/bo", "dock/bo", "dock"] },
    { name: "mo/", code: "no-such-member", known: ["shop/ana", "shop/bo", "dock/bo", "dock"] },
  ])("by the name $name is $code", ({ name, code, known }) =>
    expect(meantBy(name, agents, [])).toEqual({ ok: false, error: { code, name, known } }),
  );

  test("is ambiguous where a team and a member of another are called so", () => {
    const known = ["ana/", "shop/ana"];
    expect(meantBy("ana", agents, ["ana"])).toMatchObject({ error: { code: "ambiguous-member", known } });
    expect(meantBy("ana/", agents, ["ana"])).toMatchObject({ value: { who: "team", team: "ana" } });
  });
});
