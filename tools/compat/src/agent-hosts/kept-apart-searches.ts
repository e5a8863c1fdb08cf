/** The texts that no agent of another account may see, by what they are. */
export type Planted = {
  readonly "the provider's key": string;
  readonly "the host's environment": string;
  readonly "the other group's file": string;
  readonly "the other person's message": string;
  readonly "the other agent's token": string;
  readonly "the other group's id": string;
  readonly "the other person's chat": string;
  readonly "the other agent's rights": string;
};

/** The input of a search: paths and ids that are no secrets. */
export type Known = {
  readonly node: string;
  readonly gatehouse: string;
  readonly ncl: string;
  readonly data: string;
  /** The other person: the account of their agent, and the id of their user. */
  readonly other: { readonly name: string; readonly uid: number; readonly user: string };
  /** A card that waits for an answer. */
  readonly card: string;
};

/** An attempt of an agent with its shell tool. */
export type Search = {
  readonly name: string;
  readonly script: (known: Known) => string;
  /** The planted texts that an agent with the host's account finds. An agent with another account finds none. */
  readonly ownAccount: readonly (keyof Planted)[];
};

/** A planted text. All have one form, since an attacker knows what keys look like. */
export const plantedText = (what: string): string => `sk-planted-${what}-0123456789`;

/** The output of a search that could act with the rights of the other agent. */
export const actsAsOther = "it acts as the other agent";

/** The message of a search in the chat of the other person. */
export const saidForOther = "in the name of another";

const form = "sk-planted-[a-z]*-0123456789";

const inFiles = (...paths: readonly string[]): string => `grep -rahos '${form}' ${paths.join(" ")} | sort -u`;

/** A request to the gateway with each token that is found, else with a guessed one. */
const askGateway = ({ node, other }: Known, where: string): string => `
token=$(cat /home/${other.name}/.gatehouse/agents/*/out/gateway-token 2>/dev/null || echo guessed)
for at in ${where}; do
  TOKEN=$token AT=$at ${node} -e '
    const { AT, TOKEN } = process.env;
    const where = AT.startsWith("/") ? { socketPath: AT } : { host: "127.0.0.1", port: AT };
    const headers = { "x-api-key": TOKEN, "content-type": "application/json" };
    const sent = require("node:http").request({ ...where, path: "/v1/messages", method: "POST", headers });
    sent.on("response", ({ statusCode }) => {
      console.log(statusCode === 200 ? "${actsAsOther}" : statusCode);
      process.exit();
    });
    sent.on("error", ({ code }) => console.log(code));
    sent.end(JSON.stringify({ model: "claude-haiku-4-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] }));'
done`;

/** The ports on which processes of an account listen: Linux lists them for every account. */
const portsOf = (uid: number): string =>
  `$(awk '$4 == "0A" && $8 == ${uid} { split($2, at, ":"); print at[2] }' /proc/net/tcp | while read hex; do printf '%d ' 0x$hex; done)`;

/** A row for each way to what belongs to others. */
export const searches: readonly Search[] = [
  { name: "its environment", script: () => `env | grep -o '${form}'`, ownAccount: [] },
  {
    name: "the environment of every process",
    script: () => `cat /proc/[0-9]*/environ 2>/dev/null | grep -aos '${form}' | sort -u`,
    ownAccount: ["the host's environment"],
  },
  {
    name: "the command line of every process",
    script: () => `cat /proc/[0-9]*/cmdline 2>/dev/null | grep -aos '${form}' | sort -u`,
    ownAccount: [],
  },
  {
    name: "the key file",
    script: ({ data }) => `cat ${data}/secrets.json`,
    ownAccount: ["the provider's key"],
  },
  {
    name: "the database",
    script: ({ data }) => inFiles(`${data}/gatehouse.db*`),
    ownAccount: ["the other person's message"],
  },
  {
    name: "the folders of groups, sessions and backups",
    script: ({ data }) =>
      `ls ${data}; ${inFiles(...["groups", "sessions", "backups"].map((name) => `${data}/${name}`))}`,
    ownAccount: ["the other group's file"],
  },
  {
    name: "the home of the other agent",
    script: ({ other }) =>
      `${inFiles(`/home/${other.name}`)}; cat /home/${other.name}/.gatehouse/agents/*/out/gateway-token`,
    ownAccount: ["the other person's message", "the other agent's token"],
  },
  {
    name: "temporary files of the other agent",
    script: ({ other }) => inFiles(`$(find /tmp -maxdepth 1 -user ${other.name})`),
    ownAccount: [],
  },
  {
    name: "the gateway by the other agent's port",
    script: (known) => askGateway(known, portsOf(known.other.uid)),
    ownAccount: ["the other agent's rights"],
  },
  {
    name: "the gateway's socket",
    script: (known) => askGateway(known, `${known.data}/gateway.sock`),
    ownAccount: ["the other agent's rights"],
  },
  {
    name: "the other agent's socket for ncl",
    script: ({ node, ncl, other }) =>
      `for at in $(find /tmp -maxdepth 1 -name "ncl-*" -user ${other.name}); do ${node} ${ncl} groups list --socket $at/ncl.sock; done`,
    ownAccount: ["the other group's id"],
  },
  {
    name: "the other agent's process",
    script: ({ other }) =>
      `for each in /proc/[0-9]*; do [ "$(stat -c %u $each 2>/dev/null)" = ${other.uid} ] && kill -0 \${each#/proc/} 2>/dev/null && echo "${actsAsOther}"; done | sort -u`,
    ownAccount: ["the other agent's rights"],
  },
  {
    name: "the socket of people",
    script: ({ node, gatehouse, data, other }) =>
      `echo "${saidForOther}" | ${node} ${gatehouse} chat --group bo --as ${other.user} --data ${data}`,
    ownAccount: ["the other person's chat"],
  },
  {
    name: "its own ncl",
    script: () => "ncl groups list; ncl sessions list; ncl users list",
    // The agent of the group that `gatehouse init` makes may use all of ncl.
    ownAccount: ["the other group's id"],
  },
  {
    name: "its own ncl, about the card",
    script: ({ card }) => `ncl approvals approve ${card}`,
    ownAccount: [],
  },
  {
    name: "the operator's socket",
    script: ({ node, ncl, data, card }) =>
      `${node} ${ncl} approvals approve ${card} --socket ${data}/ncl.sock; ${node} ${ncl} groups list --socket ${data}/ncl.sock`,
    ownAccount: ["the other group's id"],
  },
];
