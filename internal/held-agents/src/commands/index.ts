export { addHeldCommands, heldExamples } from "./add-commands.ts";
