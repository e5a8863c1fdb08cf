/** The lock folder that exists beside the state file while a Claude Code process writes it. */
export const stateLock = (file: string): string => `${file}.lock`;
