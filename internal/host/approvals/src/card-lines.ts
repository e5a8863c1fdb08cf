import type { RealPath } from "@gatehouse/session-rows/messages";
import {
  commandLine,
  explains,
  harmless,
  parsedArgs,
  parsedLines,
  quotedLines,
  type Pending,
} from "./approval-row.ts";
import { type AskedOf, knownTool } from "./known-tools.ts";

/** The text of a card: bounded, what decides last. */
export type CardLines = {
  readonly lines: readonly string[];
  /** Some of it is left out. `ncl approvals get` shows it. */
  readonly isCut: boolean;
  /** How many of the last lines say what runs, or what is asked. */
  readonly decides: number;
};

/** Columns of a row, for the count of rows. A terminal may be wider. */
const columns = 80;

/** Maximum rows: of what decides, of one part of it or of another field, and of all other fields. */
const [mostDecisive, mostOfPart, mostOthers] = [40, 10, 30];

/** A field of a request and its value: a line, or several with `>` before each line of the agent's text. */
type Part = readonly string[];

/**
 * One field as a person reads it, as JSON. A text of several lines follows its field, each of its lines with `>` before
 * it. No other line starts with `>`, so the agent's text cannot pass for a line of the host.
 */
const partOf = (field: string, value: unknown): Part => {
  if (typeof value !== "string" || !value.includes("\n")) return [`${field}: ${JSON.stringify(value)}`];
  const lines = quotedLines(value);
  return [`${field}, ${lines.length} lines:`, ...lines];
};

/** The name of a field that an agent chose. */
const fieldName = (name: string): string => {
  if (/^\w{1,100}$/.test(name)) return name;
  return name.length <= 100
    ? JSON.stringify(name)
    : `${JSON.stringify(name.slice(0, 100))} and ${name.length - 100} more characters of the name`;
};

/** The parts of a tool's input: the other fields, and those that decide. */
const toolParts = ({
  provider,
  tool,
  input,
}: AskedOf): { readonly others: readonly Part[]; readonly decide: readonly Part[] } => {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    return { others: [], decide: [[JSON.stringify(input)]] };
  const fields = Object.entries(input);
  const names = knownTool(provider, tool)?.decides ?? [];
  const deciding = names.flatMap((name) => fields.filter(([field]) => field === name));
  const parts = (all: typeof fields): readonly Part[] =>
    all.map(([name, value]) => partOf(fieldName(name), value));
  if (deciding.length === 0) return { others: [], decide: parts(fields) };
  return { others: parts(fields.filter((field) => !deciding.includes(field))), decide: parts(deciding) };
};

/** All lines of a tool's input, what decides last, with `between` above that. Where its paths lead decides, too. */
export const inputLines = (asked: AskedOf, between: readonly string[]): readonly string[] => {
  const { others, decide } = toolParts(asked);
  return [...others.flat(), ...between, ...decide.flat(), ...(asked.realPaths ?? []).map(realPathLine)];
};

const realPathLine = ({ field, realPath }: RealPath): string =>
  `${/^[\w.[\]]{1,100}$/.test(field) ? field : fieldName(field)} leads to: ${JSON.stringify(realPath)}`;

/** The values of a command that is too long for a line: an entry of a list or map is a part of its own. */
const commandParts = (
  shown: string,
): { readonly others: readonly Part[]; readonly decide: readonly Part[] } => {
  const parts = Object.entries(parsedArgs(shown)).flatMap(([name, value]) => {
    const flag = `--${name.replaceAll("_", "-")}`;
    const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
    const part = entries.map(([key, one]) => partOf(`${flag} ${fieldName(key)}`, one));
    return [{ name, parts: part.length === 0 ? [partOf(flag, value)] : part }];
  });
  const isOther = ({ name }: { readonly name: string }): boolean => explains(name);
  return {
    others: parts.filter(isOther).flatMap((one) => one.parts),
    decide: parts.filter((one) => !isOther(one)).flatMap((one) => one.parts),
  };
};

type Asked = Pick<Pending, "approval_id" | "kind" | "command" | "shown" | "consequence" | "preview">;

/** The lines of a card, between its title and its options. */
export const cardLines = (approval: Asked): CardLines => {
  const { approval_id: id, kind, command, shown, consequence, preview } = approval;
  const effects = [consequence, preview].flatMap((json) => parsedLines(json) ?? []);
  const said = partsIn(effects.map(harmless));
  if (kind === "tool") {
    // Without a provider it is of an older host.
    const asked = { provider: "", ...parsedArgs(shown) } as AskedOf;
    const count = toolParts(asked).decide.flat().length + (asked.realPaths ?? []).length;
    const lines = said.flat();
    const at = Math.max(lines.length - count, 0);
    return bounded(id, partsIn(lines.slice(0, at)), partsIn(lines.slice(at)));
  }
  // A question, or a message of a stranger.
  if (kind !== "command") return bounded(id, [], said);
  const line = commandLine(command, parsedArgs(shown));
  if (rowsOf(line) <= mostOfPart) return bounded(id, said, [[line]]);
  const { others, decide } = commandParts(shown);
  const safe = (parts: readonly Part[]): readonly Part[] => parts.map((part) => part.map(harmless));
  return bounded(id, [...said, ...safe(others)], [...safe(decide), [`ncl ${command}, with these values`]]);
};

