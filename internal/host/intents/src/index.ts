export type {
  IntentHandler,
  IntentHandlers,
  IntentKind,
  IntentPayloads,
  IntentOutcome,
} from "./intent-handler.ts";
export { type HostName, type IntentLoop, intentLoop, soleHost } from "./intent-loop.ts";
export { forgetOldIntents, writeIntent } from "./intent-rows.ts";
