import xterm, { type IFunctionIdentifier, type IUnicodeVersionProvider } from "@xterm/headless";

/** A terminal model on which no sequence does more work than to fill the screen, whatever its parameters say. */
export type BoundedTerminal = {
  readonly terminal: xterm.Terminal;
  /** Everything that was written is drawn: the work of what comes next counts from here. */
  readonly rest: () => void;
  /** The last that was parsed is part of a string that a sequence carries. */
  readonly isInString: () => boolean;
};

/**
 * Cells that sequences may touch before xterm may look at the time: it yields to the event loop where 12 ms are over, but
 * of itself only between two writes. A cell costs 3 - 35 ns (6.0.0), so that this is 10 ms at the most.
 */
const cellsAtOnce = 300_000;

/** A cell keeps so many combining marks. Emoji need up to nine; without a bound one cell takes all memory there is. */
const marksPerCell = 32;

/**
 * OSC sequences that change no text, and that 6.0.0 reads in time quadratic to their length (4), or for ever keeps a
 * marker of (8): colours, their resets, hyperlinks. Their queries are answered before this.
 */
const ignoredOsc: readonly number[] = [4, 8, 10, 11, 12, 104];

/** 6.0.0 loops once a count for these. More than the screen's rows (or columns) come to the same as so many. */
const lineLoops = ["S", "T", "L", "M"];
const tabLoops = ["I", "Z"];

/** What touches the whole screen, however short it is. */
const wholeScreen: readonly IFunctionIdentifier[] = [
  { final: "J" },
  { prefix: "?", final: "J" },
  { intermediates: " ", final: "@" },
  { intermediates: " ", final: "A" },
  { intermediates: "'", final: "}" },
  { intermediates: "'", final: "~" },
];

/** DECSET of the alternate screen, which is made anew each time. */
const alternateScreen = [47, 1047, 1049];

/** Of a given size in cells, without scrollback. */
export const createBoundedTerminal = (columns: number, rows: number): BoundedTerminal => {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 0,
    allowProposedApi: true,
    windowOptions: { getWinSizeChars: true },
    logLevel: "off",
  });
  const core = coreOf(terminal);
  const area = (): number => terminal.cols * terminal.rows;
  let cells = 0;
  /** False: the next handler, which is xterm's own, does the work. A promise lets it look at the time first. */
  const spend = (touched: number): Handled => {
    cells += touched;
    if (cells < cellsAtOnce) return false;
    cells = 0;
    return Promise.resolve(false);
  };
  const clamped = (counts: Int32Array, most: number): number => {
    if ((counts[0] ?? 0) > most) counts[0] = most;
    return counts[0] || 1;
  };

  for (const final of lineLoops) {
    core.registerCsiHandler({ final }, ({ params }) => spend(clamped(params, terminal.rows) * terminal.cols));
  }
  for (const final of tabLoops) {
    core.registerCsiHandler({ final }, ({ params }) => spend(clamped(params, terminal.cols)));
  }
  core.registerCsiHandler({ final: "b" }, ({ params }) => {
    const most = Math.max(1, Math.floor(area() / lengthBeforeCursor(terminal)));
    return spend(clamped(params, most) * lengthBeforeCursor(terminal));
  });
  for (const id of wholeScreen) core.registerCsiHandler(id, () => spend(area()));
  for (const final of ["h", "l"]) {
    core.registerCsiHandler({ prefix: "?", final }, ({ params, length }) => {
      let switches = 0;
      for (let at = 0; at < length; at += 1) if (alternateScreen.includes(params[at] ?? 0)) switches += 1;
      return spend(switches * area());
    });
  }
  for (const id of [{ final: "c" }, { intermediates: "#", final: "8" }]) {
    core.registerEscHandler(id, () => spend(area()));
  }
  for (const osc of ignoredOsc) terminal.parser.registerOscHandler(osc, () => true);
  terminal.unicode.register(limitMarks(core.unicodeService._activeProvider));
  terminal.unicode.activeVersion = boundedVersion;
  return {
    terminal,
    rest: () => void (cells = 0),
    isInString: () => stringStates.includes(core._inputHandler._parser.currentState),
  };
};

/**
 * What lies behind the public interface of @xterm/headless 6.0.0, as its own addons use it. There a handler is given the
 * parser's parameters, which it may change, and not a copy of them.
 */
type Core = {
  registerCsiHandler(id: IFunctionIdentifier, handler: (parsed: Parsed) => Handled): void;
  registerEscHandler(id: IFunctionIdentifier, handler: () => Handled): void;
  readonly unicodeService: { readonly _activeProvider: IUnicodeVersionProvider };
  readonly _inputHandler: { readonly _parser: { readonly currentState: number } };
};

/** The parser's OSC_STRING and DCS_PASSTHROUGH. */
const stringStates = [8, 13];

type Parsed = { readonly params: Int32Array; readonly length: number };
type Handled = boolean | Promise<boolean>;

const coreOf = (terminal: xterm.Terminal): Core => (terminal as unknown as { readonly _core: Core })._core;

/** UTF-16 units of the character that REP would repeat, with its marks: at least 1. A wide one stands two cells back. */
const lengthBeforeCursor = ({ buffer }: xterm.Terminal): number => {
  const { cursorX, cursorY, baseY } = buffer.active;
  const line = buffer.active.getLine(baseY + cursorY);
  const lengths = [cursorX - 1, cursorX - 2].map((x) => line?.getCell(x)?.getChars().length ?? 0);
  return Math.max(1, ...lengths);
};

const boundedVersion = "bounded";

/** Character widths as they are, but that a mark too many is a character of its own. */
const limitMarks = (widths: IUnicodeVersionProvider): IUnicodeVersionProvider => {
  let marks = 0;
  return {
    version: boundedVersion,
    wcwidth: (codepoint) => widths.wcwidth(codepoint),
    charProperties: (codepoint, preceding) => {
      const properties = widths.charProperties(codepoint, preceding);
      const isJoined = (properties & 1) !== 0;
      marks = isJoined ? marks + 1 : 0;
      return marks > marksPerCell ? 0 : properties;
    },
  };
};
