/** The paths of a person's files, below the data folder. */
export type Layout = {
  /**
   * The data folder and the folders that contain all users' folders. They belong to the service; the top one
   * comes first.
   */
  readonly shared: readonly string[];
  /** The person's own folders, which only they may use. */
  readonly own: readonly string[];
  readonly memoryFile: string;
};

export const layoutOf = (dataDir: string, telegramId: number): Layout => ({
  shared: [dataDir, `${dataDir}/memory`, `${dataDir}/history`],
  own: [`${dataDir}/memory/${telegramId}`, `${dataDir}/history/${telegramId}`],
  memoryFile: `${dataDir}/memory/${telegramId}/MEMORY.md`,
});
