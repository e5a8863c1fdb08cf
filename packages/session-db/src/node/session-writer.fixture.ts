// A process that writes into a session: `session-writer.fixture.ts <folder> host|agent <name>`. A number on stdin
// is how many messages `<name>-<n>` to write next; it prints the id of each once it is committed. It ends when
// stdin does, so also with its parent.
import process from "node:process";
import { createInterface } from "node:readline";
import { openAgentEnd } from "./agent-end.ts";
import { openHostEnd } from "./host-end.ts";
import { answer, at, message } from "./session-messages.fixture.ts";

const [folder = "", side = "", name = ""] = process.argv.slice(2);
const noReader = { read: () => Promise.reject(new Error("not asked for")), close: () => Promise.resolve() };
const host = openHostEnd({ folder, token: 1, reader: noReader });
const agent = openAgentEnd({ folder });

/** Writes one message, and says whether it is committed. */
const write = async (id: string): Promise<boolean> => {
  const written =
    side === "host"
      ? await host.send([message(id)])
      : await agent.commit({ acknowledgements: [], messages: [answer(id)], now: at });
  // A host that was killed in a commit left a journal, which only the next host may roll back.
  if (!written.ok && written.error.code !== "busy" && written.error.code !== "unreadable")
    throw new Error(JSON.stringify(written.error));
  return written.ok;
};

process.stdin.on("end", () => process.exit());
let count = 0;
for await (const line of createInterface({ input: process.stdin }))
  for (let left = Number(line); left > 0; count += 1) {
    const id = `${name}-${count}`;
    if (!(await write(id))) continue;
    process.stdout.write(`${id}\n`);
    left -= 1;
  }
