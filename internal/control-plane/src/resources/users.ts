import { crud, type Resource, type Row } from "@nc/cli-scope";
import { storedTable } from "../world/stored-table.ts";
import { reloadCommand } from "./reload-command.ts";
import { access, type StoredResource } from "./stored-resource.ts";

const resource: Resource = {
  name: "user",
  plural: "users",
  description: "A person on one platform, as <channel>:<handle>.",
  id: { description: "The user, <channel>:<handle>.", example: "telegram:6037840640" },
  columns: [
    {
      name: "id",
      type: "string",
      description: "<channel>:<handle>, e.g. telegram:6037840640",
      example: "telegram:6037840640",
      required: true,
    },
    {
      name: "kind",
      type: "string",
      description: "The platform: telegram, discord, ...",
      example: "telegram",
      required: true,
    },
    {
      name: "display_name",
      type: "string",
      description: "The name to show.",
      example: "Ana",
      updatable: true,
    },
    { name: "created_at", type: "string", description: "When it was made.", generated: true },
  ],
  verbs: {
    list: access.readAcrossGroups,
    get: access.readAcrossGroups,
    create: access.changeAcrossGroups,
    update: access.changeAcrossGroups,
  },
};

export const users: StoredResource = {
  plural: resource.plural,
  description: resource.description,
  commands: [...crud(resource), reloadCommand],
  stored: storedTable<"users">({
    table: "users",
    noun: "user",
    id: "id",
    group: null,
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
    columns: ["id", "kind", "display_name", "created_at"],
    unique: ["id"],
    problem: (row) => idProblem(row),
  }),
};

const idProblem = ({ id }: Row): string | null =>
  typeof id === "string" && /^[a-z][a-z0-9_-]*:[^\s:][^\s]*$/.test(id)
    ? null
    : `--id is <channel>:<handle>, such as telegram:6037840640, not ${JSON.stringify(id)}.`;