/** Lines as parts: each line with the quoted lines that follow it. */
const partsIn = (lines: readonly string[]): readonly Part[] => {
  const parts: string[][] = [];
  for (const line of lines) {
    const last = parts.at(-1);
    if (line.startsWith("> ") && last !== undefined) last.push(line);
    else parts.push([line]);
  }
  return parts;
};

const bounded = (id: string, others: readonly Part[], decide: readonly Part[]): CardLines => {
  const above = cutParts(
    id,
    others.map((part) => cutPart(id, part, mostOfPart)),
    mostOthers,
  );
  const whole = decide.flat();
  const isAboveCut = above.join("\n") !== others.flat().join("\n");
  if (sum(whole.map(rowsOf)) <= mostDecisive)
    return { lines: [...above, ...whole], isCut: isAboveCut, decides: whole.length };
  const most = Math.max(Math.floor(mostDecisive / decide.length), mostOfPart);
  const cut = cutParts(
    id,
    decide.map((part) => cutPart(id, part, most)),
    mostDecisive,
  );
  const isCut = isAboveCut || cut.join("\n") !== whole.join("\n");
  return { lines: [...above, ...cut], isCut, decides: cut.length };
};

/** The first and the last parts that fit, and the number of those between them. */
const cutParts = (id: string, parts: readonly Part[], most: number): readonly string[] => {
  const rows = parts.map((part) => sum(part.map(rowsOf)));
  // The parts at both ends have at most two thirds of `most` each.
  if (sum(rows) <= most * 1.5) return parts.flat();
  const [head, tail] = ends(rows, most);
  const left = parts.slice(head, tail);
  return [
    ...parts.slice(0, head).flat(),
    ...(left.length === 0 ? [] : [more(id, left.length, "field", left.flat())]),
    ...parts.slice(tail).flat(),
  ];
};

/** A part of at most about `most` rows: its beginning, what is left out, and its end. */
const cutPart = (id: string, lines: Part, most: number): Part => {
  if (sum(lines.map(rowsOf)) <= most) return lines;
  const short = lines.map((line) => cutLine(id, line, most));
  const [head, tail] = ends(
    short.map((line) => sum(line.map(rowsOf))),
    most,
  );
  const left = lines.slice(head, tail);
  return [
    ...short.slice(0, head).flat(),
    ...(left.length === 0 ? [] : [more(id, left.length, "line", left)]),
    ...short.slice(tail).flat(),
  ];
};

const cutLine = (id: string, line: string, most: number): readonly string[] => {
  if (rowsOf(line) <= most) return [line];
  const width = Math.floor(((most - 1) * columns) / 2);
  const [head, rest] = split(line, width);
  const [end, middle] = split([...rest].reverse().join(""), width);
  const count = [...middle].length;
  return [
    head,
    `… ${count.toLocaleString("en")} more characters: ncl approvals get ${id}`,
    `> ${[...end].reverse().join("")}`,
  ];
};

/** How many elements at the beginning and at the end fit into half of the rows each; at least one of each. */
const ends = (rows: readonly number[], most: number): readonly [number, number] => {
  const fits = (list: readonly number[]): number => {
    let used = 0;
    const end = list.findIndex((count) => (used += count) > most / 2);
    return Math.max(end < 0 ? list.length : end, 1);
  };
  const head = fits(rows);
  return [head, Math.max(rows.length - fits(rows.toReversed()), head)];
};

const more = (id: string, count: number, what: "field" | "line", left: readonly string[]): string => {
  const characters = sum(left.map(({ length }) => length)).toLocaleString("en");
  return `… ${count.toLocaleString("en")} more ${what}${count === 1 ? "" : "s"}, ${characters} characters: ncl approvals get ${id}`;
};

/** A text in two, the first of at most this width. */
const split = (text: string, width: number): readonly [string, string] => {
  let [used, at] = [0, 0];
  for (const character of text) {
    used += widthOf(character);
    if (used > width) break;
    at += character.length;
  }
  return [text.slice(0, at), text.slice(at)];
};

/** Columns of a character; for other than ASCII the most that it may take. */
const widthOf = (character: string): number => (character <= "~" ? 1 : 2);

const rowsOf = (line: string): number => Math.max(1, Math.ceil(sum([...line].map(widthOf)) / columns));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** A label of an option: the whole of it is above. */
export const shortLabel = (label: string): string => {
  const [head, rest] = split(label, columns);
  return rest === "" ? label : `${head}…`;
};
