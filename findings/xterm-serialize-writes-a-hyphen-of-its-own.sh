#!/usr/bin/env bash
# Tool: @xterm/addon-serialize 0.14.0 with @xterm/headless 6.0.0 (npm); Node 20.20, Linux.
# Usual guess: what `serialize()` returns, written to a terminal of the same size, shows the same screen, character for character.
# Seen: it makes a row that was wrapped wrap again by filling it with hyphens, and then erases them. If the row above the wrap was
# erased from its first column on (CSI K, 2K), one hyphen stays there, which no program ever wrote. If that row has one character
# left, nothing is wrong. Serialized again, the hyphen is text like any other.
# What it means: a session that is kept and shown again has new text where a program cleared the first row of a long line, as when
# it draws a prompt anew. Code that reads the screen (a prompt, a list, a diff) must read the first terminal, not the copy.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @xterm/headless@6.0.0 @xterm/addon-serialize@0.14.0
cat >try.cjs <<'JS'
const { Terminal } = require("@xterm/headless");
const { SerializeAddon } = require("@xterm/addon-serialize");

const terminalOf = async (text) => {
  const terminal = new Terminal({ cols: 10, rows: 3, allowProposedApi: true });
  const addon = new SerializeAddon();
  terminal.loadAddon(addon);
  await new Promise((resolve) => terminal.write(text, resolve));
  const rows = Array.from({ length: 3 }, (_, row) => terminal.buffer.active.getLine(row).translateToString(true));
  return { rows: JSON.stringify(rows), again: addon.serialize() };
};

const compare = async (what, text) => {
  const first = await terminalOf(text);
  const copy = await terminalOf(first.again);
  const second = await terminalOf(copy.again);
  console.log(`${what}: ${first.rows}, copy ${copy.rows}, copy of the copy ${second.rows}`);
};

const line = "0123456789abc\u001b[1;1H";
(async () => {
  await compare("a wrapped line", line);
  await compare("row erased by 2K", `${line}\u001b[2K`);
  await compare("row erased by K", `${line}\u001b[K`);
  await compare("all but one erased", `${line}>\u001b[K`);
})();
JS
node try.cjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
a wrapped line: ["0123456789","abc",""], copy ["0123456789","abc",""], copy of the copy ["0123456789","abc",""]
row erased by 2K: ["","abc",""], copy ["-","abc",""], copy of the copy ["-","abc",""]
row erased by K: ["","abc",""], copy ["-","abc",""], copy of the copy ["-","abc",""]
all but one erased: [">","abc",""], copy [">","abc",""], copy of the copy [">","abc",""]
SEEN
