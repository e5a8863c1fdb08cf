export { addHeldCommands, heldExamples, heldLogs } from "./add-commands.ts";
export type { OnOwnHost } from "./add-commands.ts";
export type { LaunchesAtWork } from "./launches-at-work.ts";
