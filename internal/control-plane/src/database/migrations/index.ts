import type { Migration } from "../migration.ts";
import { groupsAndPeople } from "./001-groups-and-people.ts";
import { containerConfigs } from "./002-container-configs.ts";
import { sessionsAndApprovals } from "./003-sessions-and-approvals.ts";
import { fileUsers } from "./004-file-users.ts";
import { approvalsShownWhole } from "./005-approvals-shown-whole.ts";
import { intents } from "./006-intents.ts";
import { intentsOfGroups } from "./007-intents-of-groups.ts";
import { configOrigins } from "./008-config-origins.ts";
import { instancesOfChats } from "./009-instances-of-chats.ts";
import { destinationsOfWirings } from "./010-destinations-of-wirings.ts";
import { sessionsHeld } from "./011-sessions-held.ts";
import { severalHosts } from "./012-several-hosts.ts";
import { heldMessages } from "./013-held-messages.ts";
import { localFiles } from "./014-local-files.ts";
import { chatsAskedAbout } from "./015-chats-asked-about.ts";
import { providersInConfigurations } from "./016-providers-in-configurations.ts";
import { sessionRows } from "./017-session-rows.ts";

/** All steps of the central database's schema, in order. Add a new one at the end. */
export const migrations: readonly Migration[] = [
  groupsAndPeople,
  containerConfigs,
  sessionsAndApprovals,
  fileUsers,
  approvalsShownWhole,
  intents,
  intentsOfGroups,
  configOrigins,
  instancesOfChats,
  destinationsOfWirings,
  sessionsHeld,
  severalHosts,
  heldMessages,
  localFiles,
  chatsAskedAbout,
  providersInConfigurations,
  sessionRows,
];
