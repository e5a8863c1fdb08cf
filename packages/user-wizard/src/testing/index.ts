export { makeFakeMachine } from "./fake-machine.ts";
export { usersText } from "./users-text.ts";
