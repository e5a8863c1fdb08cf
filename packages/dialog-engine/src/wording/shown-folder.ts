/** The folder that a program was started in. Both paths are absolute; links are resolved in the first. */
export type StartedFolder = {
  readonly path: string;
  /** The HOME that the program was given: it may show the folder as `~/...`. */
  readonly home?: string;
};

/** A path of Windows begins with a drive or a share; any other absolute path begins with `/`. */
const separatorOf = (path: string): string => (/^(?:[a-z]:\\|\\\\)/i.test(path) ? "\\" : "/");

/** Every form in which a program may show this folder in full. */
export const formsOf = ({ path, home }: StartedFolder): readonly string[] => {
  const isBelow =
    home !== undefined && home !== "/" && (path === home || path.startsWith(home + separatorOf(path)));
  return isBelow ? [path, `~${path.slice(home.length)}`] : [path];
};

/** The last part of an absolute path: the part of a folder that Gemini and Qwen show. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf(separatorOf(path)) + 1);

export const parentOf = ({ path }: StartedFolder): string =>
  nameOf(path.slice(0, path.lastIndexOf(separatorOf(path))));

const ellipsis = /…|\.\.\./u;

/**
 * True if the drawn text (`Passage.drawn`) is this folder, letter by letter. It may be wrapped anywhere, and cut at the
 * start or in the middle, but never at its end: only the last part distinguishes it from its neighbours.
 */
export const showsFolder = (drawn: string, folder: StartedFolder): boolean =>
  formsOf(folder).some(
    (form) => spells(drawn, form) || isCutOf(drawn.replace(/[\r\n]/gu, ""), form, folder.path),
  );

const isCutOf = (drawn: string, form: string, path: string): boolean => {
  const cut = ellipsis.exec(drawn);
  if (cut === null) return false;
  const front = drawn.slice(0, cut.index);
  const end = drawn.slice(cut.index + cut[0].length);
  return (
    end.endsWith(separatorOf(path) + nameOf(path)) &&
    front.length + end.length < form.length &&
    form.startsWith(front) &&
    form.endsWith(end)
  );
};

/** True if the drawn text is this text. A row that ends within the text may have lost the white space there. */
export const spells = (drawn: string, text: string): boolean => {
  let at = 0;
  for (const character of drawn) {
    if (character === "\r" || character === "\n") {
      while (text[at] === " ") at += 1;
    } else if (text.startsWith(character, at)) {
      at += character.length;
    } else return false;
  }
  return at === text.length;
};
