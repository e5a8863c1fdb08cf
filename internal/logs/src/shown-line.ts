import { visible } from "@gatehouse/std";

/** A line of the log as a person reads it: time, event, and its fields as `name=value`. */
export const shownLine = (line: string): string => {
  const fields = fieldsOf(line);
  if (fields === null) return visible(line);
  const { time, event, err } = fields;
  const stack = typeof err === "object" && err !== null && "stack" in err ? `\n${String(err.stack)}` : "";
  const said = Object.entries(fields)
    .filter(([name]) => !shownOtherwise.has(name))
    .map(([name, value]) => `${name}=${textOf(value)}`);
  return `${[String(time), String(event), ...said].map((word) => visible(word)).join(" ")}${stack}`;
};

const shownOtherwise = new Set(["time", "event", "err", "level", "pid"]);

const textOf = (value: unknown): string =>
  typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);

const fieldsOf = (line: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};
