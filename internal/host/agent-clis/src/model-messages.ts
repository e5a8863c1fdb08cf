import { visible } from "@gatehouse/std";
import type { UnknownName } from "./models.ts";

/** Explains that a provider's CLI does not know a model or an effort, and lists the known ones. */
export const describeUnknown = ({ field, value, near, known }: UnknownName, provider: string): string =>
  visible(
    [
      `The CLI of ${provider} knows no ${field} ${JSON.stringify(value)}.`,
      ...(near === null ? [] : [`Did you mean ${near}?`]),
      `It knows ${known.join(", ")}.`,
    ].join(" "),
  );
