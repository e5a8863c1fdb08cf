import { parseJson, visible, visibleLines } from "@gatehouse/std";

/** Formats a line of the log for a person: time, event, and its fields as `name=value`. */
export const shownLine = (line: string): string => {
  const fields = fieldsOf(line);
  if (fields === null) return visible(line);
  const { time, event, err } = fields;
  const stack =
    typeof err === "object" && err !== null && "stack" in err ? `\n${visibleLines(String(err.stack))}` : "";
  const shownFields = Object.entries(fields)
    .filter(([name]) => !shownOtherwise.has(name))
    .map(([name, value]) => `${name}=${textOf(value)}`);
  return `${[String(time), String(event), ...shownFields].map((word) => visible(word)).join(" ")}${stack}`;
};

const shownOtherwise = new Set(["time", "event", "err", "level", "pid"]);

const textOf = (value: unknown): string =>
  typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);

const fieldsOf = (line: string): Readonly<Record<string, unknown>> | null => {
  const value = parseJson(line);
  return typeof value === "object" ? (value as Record<string, unknown> | null) : null;
};
