// node hold-an-agent.mjs ADAPTER FOLDER PROMPT: holds Claude Code in FOLDER, sends it a prompt, prints its screen.
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const [adapter, folder, text] = process.argv.slice(2);
const flags = "--hold --json --member example --provider claude --settings {} --cwd".split(" ");
const options = { detached: true, stdio: ["ignore", "pipe", "inherit"] };
const lines = (input) => createInterface({ input })[Symbol.asyncIterator]();
const next = async (from) => JSON.parse((await from.next()).value);

const events = lines(spawn(process.execPath, [adapter, ...flags, folder], options).stdout);
let event = await next(events);
while (event.event !== "held") event = await next(events);
const { socket } = event;
const ask = (request) => {
  const connection = connect(socket);
  connection.write(`${JSON.stringify({ v: 1, ...request })}\n`);
  return lines(connection);
};
while (event.event !== "ready") event = await next(events);
console.log(await next(ask({ do: "send", text })));
for await (const line of ask({ do: "watch" })) if (JSON.parse(line).status.state === "ready") break;
console.log((await next(ask({ do: "screen" }))).rows.join("\n").trimEnd());
console.log((await next(ask({ do: "stop" }))).status.state);
process.exit(0);
