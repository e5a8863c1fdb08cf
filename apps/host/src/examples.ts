import { heldExamples } from "@gatehouse/held-agents/commands";
import { launchExamples } from "@gatehouse/launch-commands";

/** The examples of every command's help: each command shows those that begin with its own words. */
export const examples: readonly string[] = [
  "gatehouse run ~/repo                              trust the folder, start the agent, at this terminal",
  "gatehouse run ~/repo --consent api-key=use        and answer that question when it asks",
  "gatehouse run ~/repo --yes --json </dev/null      nobody there: until it is ready, then ended; one JSON document",
  ...launchExamples,
  ...heldExamples,
  "gatehouse doctor",
  "gatehouse init                                    the owner's group, once: it asks; then gatehouse up",
  "gatehouse init --name Ana --folder ana --owner local:ana     the same with nobody there",
  "gatehouse import ~/nanoclaw                       the groups, people and chats of a nanoclaw folder, which is only read",
  "gatehouse up                                      the host that ncl talks to; until Ctrl-C or SIGTERM",
  "gatehouse up --data /srv/agents --json            another data folder; one document when it is ready",
  "gatehouse up --database 'postgresql:///agents?host=/var/run/postgresql'      its data on PostgreSQL, not in a file",
  "gatehouse up --data /srv/two --sessions /shared/sessions      one of several hosts of a PostgreSQL",
  "gatehouse down                                    ends the host of the data folder, and waits for its end",
  "gatehouse chat --group ana                        a conversation with that group's agent, as the owner",
  "gatehouse chat --group ana --as bo <lines.txt     each line is a message of that person, each answer a line",
  "gatehouse database move --to 'postgresql:///agents?host=/var/run/postgresql'   takes a host's file there",
  "gatehouse demo                                    a message, an approval, a restart: shown in a folder of its own",
  "gatehouse status --json                           groups, sessions, and what waits for whom",
  "gatehouse logs -f                                 what the host does, as it does it",
  "sudo gatehouse users add --data /srv/agents       a person who may use it: asks, shows, then does it",
  "sudo gatehouse users remove Ana --data /srv/agents    who may use it no more; their folders stay",
  "sudo gatehouse users doctor --data /srv/agents    is everything as those who may use it need it",
];

/** Below the examples of each command. */
export const exitCodes: string = `
Exit codes:
  0 done   1 refused or failed   2 usage   3 a person is needed   130 interrupted   143 terminated
  An agent at the terminal: its own.`;
