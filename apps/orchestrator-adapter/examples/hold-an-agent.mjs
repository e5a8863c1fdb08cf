// node hold-an-agent.mjs ADAPTER FOLDER PROMPT: holds Claude Code in FOLDER, sends it a prompt, prints its screen.
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const [adapter, folder, text] = process.argv.slice(2);
const options = { detached: true, stdio: ["pipe", "pipe", "inherit"] };
const ask = async (input, request, awaited = "") => {
  if (request !== null) input.write(`${JSON.stringify({ v: 1, ...request })}\n`);
  for await (const line of createInterface({ input })) if (line.includes(awaited)) return JSON.parse(line);
};
const { stdin, stdout } = spawn(process.execPath, [adapter, "--hold", "--json"], options);
stdin.end(JSON.stringify({ member: "example", provider: "claude", folder }));
const { socket } = await ask(stdout, null, '"event":"held"');
await ask(connect(socket), { do: "watch" }, '"state":"ready"');
console.log(await ask(connect(socket), { do: "send", text }));
await ask(connect(socket), { do: "watch" }, '"state":"ready"');
console.log((await ask(connect(socket), { do: "screen" })).rows.join("\n").trimEnd());
console.log((await ask(connect(socket), { do: "stop" })).status.state);
process.exit(0);
