import type { ToolRequest } from "@gatehouse/session-rows/messages";

/** A request for a tool, and the provider of the agent that asks. */
export type AskedOf = Pick<ToolRequest, "tool" | "input" | "realPaths"> & { readonly provider: string };

/** What the host knows of a tool of a CLI. */
type KnownTool = {
  /**
   * The fields that say what it does, the most important last: a card has them directly above its options. Without one all
   * fields do, as with a tool of an MCP server.
   */
  readonly decides: readonly string[];
  /** Fields that are words for the person, and that change nothing of what runs. */
  readonly words?: readonly string[];
  /** It only reads, so `allow-read` allows it in the agent's folders. */
  readonly reads?: true;
};

type Tools = Readonly<Record<string, KnownTool>>;

const claude: Tools = {
  Bash: { decides: ["cwd", "command"], words: ["description"] },
  Write: { decides: ["content", "file_path"] },
  Edit: { decides: ["old_string", "new_string", "file_path"] },
  NotebookEdit: { decides: ["new_source", "notebook_path"] },
  WebFetch: { decides: ["url"] },
  Read: { decides: ["file_path"], reads: true },
  Glob: { decides: [], reads: true },
  Grep: { decides: [], reads: true },
  LS: { decides: [], reads: true },
  NotebookRead: { decides: [], reads: true },
};

/** By provider, the tools that its CLI asks for, with the newest version whose tools were read. To add a tool, add a row. */
const knownTools: Readonly<Record<string, Tools>> = {
  // Claude Code 2.1.332
  claude,
  // It uses no tool. It asks for one of Claude Code, so that people can try this.
  echo: claude,
  // Codex 0.169.0
  codex: {
    commandExecution: { decides: ["cwd", "command"], words: ["reason"] },
    fileChange: { decides: ["changes"] },
  },
  // OpenCode 1.18.33
  opencode: {
    bash: { decides: ["cwd", "command"], words: ["description"] },
    write: { decides: ["content", "filePath"] },
    edit: { decides: ["oldString", "newString", "filePath"] },
    webfetch: { decides: ["url"] },
  },
  // Qwen Code 0.24.4
  qwen: {
    run_shell_command: { decides: ["directory", "command"], words: ["description"] },
    write_file: { decides: ["content", "file_path"] },
    edit: { decides: ["old_string", "new_string", "file_path"] },
    web_fetch: { decides: ["url"] },
  },
  // Kimi Code 2.1.0
  kimi: { Bash: { decides: ["cwd", "command"], words: ["description"] } },
  // GitHub Copilot CLI 1.0.102
  copilot: { bash: { decides: ["cwd", "command"], words: ["description"] } },
  // Gemini CLI 0.61.0, which asks in words
  gemini: { run_shell_command: { decides: ["command"] } },
};

/**
 * The tool of a provider; undefined if the host does not know it. Another CLI, or an agent of the operator's own, may give such a
 * name to a tool that does more.
 */
export const knownTool = (provider: string, tool: string): KnownTool | undefined =>
  rowOf(rowOf(knownTools, provider) ?? {}, tool);

const rowOf = <Row>(rows: Readonly<Record<string, Row>>, name: string): Row | undefined =>
  Object.hasOwn(rows, name) ? rows[name] : undefined;
