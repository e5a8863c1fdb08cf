import type { Flag, FlagValue } from "../commands/command.ts";
import type { ArgProblem } from "../problems/problem.ts";
import type { Result } from "@gatehouse/std";
import { unsafeValue } from "./unsafe-value.ts";

type Parsed = Result<FlagValue, ArgProblem>;

const taken = (value: FlagValue): Parsed => ({ ok: true, value });
const refused = (error: ArgProblem): Parsed => ({ ok: false, error });
const wrongType = ({ name, type }: Flag): Parsed => refused({ code: "value-type", name, type });

const listed = (flag: Flag, values: readonly string[], parsed: FlagValue): Parsed => {
  const { name, values: allowed } = flag;
  if (allowed === undefined || values.every((value) => allowed.includes(value))) return taken(parsed);
  return refused({ code: "value-not-listed", name, values: allowed });
};

const inRange = (flag: Flag, value: number): Parsed => {
  const { name, min, max } = flag;
  if (value >= (min ?? -Infinity) && value <= (max ?? Infinity)) return taken(value);
  const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return refused({ code: "value-out-of-range", name, ...bounds });
};

const numberForms = { integer: /^-?\d{1,16}$/, number: /^-?\d{1,16}(\.\d{1,16})?$/ };

const parseNumber = (flag: Flag, form: "integer" | "number", value: unknown): Parsed => {
  const number = typeof value === "string" && numberForms[form].test(value) ? Number(value) : value;
  if (typeof number !== "number") return wrongType(flag);
  const whole = form === "number" || Number.isSafeInteger(number);
  // Adding 0 turns -0 into 0, because JSON has no -0.
  return whole ? inRange(flag, number + 0) : wrongType(flag);
};

const parseBoolean = (flag: Flag, value: unknown): Parsed => {
  if (typeof value === "boolean") return taken(value);
  if (value === "true" || value === "false") return taken(value === "true");
  return wrongType(flag);
};

/**
 * `a,b` and a repeated flag give the same list: the items between the commas, trimmed, without empty ones.
 */
const parseList = (flag: Flag, value: unknown): Parsed => {
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  if (!texts.every((text) => typeof text === "string")) return wrongType(flag);
  const items = texts.flatMap((text) => text.split(",")).map((item) => item.trim());
  const kept = items.filter((item) => item !== "");
  return listed(flag, kept, kept);
};

/**
 * Reports the position at which the text stops being JSON. The rest of the parser's message is dropped: it
 * quotes the value, which may be a secret.
 */
const malformed = ({ name, example }: Flag, text: string, { message }: SyntaxError): Parsed => {
  const place = / at position (\d+)/.exec(message)?.[1];
  const end = message.startsWith("Unexpected end") ? text.length : null;
  return refused({
    code: "json-malformed",
    name,
    at: place === undefined ? end : Number(place),
    length: text.length,
    example: example ?? `'{"NAME":"value"}'`,
  });
};

const parseJson = (flag: Flag, value: unknown): Parsed => {
  let parsed = value;
  if (typeof value === "string") {
    try {
      parsed = JSON.parse(value);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return malformed(flag, value, error);
    }
  }
  const unsafe = unsafeValue(parsed);
  if (unsafe !== null) return refused({ code: "value-unsafe", name: flag.name, unsafe });
  return taken(parsed as FlagValue);
};

/** Parses the value of one flag by the flag's type. */
export const parseValue = (flag: Flag, value: unknown): Parsed => {
  if (value === true && flag.type !== "boolean") return refused({ code: "value-missing", name: flag.name });
  if (Array.isArray(value) && flag.type !== "list" && flag.type !== "json")
    return refused({ code: "flag-repeated", name: flag.name });
  switch (flag.type) {
    case "string":
      return typeof value === "string" ? listed(flag, [value], value) : wrongType(flag);
    case "integer":
    case "number":
      return parseNumber(flag, flag.type, value);
    case "boolean":
      return parseBoolean(flag, value);
    case "list":
      return parseList(flag, value);
    case "json":
      return parseJson(flag, value);
  }
};
