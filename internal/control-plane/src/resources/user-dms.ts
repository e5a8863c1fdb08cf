import { crud, type Resource } from "@nc/cli-scope";
import { storedTable } from "../world/stored-table.ts";
import { access, type StoredResource } from "./stored-resource.ts";

const resource: Resource = {
  name: "user dm",
  plural: "user-dms",
  description: "The direct-message chat in which a person is reached on a channel.",
  id: { description: "The user." },
  columns: [
    { name: "user_id", type: "string", description: "The person." },
    { name: "channel_type", type: "string", description: "The platform." },
    { name: "messaging_group_id", type: "string", description: "The chat." },
    { name: "resolved_at", type: "string", description: "When it was found.", generated: true },
  ],
  verbs: { list: access.readAcrossGroups },
};

export const userDms: StoredResource = {
  plural: resource.plural,
  description: resource.description,
  commands: crud(resource),
  stored: storedTable<"user_dms">({
    table: "user_dms",
    noun: "user dm",
    id: null,
    group: null,
    stamp: "resolved_at",
    newestFirst: ["resolved_at", "user_id", "channel_type"],
    columns: ["user_id", "channel_type", "messaging_group_id", "resolved_at"],
    unique: ["user_id", "channel_type"],
  }),
};
