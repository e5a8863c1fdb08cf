/** Where a person's files are, below the data folder. */
export type Layout = {
  /** The data folder, and what all users' folders are in: the service's, from the top down. */
  readonly shared: readonly string[];
  /** The person's own, nobody else's. */
  readonly own: readonly string[];
  readonly memoryFile: string;
};

export const layoutOf = (dataDir: string, telegramId: number): Layout => ({
  shared: [dataDir, `${dataDir}/memory`, `${dataDir}/history`],
  own: [`${dataDir}/memory/${telegramId}`, `${dataDir}/history/${telegramId}`],
  memoryFile: `${dataDir}/memory/${telegramId}/MEMORY.md`,
});
