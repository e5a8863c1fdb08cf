export { addLaunchCommands, launchExamples } from "./add-commands.ts";
export { launchesAtWork } from "./launches-at-work.ts";
