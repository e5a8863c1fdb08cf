import { describe, expect, test } from "vitest";
import { locateDialog } from "./locate-dialog.ts";
import type { ListStyle } from "./read-list.ts";

type Row = {
  readonly title: string;
  readonly screen: string;
  readonly labels: readonly string[];
  readonly pointed: number | null;
  readonly columns?: number;
  readonly style?: ListStyle;
};

const found: readonly Row[] = [
  {
    title: "unboxed, no numbers",
    screen: `
────────────────────
 Trust this?

 ❯ No, exit
   Yes, I trust this folder

 Enter to confirm`,
    labels: ["No, exit", "Yes, I trust this folder"],
    pointed: 0,
  },
  {
    title: "boxed, numbered, the pointer on the second",
    screen: `
╭────────────────────────╮
│ Trust this?            │
│                        │
│   1. Yes, proceed      │
│ ❯ 2. No, exit          │
╰────────────────────────╯`,
    labels: ["Yes, proceed", "No, exit"],
    pointed: 1,
  },
  {
    title: "a tick behind the chosen option is not part of its label",
    screen: `
 ❯ 1. Yes, I trust this folder ✔
   2. No, exit`,
    labels: ["Yes, I trust this folder", "No, exit"],
    pointed: 0,
  },
  {
    title: "a numbered label that wraps is one option",
    screen: `
> 1. Yes, allow Codex to work in this folder
     without asking for approval
  2. No, ask me`,
    labels: ["Yes, allow Codex to work in this folder without asking for approval", "No, ask me"],
    pointed: 0,
  },
  {
    title: "an unnumbered label that wraps to its own column is one option",
    screen: `
 ❯ Yes, and remember this
   folder for ever
   No`,
    labels: ["Yes, and remember this folder for ever", "No"],
    pointed: 0,
    columns: 30,
  },
  {
    title: "the lower of two lists, with an answered one still shown above",
    screen: `
╭────────────────────────────╮
│ Use this API key?          │
│   1. Yes                   │
│ ❯ 2. No (recommended) ✔    │
╰────────────────────────────╯
   Enter to confirm
╭────────────────────────────╮
│ Do you trust this folder?  │
│ ❯ 1. Yes, proceed          │
│   2. No, exit              │
╰────────────────────────────╯`,
    labels: ["Yes, proceed", "No, exit"],
    pointed: 0,
  },
  {
    title: "two pointers, and no pointed option",
    screen: `
 ❯ Yes
 ❯ No`,
    labels: ["Yes", "No"],
    pointed: null,
  },
  {
    title: "options separated by blank rows, with a description below each label, in that list style",
    screen: `
   Body at another column

     Trust this folder
     Remembered.

   ❯ Don't trust
     Asked again.

   Footer`,
    labels: ["Trust this folder", "Remembered.", "Don't trust", "Asked again."],
    pointed: 2,
    style: { areOptionsApart: true },
  },
  {
    title: "near miss: the same rows in the default list style",
    screen: `
     Trust this folder

   ❯ Don't trust
     Asked again.`,
    labels: ["Don't trust", "Asked again."],
    pointed: 0,
  },
  {
    title: "no option behind a bullet, for a program with another pointer glyph",
    screen: `
 ● A tip
   and more of it

 ❯ Yes
   No

 ● Loading
   2 skills`,
    labels: ["Yes", "No"],
    pointed: 0,
    style: { pointers: "❯" },
  },
  ...["❯", "›", ">", "●", "→", "▸", "▶"].map((glyph) => ({
    title: `the pointer ${glyph}`,
    screen: `\n   one\n ${glyph} two\n   three`,
    labels: ["one", "two", "three"],
    pointed: 1,
  })),
];

const notFound: readonly { readonly title: string; readonly screen: string }[] = [
  { title: "an empty screen", screen: "" },
  { title: "a composer", screen: "────────\n❯ Try something\n────────\n  ? for shortcuts" },
  { title: "a list with only its first option drawn", screen: " ❯ 1. Yes, I trust this folder" },
  { title: "a list whose pointer is not drawn yet", screen: "   1. Yes\n   2. No" },
  {
    title: "a bullet at the right edge under another status text",
    screen: `${" ".repeat(102)}Auto-updating…\n${" ".repeat(100)}● high · /effort`,
  },
];

describe("locateDialog", () => {
  test.each(found)("finds $title", ({ screen, labels, pointed, columns = 120, style }) => {
    const dialog = locateDialog(screen.split("\n"), columns, style);
    expect(dialog?.options.map(({ label }) => label)).toEqual(labels);
    expect(dialog?.pointed).toBe(pointed);
  });

  test.each(notFound)("finds nothing in $title", ({ screen }) => {
    expect(locateDialog(screen.split("\n"))).toBeNull();
  });

  test("reads the text of its own box only", () => {
    const screen =
      "╭──────────╮\n│ Old      │\n│ ❯ a      │\n│   b      │\n╰──────────╯\n╭──────────╮\n│ New      │\n│ ❯ c      │\n│   d      │\n╰──────────╯\n Footer";
    expect(locateDialog(screen.split("\n"))?.text).toBe("new❯cdfooter");
  });

  test("returns the same question for any pointer position, and another one when a label changes", () => {
    const question = (screen: string) => locateDialog(screen.split("\n"))?.question;
    expect(question(" ❯ Yes\n   No")).toBe(question("   Yes\n ❯ No"));
    expect(question(" ❯ Yes\n   No")).not.toBe(question(" ❯ Yes\n   Never"));
  });

  test("reads a y/n prompt below everything else, with its answers", () => {
    const screen = "Accessing workspace:\ny. Yes, I trust this folder\nn. No, exit\nEnter y/n:";
    const dialog = locateDialog(screen.split("\n"));
    expect(dialog).toMatchObject({ type: "yes-no", pointed: null });
    expect(dialog?.options.map(({ label }) => label)).toEqual(["Yes, I trust this folder", "No, exit"]);
  });
});
