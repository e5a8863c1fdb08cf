/** Cells and pixels of the picture. */
const cell = { width: 8.4, height: 18 } as const;
const margin = 16;
const colours = { paper: "#16181d", ink: "#d8dee9", pointer: "#ffb86c" } as const;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Rows without the empty ones around them, cut to `columns` cells. */
const cropped = (rows: readonly string[], columns: number): readonly string[] => {
  const cut = rows.map((row) => row.slice(0, columns).trimEnd());
  const first = cut.findIndex((row) => row !== "");
  return cut.slice(first, cut.findLastIndex((row) => row !== "") + 1);
};

/**
 * Draws a terminal's rows as an SVG picture. All words are text, in the order in which a screen reader reads
 * them; `title` describes the picture. The row with the pointer has a separate colour.
 */
export const drawScreen = (title: string, rows: readonly string[], columns: number): string => {
  const shown = cropped(rows, columns);
  const [width, height] = [
    Math.round(columns * cell.width + 2 * margin),
    shown.length * cell.height + 2 * margin,
  ];
  const lines = shown.map((row, index) => {
    const fill = row.trimStart().startsWith("❯") ? ` fill="${colours.pointer}"` : "";
    const y = margin + (index + 0.75) * cell.height;
    return `  <text x="${margin}" y="${y}"${fill} xml:space="preserve">${escaped(row)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img"`,
    `  font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="${colours.ink}">`,
    `  <title>${escaped(title)}</title>`,
    `  <rect width="${width}" height="${height}" rx="8" fill="${colours.paper}"/>`,
    ...lines,
    "</svg>",
    "",
  ].join("\n");
};
