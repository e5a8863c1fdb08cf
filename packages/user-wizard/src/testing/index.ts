export { FakeDisk } from "./fake-disk.ts";
export { makeFakeMachine, type FakeMachine } from "./fake-machine.ts";
export {
  measureReading,
  measureSplicing,
  usersText,
  type ReadingTimes,
  type SplicingTimes,
} from "./measure-users.ts";
export { userNamed } from "./user-named.ts";
