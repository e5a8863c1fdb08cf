type Name =
  | "ground"
  | "paper"
  | "soft"
  | "line"
  | "edge"
  | "ink"
  | "quiet"
  | "link"
  | "fill"
  | "onfill"
  | "ok"
  | "wait"
  | "bad"
  | "off"
  | "okbg"
  | "waitbg"
  | "badbg";

/** The colours of one mode, by the names of their custom properties. */
export type Colours = Readonly<Record<Name, string>>;

/**
 * The colours of both modes. `ok`, `wait`, `bad` and `off` are the states: text on `ground`, `paper` and `soft`, and the three
 * with a ground of their own on that. `edge` outlines what takes input. A test computes their contrast, and how far the
 * states are apart for people who see less colour.
 */
export const colours: { readonly light: Colours; readonly dark: Colours } = {
  light: {
    ground: "#f5f6f7",
    paper: "#ffffff",
    soft: "#eceef1",
    line: "#d9dce1",
    edge: "#7d8590",
    ink: "#1b1f24",
    quiet: "#565e68",
    link: "#0a5a9c",
    fill: "#14624a",
    onfill: "#ffffff",
    ok: "#007a52",
    wait: "#8a5300",
    bad: "#a3113a",
    off: "#565e68",
    okbg: "#dff3ea",
    waitbg: "#fdf0d8",
    badbg: "#fde6ea",
  },
  dark: {
    ground: "#101317",
    paper: "#181c21",
    soft: "#232930",
    line: "#323941",
    edge: "#7d8793",
    ink: "#e7eaee",
    quiet: "#a5aeb9",
    link: "#7db7f0",
    fill: "#2f9c78",
    onfill: "#04110c",
    ok: "#3fe0ab",
    wait: "#f5b040",
    bad: "#ff7078",
    off: "#a5aeb9",
    okbg: "#12332a",
    waitbg: "#3a2c10",
    badbg: "#45192a",
  },
};

/** The colours as custom properties. */
export const colourText = (mode: Colours): string =>
  Object.entries(mode)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";");
