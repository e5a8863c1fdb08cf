export { dialAsMachine, type DialledMachine } from "./dial-as-machine.ts";
export { forward } from "./forward.ts";
export { newSecret } from "../machine-rows.ts";
export { invitationIn } from "../invitation.ts";
export { closeMachineFile, forgetMachine, keepMachine, readMachine } from "./kept-machine.ts";
