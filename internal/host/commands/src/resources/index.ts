import type { Command } from "@nc/cli-scope";
import type { StoredTable, CommandContext, ReadContext } from "@gatehouse/command-context";
import { approvals } from "./approvals/approvals.ts";
import { decisions } from "./decisions.ts";
import { destinations } from "./destinations.ts";
import { droppedMessages } from "./dropped-messages.ts";
import { groups } from "./groups.ts";
import { intents } from "./intents.ts";
import { machines } from "./machines.ts";
import { members } from "./members.ts";
import { messagingGroups } from "./messaging-groups.ts";
import { roles } from "./roles.ts";
import { sessions } from "./sessions.ts";
import type { StoredResource } from "./stored-resource.ts";
import { tasks } from "./tasks/tasks.ts";
import { toolRules } from "./approvals/tool-rules.ts";
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
  tasks,
  userDms,
  machines,
  droppedMessages,
  approvals,
  toolRules,
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

const addBot =
  "The token of a bot is no argument of a command, so a bot comes by: gatehouse channels add MESSENGER. It replaces the bot of the same name.";
const removeBot = "A bot goes with its token: gatehouse channels remove MESSENGER";

const ownProvider =
  "A row names a program that runs with the rights of agents, so only an account that may open the data folder changes it: gatehouse providers";

/** Commands that people look for in `ncl` but that it lacks, each with the program that does the work. */
export const elsewhere: Readonly<Record<string, string>> = {
  "channels create": addBot,
  "channels add": addBot,
  "channels update": addBot,
  "channels delete": removeBot,
  "channels remove": removeBot,
  "providers add": `${ownProvider} add ROW`,
  "providers list": `${ownProvider} list`,
  "providers remove": `${ownProvider} remove NAME`,
  "users remove":
    "For a person in users.yaml: sudo gatehouse users remove NAME. For any other: ncl users delete USER.",
};
