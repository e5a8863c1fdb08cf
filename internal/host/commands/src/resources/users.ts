import { sql, type SqlBool } from "kysely";
import { crud, type Row } from "@nc/cli-scope";
import { userIdProblem } from "@gatehouse/std";
import type { ResourceOf } from "@gatehouse/command-context";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";
import { limitColumns, userCommands } from "./user-commands.ts";

const resource: ResourceOf<"users"> = {
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
      description: "The platform: telegram, discord, ... Taken from the id.",
      example: "telegram",
    },
    {
      name: "display_name",
      type: "string",
      description: "The name to show.",
      example: "Ana",
      updatable: true,
    },
    ...limitColumns,
    { name: "created_at", type: "string", description: "When it was made.", generated: true },
  ],
  verbs: {
    list: access.readAcrossGroups,
    create: access.changeAcrossGroups,
  },
};

export const users: StoredResource = storedResource({
  resource,
  commands: [...crud(resource), ...userCommands],
  stored: {
    table: "users",
    id: "id",
    label: "display_name",
    names: ["display_name"],
    // On other platforms people choose their own display names, so those names do not stand for an id.
    named: sql<SqlBool>`(kind = 'local' or id in (select user_id from file_users))`,
    group: null,
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
    unique: ["id"],
    derived: (row) => ({ kind: kindOf(row) }),
    problem: (row) => idProblem(row) ?? kindProblem(row),
  },
});

const kindOf = ({ id }: Row): string => String(id).split(":", 1)[0] ?? "";

const idProblem = ({ id }: Row): string | null => {
  const problem = userIdProblem(String(id));
  return problem === null ? null : `--id: ${problem}`;
};

const kindProblem = (row: Row): string | null =>
  row["kind"] === kindOf(row)
    ? null
    : `--kind is ${kindOf(row)}, as the id says, and not ${JSON.stringify(row["kind"])}: leave it out.`;
