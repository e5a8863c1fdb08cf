import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { explain } from "@nc/container-runtime";
import { probeSandbox } from "@nc/container-runtime/node";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { agentChecks, type HostedCli, type Run } from "../agents/agent-check.ts";
import { ownHost } from "./own-host.ts";

/** Paths and addresses of the host, which an attacker may know. */
type Known = { readonly data: string; readonly home: string; readonly model: string };

/** Something of the machine that a command of an agent tries to reach; it ends with 0 once it has reached it. */
type Try = {
  readonly name: string;
  readonly script: (known: Known) => string;
};

const secret = (what: string): string => `sk-planted-${what}-0123456789`;

const connects = (address: string): string =>
  `node -e 'const [host, port] = process.argv[1].split(":"); require("node:net").connect(port, host).on("connect", () => process.exit(0)).on("error", () => process.exit(1))' ${address}`;

/** Codex's own sandbox has a /proc of its own (0.169.0). */
const heldByCodex: readonly string[] = [
  ...["the environment of the host", "the command line of the host"],
  "the memory of its runner",
];

/** Each is reached by an agent that runs as a process, and by none in a sandbox. */
const tries: readonly Try[] = [
  { name: "the key of the models", script: ({ data }) => `grep -q ${secret("key")} ${data}/secrets.json` },
  { name: "the host's database", script: ({ data }) => `head -c 15 ${data}/gatehouse.db | grep -q SQLite` },
  {
    name: "the file of another group",
    script: ({ data }) => `grep -q ${secret("file")} ${data}/groups/bo/notes.txt`,
  },
  { name: "a key in the home folder", script: ({ home }) => `grep -q ${secret("ssh")} ${home}/.ssh/id_test` },
  {
    name: "a file by any path",
    script: ({ data }) => `find / -path /proc -prune -o -path '*${data}/secrets.json' -print | grep -q .`,
  },
  {
    name: "the environment of the host",
    script: () => `cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -q HOST_SECRET=`,
  },
  {
    name: "the command line of the host",
    script: () => `cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q -e '[-]-upstream'`,
  },
  {
    name: "a file of the host by its process",
    script: ({ data }) => `ls -d /proc/[0-9]*/root${data}/secrets.json`,
  },
  {
    name: "the memory of its runner",
    script: () =>
      `for p in /proc/[0-9]*; do tr '\\0' '\\n' <$p/cmdline | sed -n 2p | grep -q 'agent-runner.cjs$' && head -c 1 $p/environ; done | grep -q .`,
  },
  { name: "the socket of people", script: ({ data }) => `test -S ${data}/chat.sock` },
  { name: "the socket of ncl on the host", script: ({ data }) => `test -S ${data}/ncl.sock` },
  {
    name: "any socket but those of an agent",
    script: () =>
      `find / -path /proc -prune -o -type s -print 2>/dev/null | grep -v -e ^/run/gatehouse/ -e ^/tmp/ | grep -q .`,
  },
  { name: "the machine's loopback", script: ({ model }) => connects(model) },
  { name: "a network interface", script: () => `tail -n +3 /proc/net/dev | grep -v ' lo:' | grep -q :` },
];

/**
 * The commands that an agent of this CLI runs for each try, in a sandbox and as a process. All tools are allowed, so only
 * the walls keep the agent in.
 */
const walls: Run<HostedCli> = async (stage) => {
  const { box, agentCli, model } = stage;
  box.write(".ssh/id_test", secret("ssh"));
  const known: Known = { data: box.data, home: box.home, model: new URL(model.url).host };
  const script = tries
    .map(
      (each) => `(${each.script(known)}) >/dev/null 2>&1 </dev/null && echo "${each.name}" >>reached.txt\n`,
    )
    .join("");
  const reached: Record<string, readonly string[]> = {};
  const problems: string[] = [];
  // The isolation of a group is raised with its first start in a sandbox.
  for (const runtime of ["process", "sandbox"] as const) {
    const env = { ...box.env, HOST_SECRET: secret("environment") };
    const host = await ownHost({ ...stage, box: { ...box, env } }, runtime);
    host.gatehouse(["secrets", "set", agentCli.vendor], secret("key"));
    await host.up();
    const folder = join(box.data, "groups/ada");
    box.write(
      join(folder, "walls.sh"),
      `: >reached.txt\ntouch ${known.data}/made\n${script}echo done >>reached.txt\n`,
    );
    box.write(join(box.data, "groups/bo/notes.txt"), secret("file"));
    host.ncl(..."groups config update Ada --tools allow-all --yes".split(" "));
    const input = { command: "sh walls.sh", description: "Runs it" };
    await host.chat(agentCli.name === "opencode" ? `use bash ${JSON.stringify(input)}` : "run sh walls.sh");
    await host.down();
    const file = join(folder, "reached.txt");
    const isWritten = existsSync(join(box.data, "made"));
    if (runtime === "sandbox" && isWritten) problems.push("a sandbox has written into the data folder");
    rmSync(join(box.data, "made"), { force: true });
    reached[runtime] = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : ["nothing ran"];
    rmSync(file, { force: true });
  }
  const all = tries.map(({ name }) => name);
  const byProcess = agentCli.name === "codex" ? all.filter((name) => !heldByCodex.includes(name)) : all;
  return [
    ...differs("what a process reaches", reached["process"], [...byProcess, "done"]),
    ...problems,
    ...differs("what a sandbox reaches", reached["sandbox"], ["done"]),
  ];
};

const probed = process.platform === "linux" ? await probeSandbox() : null;

/** The agent of a CLI in a sandbox of the machine. */
export const wallsChecks = <Cli extends HostedCli>(agentCli: Cli): readonly Check[] =>
  agentChecks(agentCli, [
    {
      name: "agent-walls",
      run: walls,
      notHere: () => (probed === null ? "It needs Linux." : probed.ok ? null : explain(probed.error)),
    },
  ]);
