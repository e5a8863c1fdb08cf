import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { endProcesses } from "../box/leftovers.ts";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { programFile } from "../start/programs.ts";
import { agentChecks, type Run, type Stage } from "../agents/agent-check.ts";
import { agentClis } from "../agents/agent-clis.ts";
import {
  actsAsOther,
  plantedText,
  saidForOther,
  searches,
  type Known,
  type Planted,
} from "./kept-apart-searches.ts";
import { asList, type ModelRequest } from "../agents/model-log.ts";
import { ownHost, type OwnHost } from "./own-host.ts";

const programs = ["/usr/bin/sudo", "/usr/sbin/useradd", "/usr/sbin/userdel"];

/** Why this machine cannot start an agent as another account; null if it can. */
const whyNoAccounts = (): string | null =>
  process.platform !== "linux" || process.getuid?.() !== 0
    ? "It needs Linux and root: it makes accounts."
    : programs.every((path) => existsSync(path))
      ? null
      : "It needs sudo, useradd and userdel in their usual places.";

/** An account of the system, with a home of its own. */
type Account = { readonly name: string; readonly uid: number; readonly remove: () => void };

let made = 0;

/** Makes an account. `remove` deletes it with its home, also while processes of it run. */
const makeAccount = (): Account => {
  const name = `gc${process.pid}n${(made += 1)}`;
  execFileSync("useradd", ["--create-home", "--shell", "/bin/sh", name], { stdio: "pipe" });
  return {
    name,
    uid: Number(execFileSync("id", ["-u", name], { encoding: "utf8" })),
    remove: () => void execFileSync("userdel", ["--force", "--remove", name], { stdio: "pipe" }),
  };
};

/**
 * Two agents with accounts of their own and one with the host's account run the searches of `kept-apart-searches.ts` for
 * data of others. The tool policy allows everything, so that only the accounts keep the agents apart.
 */
const keptApart: Run = async (stage) => {
  const accounts = [makeAccount(), makeAccount()] as const;
  try {
    return await searched(stage, accounts);
  } finally {
    endProcesses(stage.box);
    for (const { remove } of accounts) remove();
  }
};

const runsAll = "--provider claude --tools allow-all --yes".split(" ");

const people = {
  own: { group: "Ada", user: "ana" },
  ada: { group: "apart", user: "telegram:7" },
  bo: { group: "bo", user: "telegram:8" },
} as const;

const searched = async (
  { box, cli, ...rest }: Stage,
  [ada, bo]: readonly [Account, Account],
): Promise<readonly string[]> => {
  // Other accounts pass through these folders to the data folder, the CLI and the searches.
  for (const folder of [box.root, box.home]) chmodSync(folder, 0o711);
  const env = { ...box.env, HOST_SECRET: plantedText("environment"), TMPDIR: "/tmp" };
  const host = await ownHost({
    ...rest,
    box: { ...box, env },
    cli: readableByAll(cli, join(box.root, "cli")),
  });
  chmodSync(box.data, 0o711);
  host.gatehouse(["secrets", "set", "anthropic"], plantedText("key"));
  box.write(join(box.data, "users.yaml"), usersText(ada, bo));
  chmodSync(join(box.data, "users.yaml"), 0o600);
  await host.up();
  for (const { group, user } of [people.ada, people.bo]) {
    host.ncl(..."groups create --name".split(" "), group, "--folder", group);
    host.ncl("members", "add", "--user", user, "--group", group);
  }
  for (const { group } of Object.values(people)) host.ncl("groups", "config", "update", group, ...runsAll);
  box.write(join(box.data, "groups/bo/notes.txt"), plantedText("file"));
  await host.chatAs(people.bo, `remember ${plantedText("message")}`);
  await host.chatAs(people.ada, "run ncl groups config update --model opus");
  const [card] = host.ncl("approvals", "list", "--status", "pending") as readonly Card[];
  if (card === undefined) return ["no card waits for an answer"];
  const planted = plantedIn(host, bo);
  const script = join(box.root, "search.sh");
  const file = await programFile("gatehouse");
  const known: Known = {
    node: process.execPath,
    gatehouse: file,
    ncl: await programFile("ncl"),
    data: box.data,
    other: { ...bo, user: people.bo.user },
    card: card.id,
  };
  box.write(script, scriptOf(known));
  const outputs = async (who: (typeof people)[keyof typeof people]): Promise<Outputs> => {
    // The name tells the conversations apart in the requests.
    const command = `sh ${script} ${who.group}`;
    await host.chatAs(who, `run ${command}`);
    return outputsIn(rest.model.requests().filter(({ body }) => JSON.stringify(body).includes(command)));
  };
  const statusOf = () => (host.ncl("approvals", "get", card.id) as Card).status;
  const apart = problemsIn("an agent of an account of its own", await outputs(people.ada), planted, () => []);
  const before = statusOf();
  const own = problemsIn("an agent of the host's account", await outputs(people.own), planted, (at) => at);
  const after = statusOf();
  await host.down();
  return [
    ...apart,
    ...own,
    ...differs("the card after the search of the account of its own", before, "pending"),
    ...differs("the card after the search of the host's account", after, "approved"),
  ];
};

