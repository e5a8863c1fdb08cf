/** A project's entry as Claude Code 2.1.328 writes it, with some history. */
const entry = (index: number) => ({
  allowedTools: [],
  mcpContextUris: [],
  mcpServers: {},
  enabledMcpjsonServers: [],
  disabledMcpjsonServers: [],
  hasTrustDialogAccepted: true,
  hasClaudeMdExternalIncludesApproved: false,
  lastCost: index / 7,
  lastSessionId: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
  exampleFiles: Array.from({ length: 8 }, (_, file) => `src/module-${index}/file-${file}.ts`),
});

/** A state of at least this many bytes, in which the last project is `folder`, trusted. */
export const stateText = (bytes: number, folder: string): string => {
  const projects: Record<string, unknown> = {};
  const size = JSON.stringify(entry(0), null, 2).length + 30;
  for (let index = 0; index * size < bytes - size; index += 1)
    projects[`/srv/work/project-${index}`] = entry(index);
  projects[folder] = { hasTrustDialogAccepted: true };
  return JSON.stringify({ hasCompletedOnboarding: true, theme: "dark", numStartups: 12, projects }, null, 2);
};
