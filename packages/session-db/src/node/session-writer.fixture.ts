// A process that writes into a session: `session-writer.fixture.ts <folder> host|agent <name> <parent>`. It
// writes messages `<name>-<n>` until it is ended or its parent is gone, and prints each id once it is committed.
import process from "node:process";
import { openAgentEnd } from "./agent-end.ts";
import { openHostEnd } from "./host-end.ts";
import { answer, at, message } from "./session-messages.fixture.ts";

const [folder = "", side = "", name = "", parent = ""] = process.argv.slice(2);
const noReader = { read: () => Promise.reject(new Error("not asked for")), close: () => Promise.resolve() };
const host = openHostEnd({ folder, token: 1, reader: noReader });
const agent = openAgentEnd({ folder });

for (let count = 0; process.ppid === Number(parent); count += 1) {
  const id = `${name}-${count}`;
  const written =
    side === "host"
      ? await host.send([message(id)])
      : await agent.commit({ acknowledgements: [], messages: [answer(id)], now: at });
  if (written.ok) process.stdout.write(`${id}\n`);
  // A host that was killed in a commit left a journal, which only the next host may roll back.
  else if (written.error.code !== "busy" && written.error.code !== "unreadable")
    throw new Error(JSON.stringify(written.error));
}
// Its ends keep it alive.
process.exit();
