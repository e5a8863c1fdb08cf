export { inviteCommand, type MachineDoor } from "./machine-commands.ts";
export { openMachines } from "./machines.ts";
