/** Texts of real dialogs: the rows above a list, for screens that tests draw. */
export const texts = {
  trust: (folder: string = "/w/proj"): string[] => [
    " Accessing workspace:",
    ` ${folder}`,
    " Quick safety check: Is this a project you created or one you trust? (Like your own code, a well-known open source",
    " project, or work from your team). If not, take a moment to review what's in this folder first.",
    " Claude Code'll be able to read, edit, and execute files here.",
    " Security guide",
  ],
  granted: (folder: string = "/w/proj"): string[] => [
    ...texts.trust(folder).slice(0, -1),
    " ⚠ This folder pre-approves 2 tool permissions in .claude/settings.json:",
    "   Bash(npm test) and Read",
    " These will apply without asking. Only proceed if you trust this configuration.",
    " Security guide",
  ],
  trustFiles: (folder: string = "/w/proj"): string[] => [
    " Do you trust the files in this folder?",
    ` ${folder}`,
    " Claude Code may read, write, or execute files contained in this directory. This can pose security risks, so only use",
    " files from trusted sources.",
    " Learn more",
  ],
  apiKey: [
    " Detected a custom API key in your environment",
    " ANTHROPIC_API_KEY: sk-ant-...0123456789",
    " Do you want to use this API key?",
  ],
  mcp: [
    " New MCP server found in this project: docs",
    " MCP servers may execute code or access system resources. All tool calls require approval. Learn more in the MCP",
    " documentation.",
  ],
  resume: [
    " This session is 3h old and 120k tokens.",
    " Resuming the full session uses a lot of your usage limits. Resuming from a summary uses less.",
  ],
  gemini: [
    " Do you trust the files in this folder?",
    " Trusting a folder allows Gemini CLI to load its local configurations, including custom commands, hooks, MCP",
    " servers, agent skills, and settings. These configurations could execute code on your behalf or change the behavior",
    " of the CLI.",
  ],
  confirm: " Enter to confirm · Esc to cancel",
} as const;
