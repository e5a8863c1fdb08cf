import process from "node:process";
import { addUser, type AddRequest } from "./add-user.ts";
import { countedMachine } from "./counted-machine.fixture.ts";
import { thisMachine } from "../machine/this-machine.ts";

/**
 * `{request, killAfter}`: adds a user, and is killed by itself after so many changing calls. Prints how many
 * there were.
 */
const { request, killAfter } = JSON.parse(process.argv[2] ?? "") as {
  request: AddRequest;
  killAfter: number;
};
let calls = 0;
const machine = countedMachine(thisMachine, () => {
  calls += 1;
  if (calls === killAfter) process.kill(process.pid, "SIGKILL");
});
const added = await addUser(machine, request);
process.stdout.write(JSON.stringify({ calls, status: added.ok ? added.value.status : added.error.code }));
