import { crud } from "@nc/cli-scope";
import { harmless } from "@gatehouse/approvals";
import type { ResourceOf } from "@gatehouse/command-context";
import { access, storedResource, type StoredResource } from "../stored-resource.ts";

/** The host makes a rule when a person answers a card with it. Agents neither make nor delete any. */
const resource: ResourceOf<"tool_rules"> = {
  name: "tool rule",
  plural: "tool-rules",
  description:
    "Tools that a person always allows in a group: with one exact input, or by a rule that their CLI has suggested.",
  id: { description: "The rule.", example: "tr-1" },
  rowGroup: "agent_group_id",
  columns: [
    { name: "id", type: "string", description: "tr-<uuid>", generated: true },
    {
      name: "agent_group_id",
      alias: "group",
      type: "string",
      description: "The agent group that may use the tool.",
      lock: "group",
      refersTo: "groups",
    },
    { name: "tool", type: "string", description: "The tool, by the name that its CLI uses." },
    {
      name: "input",
      type: "string",
      description:
        "The only allowed input, as JSON, and where its paths lead. Words for a person are left out. Null for a rule of the CLI.",
      generated: true,
    },
    {
      name: "rule",
      type: "string",
      description: "What the CLI allows without asking, as the CLI matches it. Null for an exact input.",
      generated: true,
    },
    { name: "allowed_by", type: "string", description: "Who allowed it." },
    { name: "created_at", type: "string", description: "When it was allowed.", generated: true },
  ],
  verbs: { list: access.read, delete: access.operator },
};

export const toolRules: StoredResource = storedResource({
  resource,
  commands: crud(resource),
  stored: {
    table: "tool_rules",
    id: "id",
    idPrefix: "tr",
    group: "agent_group_id",
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
    unique: ["agent_group_id", "tool", "input_hash"],
    present: ({ input, rule, ...row }) => ({
      ...row,
      input: rule === null ? harmless(String(input)) : null,
      rule: rule === null ? null : harmless(String(rule)),
    }),
  },
});
