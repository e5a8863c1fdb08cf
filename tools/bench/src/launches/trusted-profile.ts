/** The API key of an agent that uses the stand-in for the model. */
export const standInKey = "sk-ant-stand-in-0000000000000000000000";

/** Claude Code's state for a person who has set it up, approved the key and trusted these folders. */
export const trustedProfile = (folders: readonly string[]): object => ({
  hasCompletedOnboarding: true,
  theme: "dark",
  // Claude Code keeps the last 20 characters of a key.
  customApiKeyResponses: { approved: [standInKey.slice(-20)], rejected: [] },
  projects: Object.fromEntries(folders.map((folder) => [folder, { hasTrustDialogAccepted: true }])),
});
