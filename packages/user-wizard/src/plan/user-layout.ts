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

/** Where a removed person's folders are moved. `stamp` is the time, as a name may have it. */
export type Archive = {
  /** The folder of all archives. It and what is in it is passed by nobody but the service. */
  readonly shared: string;
  readonly folder: string;
  /** The new places of `layoutOf(...).own`, in the same order. */
  readonly own: readonly string[];
};

export const archiveOf = (dataDir: string, telegramId: number, stamp: string): Archive => {
  const shared = `${dataDir}/archive`;
  const folder = `${shared}/${telegramId}-${stamp}`;
  return { shared, folder, own: [`${folder}/memory`, `${folder}/history`] };
};
