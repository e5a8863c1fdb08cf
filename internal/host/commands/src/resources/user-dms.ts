import { crud } from "@nc/cli-scope";
import type { ResourceOf } from "@gatehouse/command-context";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const resource: ResourceOf<"user_dms"> = {
  name: "user dm",
  plural: "user-dms",
  description: "The direct-message chat in which a person is reached on a channel.",
  id: { description: "The user." },
  columns: [
    { name: "user_id", alias: "user", type: "string", description: "The person.", refersTo: "users" },
    { name: "channel_type", type: "string", description: "The platform." },
    {
      name: "messaging_group_id",
      type: "string",
      description: "The chat.",
      refersTo: "messaging-groups",
    },
    { name: "resolved_at", type: "string", description: "When it was found.", generated: true },
  ],
  verbs: { list: access.readAcrossGroups },
};

export const userDms: StoredResource = storedResource({
  resource,
  commands: crud(resource),
  stored: {
    table: "user_dms",
    id: null,
    group: null,
    stamp: "resolved_at",
    newestFirst: ["resolved_at", "user_id", "channel_type"],
    unique: ["user_id", "channel_type"],
  },
});
