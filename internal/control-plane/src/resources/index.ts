import type { Command } from "@nc/cli-scope";
import type { StoredTable } from "../world/stored-table.ts";
import type { CommandContext, ReadContext } from "../world/command-context.ts";
import { approvals } from "./approvals.ts";
import { decisions } from "./decisions.ts";
import { destinations } from "./destinations.ts";
import { droppedMessages } from "./dropped-messages.ts";
import { groups } from "./groups.ts";
import { intents } from "./intents.ts";
import { members } from "./members.ts";
import { messagingGroups } from "./messaging-groups.ts";
import { roles } from "./roles.ts";
import { sessions } from "./sessions.ts";
import type { StoredResource } from "./stored-resource.ts";
import { userDms } from "./user-dms.ts";
import { users } from "./users.ts";
import { wirings } from "./wirings.ts";

/** The resources of `ncl`, in the order of help. A new resource is a file here, and a row. */
const resources: readonly StoredResource[] = [
  groups,
  messagingGroups,
  wirings,
  users,
  roles,
  members,
  destinations,
  sessions,
  userDms,
  droppedMessages,
  approvals,
  intents,
  decisions,
];

/** Every command of the host. */
export const commands: readonly Command<CommandContext, ReadContext>[] = resources.flatMap(
  (resource) => resource.commands,
);

/** The table of each resource, by its plural. */
export const storedTables: Readonly<Record<string, StoredTable>> = Object.fromEntries(
  resources.map(({ plural, stored }) => [plural, stored]),
);

/** One sentence about each resource, by its plural. */
export const resourceSentences: Readonly<Record<string, string>> = Object.fromEntries(
  resources.map(({ plural, description }) => [plural, description]),
);

/** What people look for in `ncl`, and the program that does it. */
export const elsewhere: Readonly<Record<string, string>> = {
  "users delete":
    "ncl removes no person. For a person in users.yaml: sudo gatehouse users remove NAME. For any other, take their rights away: ncl roles revoke --help, ncl members remove --help.",
};
