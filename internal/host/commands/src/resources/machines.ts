import { crud } from "@nc/cli-scope";
import type { ResourceOf } from "@gatehouse/command-context";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

/** A machine comes by `machines invite`, which has to know the host's port (`@gatehouse/places`). */
const resource: ResourceOf<"machines"> = {
  name: "machine",
  plural: "machines",
  description: "Another machine that runs the agents of a group.",
  id: { description: "The machine.", example: "ma-1" },
  columns: [
    { name: "id", type: "string", description: "ma-<uuid>", generated: true },
    { name: "name", type: "string", description: "As the machine calls itself." },
    {
      name: "agent_group_id",
      alias: "group",
      type: "string",
      description: "The agent group whose agents run there.",
      refersTo: "groups",
    },
    { name: "connected_at", type: "string", description: "When it connected last.", generated: true },
    {
      name: "disconnected_at",
      type: "string",
      description: "When that connection ended; none while it is connected.",
      generated: true,
    },
    { name: "created_at", type: "string", description: "When its invitation was used.", generated: true },
  ],
  verbs: { list: { access: "operator", reach: "host" }, delete: access.operator },
};

export const machines: StoredResource = storedResource({
  resource,
  commands: crud(resource),
  stored: {
    table: "machines",
    id: "id",
    label: "name",
    names: ["name"],
    group: null,
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
  },
});
