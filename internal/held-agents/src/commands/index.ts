export { addHeldCommands, heldExamples, heldLogs } from "./add-commands.ts";
