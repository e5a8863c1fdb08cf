export { type Inviting, inviteCommand, type MachineDoor } from "./machine-commands.ts";
export {
  awayReason,
  type AwayMachine,
  type ConnectedMachine,
  type Guest,
  type Line,
  type Machines,
  type MachinesOptions,
  openMachines,
} from "./machines.ts";
export { newSecret } from "./machine-rows.ts";
export { sentFiles } from "./sent-files.ts";
