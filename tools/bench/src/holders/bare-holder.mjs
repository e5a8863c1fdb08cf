// The floor of a held agent's memory: only Node, a PTY and a terminal model of the holder's size. Plain Node,
// since a loader would add memory.
//
// node bare-holder.mjs FOLDER PROGRAM: prints a line when the agent was started.
import process from "node:process";
import { SerializeAddon } from "@xterm/addon-serialize";
import xterm from "@xterm/headless";
import pty from "node-pty";

const [folder, program] = process.argv.slice(2);
const size = { cols: 120, rows: 40 };
const terminal = new xterm.Terminal({ ...size, scrollback: 0, allowProposedApi: true });
terminal.loadAddon(new SerializeAddon());
const agent = pty.spawn(program, [], { ...size, name: "xterm-256color", cwd: folder, env: process.env });
agent.onData((data) => terminal.write(data));
terminal.onData((data) => agent.write(data));
agent.onExit(() => process.exit());
process.stdout.write(`${agent.pid}\n`);
