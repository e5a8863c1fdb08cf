import type { Names } from "./pages/decisions.ts";
import { textIn, type Row } from "./pages/tables.ts";
import type { AnswerAs } from "./visits.ts";

/** What groups and people are called, as far as the reader may list them. */
export const namesFor = async (answerAs: AnswerAs, userId: string | null): Promise<Names> => {
  const names = new Map<string, string>();
  for (const [command, column] of [
    ["groups-list", "name"],
    ["users-list", "display_name"],
  ] as const) {
    const frame = await answerAs(userId, command, {});
    for (const row of frame.ok ? (frame.data as readonly Row[]) : []) {
      const name = textIn(row[column]);
      if (name !== "") names.set(textIn(row["id"]), name);
    }
  }
  return names;
};
