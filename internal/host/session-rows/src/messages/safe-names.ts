/** Longest part of a path, bytes of ASCII: a file system allows 255, and a number may be added. */
const longest = 200;

/**
 * Whether a message's id can be the name of a folder: letters, digits, and `. _ : @ -` between them. An id
 * that is a path is refused.
 */
export const isFolderName = (id: string): boolean =>
  id.length <= longest && /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/.test(id);

/**
 * A safe file name for an attachment whose name another program chose: the last part of the path, without
 * control characters and without a leading dot.
 */
export const safeFileName = (name: string): string => {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const plain = last
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "")
    .replace(/^[\s.]+/, "")
    .trim();
  return cut(plain) || "file";
};

/** Safe names for all attachments of a message. Where a name occurs twice, the second gets a number. */
export const safeFileNames = (names: readonly string[]): readonly string[] => {
  const given = new Set<string>();
  return names.map((name) => {
    const safe = safeFileName(name);
    const numbered = (count: number): string => (count === 1 ? safe : `${count}-${safe}`);
    let count = 1;
    while (given.has(numbered(count).toLowerCase())) count += 1;
    given.add(numbered(count).toLowerCase());
    return numbered(count);
  });
};

/**
 * A character takes at most four bytes of UTF-8. The end of the name stays, because its extension says what
 * kind of file it is.
 */
const cut = (name: string): string => {
  const characters = [...name];
  return characters.length * 4 <= longest
    ? name
    : characters
        .slice(-longest / 4)
        .join("")
        .replace(/^[\s.]+/, "");
};
