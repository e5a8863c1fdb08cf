/** The tools that only read, which `allow-read` allows: each with the CLI that has it. To add one, add a row. */
export const readOnlyTools: Readonly<Record<string, readonly string[]>> = {
  claude: ["Read", "Glob", "Grep", "LS", "NotebookRead"],
};

const names: ReadonlySet<string> = new Set(Object.values(readOnlyTools).flat());

export const isReadOnly = (tool: string): boolean => names.has(tool);
