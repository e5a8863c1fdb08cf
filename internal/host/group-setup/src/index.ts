export { firstSteps } from "./first-steps.ts";
export { initGroup, type Initialised, type InitRequest } from "./init-group.ts";
export { makeStaging, settleStaging } from "./staged-folders.ts";
export { backfillGroups, type BackfillPlace, startUpBackfill } from "./start-up-backfill.ts";
export { groupsInChatsOf, openDirectChat, wireChat, wireDirectChat } from "./wire-chat.ts";
