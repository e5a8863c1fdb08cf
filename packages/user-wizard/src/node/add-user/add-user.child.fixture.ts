import process from "node:process";
import { addUser, type AddRequest } from "./add-user.ts";
import { countedMachine } from "./counted-machine.fixture.ts";
import { removeUser, type RemoveRequest } from "../remove-user/remove-user.ts";
import { thisMachine } from "../machine/this-machine.ts";

/**
 * Takes `{request, killAfter}` as JSON, adds or removes a user, and kills itself after `killAfter` changing
 * calls. Prints how many calls it made.
 */
const { request, killAfter } = JSON.parse(process.argv[2] ?? "") as {
  request: AddRequest | RemoveRequest;
  killAfter: number;
};
let calls = 0;
const machine = countedMachine(thisMachine, () => {
  calls += 1;
  if (calls === killAfter) process.kill(process.pid, "SIGKILL");
});
const done = "who" in request ? await removeUser(machine, request) : await addUser(machine, request);
process.stdout.write(JSON.stringify({ calls, status: done.ok ? done.value.status : done.error.code }));
