export { addHeldCommands, heldExamples, heldLogs } from "./held/add-commands.ts";
export { addLaunchCommands, launchExamples } from "./launch/add-commands.ts";
export { launchesAtWork } from "./launch/launches-at-work.ts";
