/** Matches a path segment of letters and digits of any script, of at most 252 bytes; file systems allow 255. */
const folderName = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u;

/** The folder that all groups of a nanoclaw folder share, so that no group may own it. */
const reserved = "global";

/** Returns the problem with a folder's name as a sentence, or null. */
export const folderProblem = (folder: string): string | null => {
  if (folder.toLowerCase() === reserved) return `The folder name "${reserved}" is reserved.`;
  const isFit = folderName.test(folder) && !folder.endsWith(".") && folder.normalize("NFC") === folder;
  return isFit
    ? null
    : `${JSON.stringify(folder)} cannot be the name of a group's folder: letters, digits, ".", "_" and "-", a letter or digit first, no "." last, at most 63 of them.`;
};

/** Returns the problem with a group's name as a sentence, or null. */
export const nameProblem = (name: string): string | null => {
  // eslint-disable-next-line no-control-regex -- the test looks for control characters
  const isFit = name.trim() === name && /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,100}$/u.test(name);
  return isFit
    ? null
    : `${JSON.stringify(name)} cannot be the name of a group: 1 to 100 characters on one line, no space at either end.`;
};
