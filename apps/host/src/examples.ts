import { agentExamples } from "@gatehouse/agents";

/** The examples for the help of all commands. Each command shows the lines that begin with its name. */
export const examples: readonly string[] = [
  "gatehouse run ~/repo                              trusts the folder and starts the agent at this terminal",
  "gatehouse run ~/repo --consent api-key=use        and answers that question if the agent asks it",
  "gatehouse run ~/repo --yes --json </dev/null      in a script: waits until it is ready, then ends it; one JSON document",
  ...agentExamples,
  "gatehouse doctor",
  "gatehouse start                                   all of it: the image, the owner's group, the host, and a chat",
  "gatehouse init                                    the owner's group, once: it asks; then gatehouse up",
  "gatehouse init --name Ana --folder ana --owner local:ana     the same in a script",
  "gatehouse init --fetch claude                     fetches Claude Code into the data folder; agents use it",
  "gatehouse import ~/nanoclaw                       the groups, people and chats of a nanoclaw folder, which is only read",
  "gatehouse up                                      runs the host that ncl talks to, until Ctrl-C or SIGTERM",
  "gatehouse up --data /srv/agents --json            another data folder; one document when it is ready",
  "gatehouse up --upstream anthropic=https://models.example/anthropic     agents' requests go there, with the host's key",
  "gatehouse up --database 'postgresql:///agents?host=/var/run/postgresql'      keeps its data on PostgreSQL, not in a file",
  "gatehouse up --data /srv/two --database 'postgresql:///agents'      one of several hosts on one PostgreSQL",
  "gatehouse database copy --database 'postgresql:///agents'     moves a host from gatehouse.db to PostgreSQL",
  "gatehouse up --runtime podman                     agents run in containers of Podman",
  "gatehouse image build                             the image of these containers, once, and after an update of gatehouse",
  "gatehouse image build --base localhost/node:22    with a base image of your own",
  "gatehouse image list",
  "gatehouse image prune                             removes the unused images of earlier builds",
  "gatehouse mounts allow /srv/notes                 groups may mount this folder, read-only",
  "gatehouse mounts allow /srv/work --rw             groups may also write to this folder",
  "gatehouse mounts list",
  "gatehouse mounts deny /srv/work/keys              but not this folder inside it",
  "gatehouse down                                    stops the host of the data folder, and waits until it has ended",
  "gatehouse chat --group ana                        a conversation with that group's agent, as the owner",
  "gatehouse chat --group ana --as bo <lines.txt     each line is a message of that person, each answer a line",
  "gatehouse history --group ana --last 100 --json   what was said in your chat with that group",
  "gatehouse up --console                            also serves pages for browsers, on 127.0.0.1:7470",
  "gatehouse console                                 a link that signs a browser in, as the operator",
  "gatehouse console --as telegram:6037840640        the same as a person, who sees and answers what is theirs",
  "gatehouse demo                                    a message, an approval, a restart, in a temporary folder",
  "gatehouse demo --provider claude                  the same with the real Claude Code, without a key",
  "gatehouse secrets set anthropic                   asks for the key without echo; all groups use it",
  "gatehouse secrets set anthropic <key.txt          the same in a script",
  "gatehouse secrets set openai --group ana --command -- pass show openai     a command prints that group's key",
  "gatehouse secrets set RSS_TOKEN --group ana       a secret that MCP servers of this group get by its name",
  "gatehouse secrets list                            the keys and secrets, without their values",
  "gatehouse secrets remove openai --group ana",
  "gatehouse usage --by person                       requests and tokens of each person, by model",
  "gatehouse status --json                           groups, sessions, and what waits",
  "gatehouse logs -f                                 follows the host's log",
  "gatehouse logs --session se-1                     shows the output of a session's containers",
  "gatehouse completion bash >>~/.bashrc              completes commands, options and values on Tab; also: zsh, fish",
  "sudo gatehouse users add --data /srv/agents       adds a person: asks, shows its plan, then does it",
  "sudo gatehouse users remove Ana --data /srv/agents    removes a person; their folders stay",
  "sudo gatehouse users doctor --data /srv/agents    checks that all people can use the host",
];

/** The text below the examples of each command. */
export const exitCodes: string = `
Exit codes:
  0 done   1 refused or failed   2 usage   3 a person is needed   130 interrupted   143 terminated
  An agent at the terminal: its own.`;
