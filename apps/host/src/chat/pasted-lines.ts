import { Transform, type Readable } from "node:stream";

/**
 * Replaces a line break in the line being typed, because a line editor has no line breaks. If the person
 * typed this character, it becomes a line break too.
 */
export const breakMark = "\u240a";

/** Makes a terminal mark pasted text (bracketed paste, xterm); the other turns that off. */
export const pasteOn = "\x1b[?2004h";
export const pasteOff = "\x1b[?2004l";

const [pasteStart, pasteEnd, altEnter] = ["\x1b[200~", "\x1b[201~", "\x1b\r"];

/** A terminal's input for a line editor, including its raw mode. */
export type EditedInput = Transform & { readonly isTTY: true; setRawMode(isRaw: boolean): unknown };

/**
 * A terminal's input in which a paste of several lines is one line, with marks for the line breaks. Alt-Enter
 * also gives a mark. A paste marker that is split over two reads is recognised.
 */
export const pastedLines = (input: Readable & { setRawMode?(isRaw: boolean): unknown }): EditedInput => {
  let [isPasting, kept] = [false, ""];
  const edited = new Transform({
    decodeStrings: false,
    transform(chunk: Buffer | string, _encoding, done) {
      let text = kept + chunk.toString();
      kept = "";
      let out = "";
      while (text !== "") {
        const frame = [pasteStart, pasteEnd, altEnter].find((one) => text.startsWith(one));
        const isCut =
          frame === undefined &&
          text.length > 1 &&
          [pasteStart, pasteEnd].some((one) => one.startsWith(text));
        if (isCut) {
          kept = text;
          break;
        }
        if (frame === altEnter) out += breakMark;
        else if (frame !== undefined) isPasting = frame === pasteStart;
        else if (isPasting && /^[\r\n]/.test(text)) out += breakMark;
        else out += text.charAt(0);
        text = text.slice(frame?.length ?? (isPasting && text.startsWith("\r\n") ? 2 : 1));
      }
      done(null, out);
    },
  });
  input.setEncoding("utf8");
  input.pipe(edited);
  return Object.assign(edited, {
    isTTY: true as const,
    setRawMode: (isRaw: boolean): unknown => input.setRawMode?.(isRaw),
  });
};
