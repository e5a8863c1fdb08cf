/** Below HOME of an account: the folder with one folder for each session whose agent runs as a process of the account. */
export const agentFiles = ".gatehouse/agents";
