import { SerializeAddon } from "@xterm/addon-serialize";
import xterm from "@xterm/headless";

/** The screen after an output: as sequences with colours, and as rows of text. */
export type Drawn = { readonly styled: string; readonly rows: readonly string[] };

/** Draws output on a bare terminal model of a holder's size. */
export const drawn = async (output: string): Promise<Drawn> => {
  const terminal = new xterm.Terminal({ cols: 120, rows: 40, scrollback: 0, allowProposedApi: true });
  const serializer = new SerializeAddon();
  terminal.loadAddon(serializer);
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  const { active } = terminal.buffer;
  const rows = Array.from(
    { length: terminal.rows },
    (_, row) =>
      active
        .getLine(active.viewportY + row)
        ?.translateToString(true)
        .trimEnd() ?? "",
  );
  const styled = serializer.serialize({ excludeModes: true, excludeAltBuffer: true });
  terminal.dispose();
  return { styled, rows };
};
