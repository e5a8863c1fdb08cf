export { type Inviting, inviteCommand, type MachineDoor } from "./machine-commands.ts";
export { type Guest, type Machines, openMachines } from "./machines.ts";
export type { WelcomedLine } from "./frames.ts";
export { newSecret } from "./machine-rows.ts";
export { remoteContainer, type RemoteContainer } from "./remote-container.ts";
export { sentFiles } from "./sent-files.ts";
