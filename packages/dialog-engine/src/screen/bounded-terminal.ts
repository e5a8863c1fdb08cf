import xterm, { type IFunctionIdentifier, type IUnicodeVersionProvider } from "@xterm/headless";

/**
 * A terminal model with bounded work: no sequence costs more than filling the screen, regardless of its
 * parameters.
 */
export type BoundedTerminal = {
  readonly terminal: xterm.Terminal;
  /** Call when all written output is drawn: the limit on work starts again. */
  readonly rest: () => void;
  /** True while the parser is inside a string that a sequence carries. */
  readonly isInString: () => boolean;
};

/**
 * Maximum number of cells that sequences may touch before xterm checks the time. It yields to the event loop after
 * 12 ms, but by itself only between two writes. A cell costs 3 - 35 ns (6.0.0), so this is 10 ms at most.
 */
const cellsAtOnce = 300_000;

/**
 * Maximum number of combining marks on a cell. Emoji need up to nine. Without a bound one cell could take all
 * memory.
 */
const marksPerCell = 32;

/**
 * OSC sequences that change no text: colours, their resets, hyperlinks. For one of them (4) 6.0.0 takes time quadratic
 * in its length, and for another (8) it keeps a marker forever. Queries in them are answered by other handlers.
 */
const ignoredOsc: readonly number[] = [4, 8, 10, 11, 12, 104];

/**
 * 6.0.0 loops once per count for these. A count above the screen's rows (or columns) has the same effect as that
 * number.
 */
const lineLoops = ["S", "T", "L", "M"];
const tabLoops = ["I", "Z"];

/** Sequences that touch the whole screen, however short they are. */
const wholeScreen: readonly IFunctionIdentifier[] = [
  { final: "J" },
  { prefix: "?", final: "J" },
  { intermediates: " ", final: "@" },
  { intermediates: " ", final: "A" },
  { intermediates: "'", final: "}" },
  { intermediates: "'", final: "~" },
];

/** DECSET of the alternate screen, which is newly created each time. */
const alternateScreen = [47, 1047, 1049];

/** Creates one of the given size in cells, without scrollback. */
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
  /** Resolves to false: xterm's own handler does the work. A promise lets xterm check the time before it. */
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
 * The internals behind the public interface of @xterm/headless 6.0.0, as its own addons use them. A handler
 * there gets the parser's own parameters, not a copy, and may change them.
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

/**
 * UTF-16 units of the character that REP would repeat, with its marks: at least 1. A wide one is two cells
 * back.
 */
const lengthBeforeCursor = ({ buffer }: xterm.Terminal): number => {
  const { cursorX, cursorY, baseY } = buffer.active;
  const line = buffer.active.getLine(baseY + cursorY);
  const lengths = [cursorX - 1, cursorX - 2].map((x) => line?.getCell(x)?.getChars().length ?? 0);
  return Math.max(1, ...lengths);
};

const boundedVersion = "bounded";

/** Character widths as they are, except that a mark beyond the limit counts as a character of its own. */
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
