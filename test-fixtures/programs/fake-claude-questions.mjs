// What fake-claude.mjs asks, in the words of Claude Code 2.1.328.
import fs from "node:fs";
import path from "node:path";
import { ask } from "./fake-claude-screen.mjs";
import { after, cwd, exit, isFirstToAccept, key, log, preApproved, readJson, scenario, update } from "./fake-claude-state.mjs";

export const askTrust = async () => {
  const yes = "Yes, I trust this folder";
  const options = scenario.order === "no-first" ? ["No, exit", yes] : [yes, "No, exit"];
  const rules = preApproved();
  const title = [
    " Accessing workspace:",
    ` ${scenario.shows ?? process.cwd()}`,
    " Quick safety check: Is this a project you created or one you trust? (Like your own code, a well-known open source",
    " project, or work from your team). If not, take a moment to review what's in this folder first.",
    " Claude Code'll be able to read, edit, and execute files here.",
    ...(rules.length > 0
      ? [
          ` ⚠ This folder pre-approves ${rules.length} tool permission${rules.length === 1 ? "" : "s"} in .claude/settings.json:`,
          `   ${listed(rules)}`,
          " These will apply without asking. Only proceed if you trust this configuration.",
        ]
      : []),
    ...(scenario.says === null ? [] : [` ${scenario.says}`]),
    " Security guide",
  ];
  if ((await ask(title, options)) !== yes) exit(1, "refused");
  log("accepted");
  if (scenario.accept === "crash") exit(3, "crashed on accepting");
  if (scenario.accept === "hang") return await new Promise(() => setInterval(() => {}, 1000));
  await after(scenario.writeMs);
  if (scenario.accept === "forget" || (scenario.accept === "forget-first" && isFirstToAccept())) return;
  await update((state) => {
    const keys = (scenario.records ?? ["own"]).map((name) => (name === "own" ? key() : name));
    const accepted = keys.map((name) => [name, { allowedTools: [], hasTrustDialogAccepted: true }]);
    state.projects = { ...state.projects, ...Object.fromEntries(accepted) };
  });
};

/** "a", "a and b", "a, b, and c": as 2.1.328 writes a list. */
const listed = (items) =>
  items.length < 3 ? items.join(" and ") : `${items.slice(0, -1).join(", ")}, and ${items.at(-1)}`;

/** What a plain start asks when the folder is trusted, in the order of 2.1.328; --bare leaves the first two out. */
export const askTheRest = async (isBare) => {
  const servers = Object.keys(readJson(path.join(cwd, ".mcp.json"), {}).mcpServers ?? {});
  if (!isBare && servers.length > 0)
    await ask(
      [
        `  New MCP server found in this project: ${servers[0]}`,
        "  MCP servers may execute code or access system resources. All tool calls require approval. Learn more in the MCP",
        "  documentation.",
      ],
      ["Use this MCP server", "Use this and all future MCP servers in this project", "Continue without using this MCP server"],
    );
  const memory = path.join(cwd, "CLAUDE.md");
  if (!isBare && fs.existsSync(memory) && fs.readFileSync(memory, "utf8").startsWith("@../"))
    await ask(
      [
        "  Allow external CLAUDE.md file imports?",
        "  This project's CLAUDE.md or .claude/rules imports files outside the current working directory. Never allow this for",
        "  third-party repositories.",
        "  Important: Only use Claude Code with files you trust. Accessing untrusted files may pose security risks",
        "  https://code.claude.com/docs/en/security",
      ],
      ["No, disable external imports", "Yes, allow external imports"],
    );
  const apiKey = process.env.ANTHROPIC_API_KEY;
  if (apiKey && (scenario.apiKey || !isBare))
    await ask(
      [
        "  Detected a custom API key in your environment",
        `  ANTHROPIC_API_KEY: sk-ant-...${apiKey.slice(-20)}`,
        "  Do you want to use this API key?",
      ],
      ["Yes", "No (recommended)"],
    );
};
