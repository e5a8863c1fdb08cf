import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { exitCodeOfLaunch, explain, readFlags, readTeam } from "@trust/team-launch";
import type { AgentPort, AgentSight, AgentStart } from "@trust/team-launch";
import { launch } from "@trust/team-launch/node";

// The runtime of this example takes Claude Code's arguments. Each of its agents is one process without a terminal.
const [file = "team.yaml", runtime = "claude", ...extra] = process.argv.slice(2);
const dataDir = resolve("team-data");
const ledger = join(dataDir, "agents.jsonl");

// Your own runtime should also record the start time of a process, because its pid is used again later.
type Recorded = Pick<AgentSight, "id" | "member" | "provider" | "folder"> & { pid: number; team: string };

const recorded = (team: string): readonly Recorded[] =>
  (existsSync(ledger) ? readFileSync(ledger, "utf8") : "")
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Recorded]))
    .filter((agent) => agent.team === team);

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const ended = { state: "ended", code: "agent-ended", message: "It has ended: see its log." } as const;
const sightOf = ({ id, member, provider, folder, pid }: Recorded): AgentSight => ({
  id,
  member,
  provider,
  folder,
  ...(isRunning(pid) ? { state: "working" } : ended),
});

const start: AgentPort["start"] = async ({ team, launch, member, args, settings, env }: AgentStart) => {
  // A member with a running agent gets no second one.
  const running = recorded(team).find((agent) => agent.member === member.name && isRunning(agent.pid));
  if (running !== undefined) return { ok: true, value: { id: running.id } };

  const id = `${launch}-${member.name}`;
  const [prompt, log] = [join(dataDir, `${id}.prompt`), join(dataDir, `${id}.log`)];
  writeFileSync(prompt, member.prompt ?? "Say hello.", { mode: 0o600 });
  // The settings carry Codex's trust, merged into your own.
  const ours = settings === null ? args : [...args, "--settings", JSON.stringify(settings)];
  const child = spawn(runtime, [...ours, "-p"], {
    cwd: member.cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: [openSync(prompt, "r"), openSync(log, "a", 0o600), openSync(log, "a", 0o600)],
  });
  const failed = await once(child, "spawn").then(
    () => null,
    (error: Error) => ({ code: "cli-not-found", message: error.message }),
  );
  if (failed !== null) return { ok: false, error: failed };
  child.unref();
  const agent = {
    id,
    team,
    member: member.name,
    provider: member.provider,
    folder: member.cwd,
    pid: child.pid,
  };
  // The record is on disk before this resolves, so the next launch finds the agent after a kill.
  appendFileSync(ledger, `${JSON.stringify(agent)}\n`);
  return { ok: true, value: { id } };
};

const agents: AgentPort = { start, list: async (team) => recorded(team).map(sightOf) };

const team = readTeam(readFileSync(file, "utf8"), { home: homedir(), base: dirname(resolve(file)) });
if (!team.ok) {
  for (const problem of team.error) console.error(`${file}:${explain(problem).message}`);
  process.exit(1);
}
mkdirSync(dataDir, { recursive: true, mode: 0o700 });
const { flags } = readFlags(process.env);
const end = await launch(
  { team: team.value, flags, env: process.env, dataDir, args: { claude: extra, codex: extra } },
  agents,
  {
    signal: new AbortController().signal,
    redact: (text) => text.replaceAll(homedir(), "~"),
  },
);
if (end.ok) {
  for (const { member, state, message = "" } of end.value.members) console.log(member, state, message);
  process.exitCode = exitCodeOfLaunch(end.value);
} else console.error(end.error.message);
