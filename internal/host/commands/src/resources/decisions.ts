import { crud } from "@nc/cli-scope";
import type { ResourceOf } from "@gatehouse/command-context";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const resource: ResourceOf<"decisions"> = {
  name: "decision",
  plural: "decisions",
  description: "The decisions of the CLI: for whom, and by which rule. The values of flags are not recorded.",
  id: { description: "The decision." },
  columns: [
    { name: "id", type: "string", description: "de-<uuid>", generated: true },
    { name: "at", type: "string", description: "When it was made.", generated: true },
    {
      name: "actor",
      type: "string",
      description: "Who: host, user:<id>, agent:<group>/<session>, or host as agent:<group> (--as-group).",
    },
    { name: "command", type: "string", description: "The words of the command." },
    { name: "effect", type: "string", description: "The outcome.", values: ["allow", "approve", "deny"] },
    { name: "flags", type: "string", description: "The names of the flags that were given." },
    { name: "rule_id", type: "string", description: "The rule." },
    { name: "reason", type: "string", description: "Why, in words." },
  ],
  verbs: { list: access.operator },
};

export const decisions: StoredResource = storedResource({
  resource,
  commands: crud(resource),
  stored: {
    table: "decisions",
    id: "id",
    idPrefix: "de",
    group: null,
    stamp: "at",
    newestFirst: ["at", "id"],
  },
});
