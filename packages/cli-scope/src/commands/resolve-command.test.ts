import { describe, expect, test } from "vitest";
import type { Signature } from "./command.ts";
import { resolveCommand } from "./resolve-command.ts";

const list: Signature = {
  words: "members list",
  resource: "members",
  access: "open",
  reach: "group",
  effect: "read",
  description: "Lists members.",
  flags: [
    { name: "agent_group_id", alias: "group", type: "string", description: "The group." },
    { name: "limit", type: "integer", description: "How many." },
  ],
};

const argsOf = (raw: Readonly<Record<string, unknown>>) => {
  const resolved = resolveCommand([list], "members-list", raw);
  return resolved.ok ? resolved.value.args : resolved.error;
};

describe("resolveCommand", () => {
  test.for([
    { what: "an alias", raw: { group: "ag-1", limit: 2 } },
    { what: "the flag's own name", raw: { "agent-group-id": "ag-1", limit: 2 } },
  ])("gives the flag its own name for $what", ({ raw }) =>
    expect(argsOf(raw)).toEqual({ agent_group_id: "ag-1", limit: 2 }),
  );

  test.for([
    { raw: { group: "ag-1", agent_group_id: "ag-2" } },
    { raw: { Group: "ag-1", "agent-group-id": "ag-1" } },
  ])("refuses an alias together with its flag: $raw", ({ raw }) =>
    expect(argsOf(raw)).toEqual([
      { code: "name-twice", name: "agent_group_id", spellings: ["agent_group_id", "group"] },
    ]),
  );
});
