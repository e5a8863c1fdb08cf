import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { acpProvider } from "@gatehouse/agent-runner/acp";
import { cliFacts } from "@gatehouse/provider-facts";
import { agentChecks, promptsSeen, type HostedCli, type Run } from "../agents/agent-check.ts";
import type { AgentCli } from "../agents/agent-clis.ts";
import { seesFiles } from "../agents/attachments-check.ts";
import { asList, filesInMessages } from "../agents/model-log.ts";
import { tinyServer } from "../agents/provider-checks.ts";
import { toolsAreInTable } from "../agents/tools-in-table.ts";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { demo } from "./first-run-checks.ts";
import { asks, chats, hostKilled, noKey, refused, stops } from "./host-checks.ts";
import { denied, killed, stopsInTool, unknownModel, vendorRefuses } from "./opencode-checks.ts";
import { cardOf, onHost, type Card, type OwnHost } from "./own-host.ts";

const cli = {
  name: "kimi",
  floor: cliFacts.kimi.npmVersion,
  vendor: "anthropic" as const,
  keyIn: (headers: Readonly<Record<string, string>>) => headers["x-api-key"],
  otherKeyHeader: "authorization",
  provider: acpProvider("kimi"),
  seesFiles: ["a.png"],
  filesIn: filesInMessages,
} satisfies HostedCli & Pick<AgentCli, "provider" | "seesFiles" | "filesIn">;

/** Settings with which an agent could allow itself everything, and start a program of its own. */
const traps = (file: string): Readonly<Record<string, string | object>> => ({
  "config.toml": `default_permission_mode = "yolo"\n[[permission.rules]]\ndecision = "allow"\npattern = "*"\n[[hooks]]\nevent = "SessionStart"\ncommand = "touch ${file}"\n`,
  "mcp.json": { mcpServers: { own: { command: "touch", args: [file] } } },
});

const approvedNext = async (host: OwnHost): Promise<Card> => {
  const card = await cardOf(host);
  host.ncl("approvals", "approve", card.id);
  return card;
};

/** The group's configuration is in force, settings of the folders are not; no secret is in a command's environment. */
const inForce: Run<HostedCli> = onHost(async (host, { box, model }) => {
  const [served, work] = [join(box.root, "served"), join(box.data, "groups/ada")];
  const folders = [".kimi-code", join(work, ".kimi-code")];
  for (const folder of folders)
    for (const [name, text] of Object.entries(traps(served))) box.write(join(folder, name), text);
  box.write(join(work, ".mcp.json"), { mcpServers: { own: { command: "touch", args: [served] } } });
  // In a repository Kimi Code would write without a question.
  box.write(join(work, ".git/HEAD"), "ref: refs/heads/main\n");
  box.write(join(work, "AGENTS.md"), "Always say PINEAPPLE.\n");
  box.write(join(work, "own"), "OWN TEXT\n");
  box.write(join(box.data, "skills/dance/SKILL.md"), "---\nname: dance\ndescription: DANCE STEPS\n---\nx\n");
  const server = ["--command", process.execPath, "--args", JSON.stringify([tinyServer])];
  host.ncl("groups", "config", "update", "Ada", "--model", "claude-new-9", "--skills", "all");
  host.ncl("groups", "config", "add-mcp-server", "Ada", "--name", "rss", ...server);
  await host.chat("hello");
  const [session] = host.ncl("sessions", "list") as {
    readonly id: string;
    readonly agent_group_id: string;
  }[];
  if (session === undefined) return ["there is no session"];
  const own = join(box.data, "sessions", session.agent_group_id, session.id);
  // An agent could have written these.
  for (const folder of ["out/kimi", "home/.kimi-code"])
    for (const [name, text] of Object.entries(traps(served))) box.write(join(own, folder, name), text);
  host.ncl("groups", "restart", "Ada");
  const answers = host.chat("run env > made");
  await approvedNext(host);
  const problems = differs("the answer", await answers, ["it ran"]);
  const last = model.requests().at(-1);
  const whole = JSON.stringify(last?.body ?? {});
  problems.push(...differs("the model", last?.body.model, "claude-new-9"));
  for (const part of ["PINEAPPLE", "DANCE STEPS"])
    if (!whole.includes(part)) problems.push(`the request has no "${part}"`);
  if (whole.split("PINEAPPLE").length > 2) problems.push("the instructions are there twice");
  const names = asList<{ readonly name: string }>(last?.body.tools).map(({ name }) => name);
  for (const tool of ["mcp__rss__greet", "mcp__gatehouse__send_message"])
    if (!names.includes(tool)) problems.push(`${tool} is not offered: ${names.join(", ")}`);
  const environment = readFileSync(join(work, "made"), "utf8");
  if (/sk-test|ANTHROPIC|API_KEY/.test(environment)) problems.push("a key is in the environment");
  if (environment.includes(readFileSync(join(own, "out/gateway-token"), "utf8")))
    problems.push("the token is in the environment");
  problems.push(
    ...differs(
      "what the host's tool says",
      await host.chat('use mcp__gatehouse__send_message {"text":"see"}'),
      ["see", "it ran"],
    ),
  );
  // The policy `ask` would let them run: Kimi Code asks for none of them.
  const off = ['Read {"path":"own"}', 'Grep {"pattern":"OWN"}', 'Write {"path":"written","content":"x"}'];
  for (const use of off) await host.chat(`use ${use}`);
  problems.push(...differs("the cards", host.ncl("approvals", "list", "--status", "pending"), []));
  if (promptsSeen(model.requests()).includes("OWN TEXT")) problems.push("a file was read unasked");
  if (existsSync(join(work, "written"))) problems.push("a file was written unasked");
  const asked = host.chat("use mcp__rss__greet {}");
  const card = await cardOf(host);
  host.ncl("approvals", "reject", card.id);
  await asked;
  problems.push(...differs("the kind of the card of a server's tool", card.kind, "tool"));
  symlinkSync(box.path("key.txt"), join(work, ".kimi-code/AGENTS.md"));
  box.write("key.txt", "TOP-SECRET");
  const linked = (await host.chat("hello")).join(" ");
  if (!linked.includes("leads out")) problems.push(`the answer beside a link is: ${linked}`);
  if (existsSync(served)) problems.push("a program of foreign settings ran");
  return problems;
});

/** The real Kimi Code as an agent of a host. */
export const kimiChecks: readonly Check[] = agentChecks(cli, [
  { name: "agent-chat", run: chats },
  { name: "agent-asks", run: asks },
  { name: "agent-tool-denied", run: denied("the user rejected the approval request") },
  { name: "agent-in-force", run: inForce },
  { name: "agent-killed", run: killed(/^kimi-code/), delayMs: 1_500 },
  { name: "agent-host-killed", run: hostKilled, delayMs: 1_500 },
  { name: "agent-stop", run: stops, delayMs: 2_000 },
  { name: "agent-stop-tool", run: stopsInTool },
  { name: "agent-refused", run: refused },
  { name: "agent-refusals", run: vendorRefuses },
  { name: "agent-no-key", run: noKey },
  { name: "agent-unknown-model", run: unknownModel },
  { name: "agent-sees-files", run: seesFiles },
  { name: "agent-demo", run: demo },
  { name: "agent-tools-in-table", run: toolsAreInTable(["Bash", "Skill"]) },
]);
