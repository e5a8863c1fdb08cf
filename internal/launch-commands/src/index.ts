export { addLaunchCommands, launchExamples } from "./add-commands.ts";
