export { dialAsMachine, type DialledMachine, type MachineOptions } from "./dial-as-machine.ts";
export { forward } from "./forward.ts";
export { newSecret } from "../machine-rows.ts";
export { type Invitation, invitationIn } from "../invitation.ts";
export {
  closeMachineFile,
  forgetMachine,
  keepMachine,
  type KeptMachine,
  readMachine,
} from "./kept-machine.ts";
