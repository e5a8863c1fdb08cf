export { type Inviting, inviteCommand, type MachineDoor } from "./machine-commands.ts";
export {
  awayReason,
  type AwayMachine,
  type ConnectedMachine,
  type Machines,
  type MachinesOptions,
  openMachines,
} from "./machines.ts";
