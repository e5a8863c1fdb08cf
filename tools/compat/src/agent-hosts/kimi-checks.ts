import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promptsSeen, type HostedCli, type Run } from "../agents/agent-check.ts";
import { toolsAreInTable } from "../agents/tools-in-table.ts";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { acpChecks, acpCli, asksAnthropic, configured, inRequest, type AcpCli } from "./acp-checks.ts";
import { cardOf, onHost } from "./own-host.ts";

const cli: AcpCli = { ...asksAnthropic, ...acpCli("kimi") };

/** Settings with which an agent could allow itself everything, and start a program of its own. */
const traps = (file: string): Readonly<Record<string, string | object>> => ({
  "config.toml": `default_permission_mode = "yolo"\n[[permission.rules]]\ndecision = "allow"\npattern = "*"\n[[hooks]]\nevent = "SessionStart"\ncommand = "touch ${file}"\n`,
  "mcp.json": { mcpServers: { own: { command: "touch", args: [file] } } },
});

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
  const own = await configured(host, box);
  // An agent could have written these.
  for (const folder of ["out/kimi", "home/.kimi-code"])
    for (const [name, text] of Object.entries(traps(served))) box.write(join(own, folder, name), text);
  host.ncl("groups", "restart", "Ada");
  const { problems, request, whole, tools } = await inRequest(
    host,
    { box, model },
    { own, secrets: /sk-test|ANTHROPIC|API_KEY/ },
  );
  problems.push(...differs("the model", request?.body.model, "claude-new-9"));
  if (whole.split("PINEAPPLE").length > 2) problems.push("the instructions are there twice");
  for (const tool of ["mcp__rss__greet", "mcp__gatehouse__send_message"])
    if (!tools.includes(tool)) problems.push(`${tool} is not offered: ${tools.join(", ")}`);
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
export const kimiChecks: readonly Check[] = acpChecks(
  cli,
  { denial: "the user rejected the approval request", program: /^kimi-code/ },
  [
    { name: "agent-in-force", run: inForce },
    { name: "agent-tools-in-table", run: toolsAreInTable(["Bash", "Skill"]) },
  ],
);
