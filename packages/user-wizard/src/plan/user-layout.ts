import { folderNameOf, type Ids } from "../user/user-ids.ts";

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

export const layoutOf = (dataDir: string, user: Ids): Layout => {
  const name = folderNameOf(user);
  return {
    shared: [dataDir, `${dataDir}/memory`, `${dataDir}/history`],
    own: [`${dataDir}/memory/${name}`, `${dataDir}/history/${name}`],
    memoryFile: `${dataDir}/memory/${name}/MEMORY.md`,
  };
};

/**
 * The archive to which a removed person's folders are moved. `stamp` is the time, in a form for file names.
 */
export type Archive = {
  /** The folder of all archives. Only the service can enter it. */
  readonly shared: string;
  readonly folder: string;
  /** The new places of `layoutOf(...).own`, in the same order. */
  readonly own: readonly string[];
};

export const archiveOf = (dataDir: string, user: Ids, stamp: string): Archive => {
  const shared = `${dataDir}/archive`;
  const folder = `${shared}/${folderNameOf(user)}-${stamp}`;
  return { shared, folder, own: [`${folder}/memory`, `${folder}/history`] };
};
