import { homedir } from "node:os";
import { join } from "node:path";
import { findMember, listHeld, nameOf, screenHeld, sendHeld } from "@trust/team-launch/held";

// Without words, prints the agent's screen. With words, sends them to the agent as a prompt.
const [name = "", ...words] = process.argv.slice(2);
const dataDir = process.env["GATEHOUSE_DATA"] ?? join(homedir(), ".gatehouse");

const listed = await listHeld(dataDir);
if (!listed.ok) throw new Error(listed.error.message);
const { agents } = listed.value;
for (const agent of agents) console.log(nameOf(agent), agent.state, agent.question?.text ?? "");

const found = findMember(agents, name);
if (!found.ok) throw new Error(`${found.error.code}: ${found.error.known.join(", ")}`);
const done =
  words.length === 0
    ? await screenHeld(dataDir, found.value)
    : await sendHeld(dataDir, found.value, { text: words.join(" ") });
if (!done.ok) throw new Error(`${done.error.message} ${done.error.fix ?? ""}`);
console.log(Array.isArray(done.value) ? done.value.join("\n").trimEnd() : "sent");
