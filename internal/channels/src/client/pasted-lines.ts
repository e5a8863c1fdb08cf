import { Transform, type Readable } from "node:stream";

/**
 * Stands for a line break in the line that is being typed: a line editor knows no other. What was typed and has this
 * character of its own gets a line break there.
 */
export const breakMark = "\u240a";

/** Has a terminal frame what is pasted (bracketed paste, xterm), and ends that. */
export const pasteOn = "\x1b[?2004h";
export const pasteOff = "\x1b[?2004l";

const [pasteStart, pasteEnd, altEnter] = ["\x1b[200~", "\x1b[201~", "\x1b\r"];

/** A terminal's input, for a line editor: it has its raw mode. */
export type EditedInput = Transform & { readonly isTTY: true; setRawMode(isRaw: boolean): unknown };

/**
 * A terminal's input in which a paste of several lines is one line, with marks for its line breaks. Alt-Enter is such
 * a mark too. A frame that is cut by two reads is put together.
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
