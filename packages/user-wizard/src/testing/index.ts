export { FakeDisk } from "./fake-disk.ts";
export { makeFakeMachine, type FakeMachine } from "./fake-machine.ts";
export { userNamed } from "./user-named.ts";
export { usersText } from "./users-text.ts";
