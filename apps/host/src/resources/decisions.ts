import { crud, type Resource } from "@nc/cli-scope";
import { storedTable } from "../world/stored-table.ts";
import { access, type StoredResource } from "./stored-resource.ts";

const resource: Resource = {
  name: "decision",
  plural: "decisions",
  description: "What the CLI decided, for whom and by which rule. Values of flags are not kept.",
  id: { description: "the decision" },
  columns: [
    { name: "id", type: "string", description: "de-<uuid>", generated: true },
    { name: "at", type: "string", description: "when it was taken", generated: true },
    { name: "actor", type: "string", description: "host, user:<id>, or agent:<group>/<session>" },
    { name: "command", type: "string", description: "the words of the command" },
    { name: "flags", type: "string", description: "the names of the flags that were given" },
    { name: "effect", type: "string", description: "what came of it", values: ["allow", "approve", "deny"] },
    { name: "rule_id", type: "string", description: "the rule" },
    { name: "reason", type: "string", description: "why, in words" },
  ],
  verbs: { list: access.operator },
};

export const decisions: StoredResource = {
  plural: resource.plural,
  description: resource.description,
  commands: crud(resource),
  stored: storedTable<"decisions">({
    table: "decisions",
    noun: "decision",
    id: "id",
    idPrefix: "de",
    group: null,
    stamp: "at",
    newestFirst: ["at", "id"],
    columns: ["id", "at", "actor", "command", "flags", "effect", "rule_id", "reason"],
  }),
};