type Card = { readonly id: string; readonly status: string };

const usersText = (ada: Account, bo: Account): string =>
  `users:\n  - { telegram_id: 7, name: Ada, role: user, os_user: ${ada.name} }\n  - { telegram_id: 8, name: Bo, role: user, os_user: ${bo.name} }\n`;

/** The CLI in a folder that every account can read, as a machine's own one is. The cache is in a private HOME. */
const readableByAll = (cli: InstalledCli, folder: string): InstalledCli => {
  const path = join(folder, "claude");
  mkdirSync(folder, { mode: 0o755 });
  try {
    linkSync(realpathSync(cli.path), path);
  } catch (error) {
    // The folder for temporary files may be on another file system.
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    copyFileSync(realpathSync(cli.path), path);
  }
  return { ...cli, path };
};

const plantedIn = (host: OwnHost, { name }: Account): Planted => {
  const agents = `/home/${name}/.gatehouse/agents`;
  const [session = ""] = readdirSync(agents);
  const groups = host.ncl("groups", "list") as readonly { readonly id: string; readonly folder: string }[];
  return {
    "the provider's key": plantedText("key"),
    "the host's environment": plantedText("environment"),
    "the other group's file": plantedText("file"),
    "the other person's message": plantedText("message"),
    "the other agent's token": readFileSync(join(agents, session, "out/gateway-token"), "utf8"),
    "the other group's id": groups.find(({ folder }) => folder === people.bo.group)?.id ?? "",
    "the other person's chat": `you said: ${saidForOther}`,
    "the other agent's rights": actsAsOther,
  };
};

const scriptOf = (known: Known): string =>
  searches
    .map(({ name, script }) => `echo "=== ${name}"\n{ ${script(known)}\n} 2>&1 </dev/null | head -c 1500\n`)
    .join("echo\n");

/** The output of each search, by its name. */
type Outputs = ReadonlyMap<string, string>;

/** The outputs of the searches, as the model saw them. */
const outputsIn = (requests: readonly ModelRequest[]): Outputs => {
  const results = requests
    .flatMap(({ body }) => body.messages ?? [])
    .flatMap(({ content }) => asList<{ readonly type?: string; readonly content?: unknown }>(content))
    .filter(({ type }) => type === "tool_result")
    .map(({ content }) => (typeof content === "string" ? content : JSON.stringify(content)));
  const sections = (results.findLast((text) => text.includes("=== ")) ?? "").split(/^=== /mu).slice(1);
  return new Map(sections.map((text) => [text.slice(0, text.indexOf("\n")), text.slice(text.indexOf("\n"))]));
};

const problemsIn = (
  who: string,
  outputs: Outputs,
  planted: Planted,
  expected: (found: (typeof searches)[number]["ownAccount"]) => readonly string[],
): readonly string[] => [
  ...differs(
    `the searches of ${who}`,
    [...outputs.keys()],
    searches.map(({ name }) => name),
  ),
  ...searches.flatMap(({ name, ownAccount }) => {
    const output = outputs.get(name) ?? "";
    const found = Object.entries(planted).flatMap(([what, text]) => (output.includes(text) ? [what] : []));
    return differs(`what ${who} finds in ${name}`, found.toSorted(), expected(ownAccount).toSorted());
  }),
];

/** Agents that accounts keep apart. */
export const keptApartChecks: readonly Check[] = agentChecks(agentClis.claude, [
  { name: "agent-kept-apart", run: keptApart, notHere: whyNoAccounts },
]);
