/** The API key of an agent that works with the stand-in for the model. */
export const standInKey = "sk-ant-stand-in-0000000000000000000000";

/** Claude Code's state of somebody who is set up, has approved the key and trusts these folders. */
export const trustedProfile = (folders: readonly string[]): object => ({
  hasCompletedOnboarding: true,
  theme: "dark",
  // Claude Code keeps the last 20 characters of a key.
  customApiKeyResponses: { approved: [standInKey.slice(-20)], rejected: [] },
  projects: Object.fromEntries(folders.map((folder) => [folder, { hasTrustDialogAccepted: true }])),
});
