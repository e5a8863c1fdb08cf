// A host that kills itself with SIGKILL at one step of an intent: `intent-killed.fixture.ts <data folder> <step>`. It
// prints `ready` when it has read users.yaml. A line on stdin makes it run `users reload`.
import { once } from "node:events";
import process from "node:process";
import type { KyselyPlugin } from "kysely";
import { centralCommandHost, transportsOf } from "@gatehouse/dispatch";
import { openCentralAt, type Central } from "@gatehouse/central-database";
import { hostNameOf } from "@gatehouse/data-folder";
import { chooseAddress } from "@gatehouse/postgres";
import { reloadHandler, startUsers, usersFileOf } from "@gatehouse/people";

const [dataDir = "", step = ""] = process.argv.slice(2);

const dieAt = (name: string): void => {
  if (name === step) process.kill(process.pid, "SIGKILL");
};

/** Kills the host before the statement that writes the outcome to the table `intents`. */
const killing: KyselyPlugin = {
  transformQuery: ({ node }) => {
    if (isOutcome(node)) dieAt("before its outcome is written");
    return node;
  },
  transformResult: async ({ result }) => result,
};

const isOutcome = (node: object): boolean =>
  ["UpdateQueryNode", "intents", "outcome"].every((word) => JSON.stringify(node).includes(`"${word}"`));

const chosen = chooseAddress(process.env);
if (!chosen.ok) throw new Error(chosen.error.message);
const opened = await openCentralAt({ dataDir, database: chosen.value });
if (!opened.ok) throw new Error(opened.error.code);
const central: Central = { ...opened.value, db: opened.value.db.withPlugin(killing) };
const report = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
const users = await startUsers({
  db: opened.value.db,
  dataDir,
  usersFile: usersFileOf(dataDir),
  sessions: { endSessions: async () => {}, refresh: async () => {} },
  checkModel: async () => ({ unknown: [], notes: [], unasked: null }),
  accountProblem: null,
  log: () => {},
  say: () => {},
  report,
});
const reload = reloadHandler(users.reload);
const host = centralCommandHost(central, {
  dataDir,
  report,
  owner: hostNameOf(dataDir),
  newId: (prefix) => {
    if (prefix === "in") dieAt("before its intent is written");
    return `${prefix}-1`;
  },
  handlers: {
    reload: async (...call) => {
      dieAt("before it is carried out");
      const outcome = await reload(...call);
      dieAt("before its outcome is asked for");
      return outcome;
    },
  },
});
host.intents.start();
process.stdout.write("ready\n");
await once(process.stdin, "data");
await transportsOf(central.db, host).socket({ id: "1", command: "users-reload", args: {} });
dieAt("before it is answered");
process.stdout.write("answered\n");
